/* table.h: the site table of a program, as assembly that is linked to it, and as it is found there.
 *
 * Rows have the form that src/runtime/arch/x86_64/frame.h writes and src/runtime/sites.c reads.  Called by main.c. */
#ifndef CONTIG_C_CHECK_TABLE_H
#define CONTIG_C_CHECK_TABLE_H

#include <stdio.h>

#include "src/c/check/lines.h"
#include "src/c/check/rules.h"

/* The length of a function's name in the source: the plugin calls a part of a function by that, and what part it is. */
size_t source_name_length(const char *name);

/* CFRAME-28: writes the table as a file of assembly. */
void table_write(FILE *out, const struct program *program, const struct sites *sites,
                 const struct lines *lines);

/* CFRAME-29: the rows in the program that lie in goroutine C are exactly these.  Refuses what is not. */
void table_verify(struct program *program, const struct sites *sites);

#endif
