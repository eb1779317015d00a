/* command.h: `contig conform` for a program that has the core's tables, so that --moves can be asked for. */
#ifndef CONTIG_CONFORM_MOVES_COMMAND_H
#define CONTIG_CONFORM_MOVES_COMMAND_H

/* As conform_main of src/conform/conform.h. */
int conform_moves_main(int argc, char **argv);

#endif
