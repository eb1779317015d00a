/* explain.h: `contig explain`: from a requirement to its evidence, and from a function to its requirements.
 *
 * Keeps: nothing; it prints what was found in the tree when it was built.  Called by src/cli and by the test. */
#ifndef CONTIG_EXPLAIN_EXPLAIN_H
#define CONTIG_EXPLAIN_EXPLAIN_H

/* argv without program and command name.  0: printed; 1: there is no such requirement or function; 2: wrong use. */
int explain_main(int argc, char **argv);

#endif
