/* explain.h: `contig explain`: from a requirement to its evidence, and from a function to its requirements.
 *
 * Keeps: nothing; it prints what was found in the tree when it was built.  Called by src/cli and by the test. */
#ifndef CONTIG_EXPLAIN_EXPLAIN_H
#define CONTIG_EXPLAIN_EXPLAIN_H

#include <stdbool.h>

/* Reads a command line; argv[0] is `explain`.  Returns as arguments_take of src/command/arguments.h does; the name is
 * argv[1] unless *all is set. */
int explain_options(int argc, char **argv, bool *all);

/* 0: printed; 1: there is no such requirement or function; 2: wrong use. */
int explain_main(int argc, char **argv);

#endif
