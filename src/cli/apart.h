/* apart.h: runs contig_stacks, the program beside this one, in place of this process. */
#ifndef CONTIG_CLI_APART_H
#define CONTIG_CLI_APART_H

/* argv[0] is the name of the command.  Returns only if the program cannot be run: EXIT_USE after a sentence that says
 * how many bytes of addresses it needs if that is why. */
int stacks_main(int argc, char **argv);

#endif
