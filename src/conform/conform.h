/* conform.h: the `conform` command: replays traces and reports the first deviation of each.
 *
 * Usage and exit status: spec/trace.md.  Called by main.c here and by the contig command. */
#ifndef CONTIG_CONFORM_CONFORM_H
#define CONTIG_CONFORM_CONFORM_H

/* argv[0] is the name of the command; returns the exit status. */
int conform_main(int argc, char **argv);

#endif
