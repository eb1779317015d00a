/* output.h: how every part of the contig command prints, complains, and finishes.
 *
 * Output that cannot be written is never lost without a word: output_finish is the last call of every program and of
 * every child, and turns any status into EXIT_USE if the standard output did not take all of it.  Names and other text
 * of a user reach the terminal without control characters.  ERR-5. */
#ifndef CONTIG_COMMAND_OUTPUT_H
#define CONTIG_COMMAND_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#define EXIT_OK 0
#define EXIT_WRONG 1 /* the thing asked about is not as it should be */
#define EXIT_USE 2   /* wrong use, bad input, or the system refused: nothing was decided */

/* First call of main.  Descriptors 0 to 2 that were closed are taken, so that no file that is opened later gets one of
 * them; reading or writing them fails.  A file-size limit becomes an error of the write that meets it. */
void output_begin(void);

/* Writes out what was printed; false after a sentence if the standard output did not take it. */
bool output_written(void);

/* Last call: closes the standard output.  Returns `status`, or EXIT_USE after a sentence. */
int output_finish(int status);

/* One line on the standard error, "contig: " and the sentence, control characters shown as \xNN.  Returns EXIT_USE. */
__attribute__((format(printf, 1, 2))) int complain(const char *format, ...);

/* Where complaints go from now on; NULL: the standard error.  For tests. */
void complain_to(FILE *file);

/* The text with control characters as \xNN, so that a name cannot command the terminal or begin a line. */
void print_visible(FILE *out, const char *text);

/* The text as a JSON string; bytes that are no UTF-8 become U+FFFD. */
void print_json_string(FILE *out, const char *text);

#endif
