/* arguments.h: the one reader of command lines: options, their values, and operands, in any order.
 *
 * Every option of every command is a row of a table, is spelled in full, and takes its value as --name=VALUE or
 * --name VALUE.  What is wrong is named in one sentence on the standard error.  Of an option that is given twice the
 * last one counts.  ERR-6.  Called by each command before it does anything. */
#ifndef CONTIG_COMMAND_ARGUMENTS_H
#define CONTIG_COMMAND_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,     /* place: bool */
    OPTION_NUMBER,   /* place: uint64_t; decimal, from least to most */
    OPTION_TEXT,     /* place: const char * */
    OPTION_OPTIONAL, /* place: const char *; without =VALUE it is `otherwise` */
};

struct option_form {
    const char *name; /* without the two dashes */
    enum option_kind kind;
    void *place;
    uint64_t least, most;
    const char *otherwise;
};

#define ARGUMENTS_MAX 32
#define ARGUMENTS_WRONG (-1) /* after a sentence */
#define ARGUMENTS_HELP (-2)  /* --help stands somewhere before -- */

/* Fills the places.  argv[0] is the name of the command; the operands move to argv[1] and behind it.  Returns how many
 * operands there are, ARGUMENTS_WRONG or ARGUMENTS_HELP.  `count` is less than ARGUMENTS_MAX. */
int arguments_take(int argc, char **argv, const struct option_form *forms, size_t count);

/* A number, decimal, from `least` to `most`.  False after a sentence that names the command and `what`. */
bool argument_number(const char *command, const char *what, const char *text, uint64_t least,
                     uint64_t most, uint64_t *number);

/* True if a file can be read, as far as that can be known without opening it.  False after a sentence. */
bool argument_readable(const char *command, const char *name);

#endif
