/* lines.h: file and line of an address, from .debug_line.
 *
 * Called for refusals and by table.c. */
#ifndef CONTIG_C_CHECK_LINES_H
#define CONTIG_C_CHECK_LINES_H

#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

struct line_row {
    uint64_t address;
    const char *file; /* NULL: here a sequence ends */
    int line;
};

struct lines {
    Dwarf *dwarf;
    size_t count, room;
    struct line_row *rows; /* by address */
};

/* A program without lines has none; that is no error. */
void lines_open(struct lines *lines, Elf *elf);
void lines_close(struct lines *lines);

/* NULL if the address has no line. */
const struct line_row *lines_find(const struct lines *lines, uint64_t address);

#endif
