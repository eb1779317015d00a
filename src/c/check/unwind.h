/* unwind.h: what the compiler's unwind table (.eh_frame) says about a place, read by libdw.
 *
 * Called by data_flow.c and rules.c, which compare it with the code. */
#ifndef CONTIG_C_CHECK_UNWIND_H
#define CONTIG_C_CHECK_UNWIND_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

struct unwind {
    Dwarf_CFI *table;
    Dwarf_Frame *frame; /* the last one that was asked for, and where it holds */
    Dwarf_Addr begin, end;
};

enum unwind_place {
    UNWIND_UNKNOWN,
    UNWIND_KEPT,  /* the register is unchanged */
    UNWIND_SAVED, /* in a word of the stack */
};

void unwind_open(struct unwind *unwind, Elf *elf);
void unwind_close(struct unwind *unwind);

/* The caller's stack pointer (CFA), as an offset from the stack pointer.  False if it is said otherwise, or nothing is
 * said. */
bool unwind_frame(struct unwind *unwind, uint64_t address, int64_t *offset);

/* Where a register of the caller is; the offset counts from the CFA.  `number` is the encoding's. */
enum unwind_place unwind_register(struct unwind *unwind, uint64_t address, unsigned number,
                                  int64_t *offset);

#endif
