/* program.h: the command line of a program that is no command of contig: a test with arguments, a measure.
 *
 * Read by arguments.c; what is wrong ends the program with one sentence and EXIT_USE.  Called by main, first. */
#ifndef CONTIG_COMMAND_PROGRAM_H
#define CONTIG_COMMAND_PROGRAM_H

#include <stdlib.h>

#include "src/command/arguments.h"
#include "src/command/output.h"

/* Fills the places of the options, and returns how many operands argv[1] begins; they are `least` or more. */
static inline int program_arguments(char *name, const char *usage, int argc, char **argv,
                                    const struct option_form *forms, size_t count, int least)
{
    if (argc > 0)
        argv[0] = name;
    int operands = arguments_take(argc, argv, forms, count);
    if (operands == ARGUMENTS_HELP) {
        printf("usage: %s %s\n", name, usage);
        exit(output_finish(EXIT_OK));
    }
    if (operands == ARGUMENTS_WRONG)
        exit(EXIT_USE);
    if (operands < least)
        exit(complain("%s: an argument is missing; usage: %s %s", name, name, usage));
    return operands;
}

/* For operands that are files, and that are all there are. */
static inline void program_files(char **argv, int operands)
{
    for (int i = 1; i <= operands; i++)
        if (!argument_readable(argv[0], argv[i]))
            exit(EXIT_USE);
}

#endif
