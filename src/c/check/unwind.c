/* unwind.c: reads .eh_frame. */
#include <dwarf.h>
#include <stdlib.h>

#include "src/c/check/code.h"
#include "src/c/check/unwind.h"

/* Numbers that the unwind table uses for rax rcx rdx rbx rsp rbp rsi rdi; the others are the same. */
static int dwarf_number(unsigned number)
{
    static const uint8_t numbers[] = {0, 2, 1, 3, 7, 6, 4, 5};
    return number < sizeof numbers ? numbers[number] : (int)number;
}

void unwind_open(struct unwind *unwind, Elf *elf)
{
    *unwind = (struct unwind){.table = dwarf_getcfi_elf(elf)};
}

void unwind_close(struct unwind *unwind)
{
    free(unwind->frame);
    if (unwind->table != NULL)
        dwarf_cfi_end(unwind->table);
}

static bool find_frame(struct unwind *unwind, uint64_t address)
{
    if (unwind->frame != NULL && address >= unwind->begin && address < unwind->end)
        return true;
    free(unwind->frame);
    unwind->frame = NULL;
    if (unwind->table == NULL || dwarf_cfi_addrframe(unwind->table, address, &unwind->frame) != 0) {
        unwind->frame = NULL;
        return false;
    }
    if (dwarf_frame_info(unwind->frame, &unwind->begin, &unwind->end, NULL) < 0)
        unwind->begin = unwind->end = 0;
    return true;
}

bool unwind_frame(struct unwind *unwind, uint64_t address, int64_t *offset)
{
    Dwarf_Op *operations;
    size_t count;
    if (!find_frame(unwind, address) || dwarf_frame_cfa(unwind->frame, &operations, &count) != 0 ||
        count != 1 || operations[0].atom != DW_OP_bregx ||
        operations[0].number != (Dwarf_Word)dwarf_number(RSP))
        return false;
    *offset = (int64_t)operations[0].number2;
    return true;
}

enum unwind_place unwind_register(struct unwind *unwind, uint64_t address, unsigned number,
                                  int64_t *offset)
{
    Dwarf_Op room[3], *operations;
    size_t count;
    if (!find_frame(unwind, address) ||
        dwarf_frame_register(unwind->frame, dwarf_number(number), room, &operations, &count) != 0)
        return UNWIND_UNKNOWN;
    /* A callee-saved register without a row is kept; libdw knows that of all but rbx. */
    if (count == 0)
        return UNWIND_KEPT;
    if (operations[0].atom != DW_OP_call_frame_cfa || count > 2)
        return UNWIND_UNKNOWN;
    *offset = 0;
    if (count == 2 && operations[1].atom != DW_OP_plus_uconst)
        return UNWIND_UNKNOWN;
    if (count == 2)
        *offset = (int64_t)operations[1].number;
    return UNWIND_SAVED;
}
