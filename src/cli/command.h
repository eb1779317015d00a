/* command.h: what the files of the contig command share: exit statuses, options, output, progress. */
#ifndef CONTIG_CLI_COMMAND_H
#define CONTIG_CLI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define EXIT_OK 0
#define EXIT_WRONG 1 /* the thing asked about is not as it should be */
#define EXIT_USE 2   /* wrong use, bad input, or the system refused */

/* Options that demos and replay share. */
struct command_options {
    bool check;
    bool json;
    const char *trace;    /* file name, "-" for standard output, or NULL */
    uint64_t arena_bytes; /* 0: the usual */
};

/* Takes --check, --trace[=FILE], --json and --arena=BYTES out of argv; the rest moves to the front.  Returns the
 * number left, or -1 after a message about an option that is unknown or malformed. */
int options_take(int argc, char **argv, struct command_options *options);

/* A number of bytes or of things: decimal or 0x, up to `maximum`.  False after a message that names `what`. */
bool number_take(const char *text, const char *what, uint64_t maximum, uint64_t *number);

/* Starts the runtime with these options; false after a message. */
bool runtime_begin(const struct command_options *options, bool quiet);

/* Stops it and closes the trace; false after a message, if a byte of stack was not given back or the trace could
 * not be written. */
bool runtime_finish(void);

/* Called by the runtime after each move, if set. */
extern void (*command_moved)(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes);

/* A line on standard error at most once a second, and not before two seconds have passed since progress_begin. */
void progress_begin(const char *what);
void progress_step(uint64_t done, uint64_t all);

/* Results, as lines of text or as one JSON object per demonstration. */
void result_begin(bool json, const char *name);
void result_number(const char *key, uint64_t value);
void result_text(const char *key, const char *value);
void result_row(const char *kind, uint64_t from, uint64_t to, uint64_t used); /* one move of a stack */
void result_end(bool passed);

/* Peak resident memory of this process in bytes, from the system. */
uint64_t peak_memory_bytes(void);

int demo_main(int argc, char **argv);
int replay_main(int argc, char **argv);

#endif
