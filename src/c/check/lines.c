/* lines.c: reads .debug_line of every compilation unit. */
#include <stdlib.h>

#include "src/c/check/lines.h"

static void add_row(struct lines *lines, Dwarf_Line *line)
{
    Dwarf_Addr address;
    int number;
    bool end;
    if (dwarf_lineaddr(line, &address) != 0 || dwarf_lineno(line, &number) != 0 ||
        dwarf_lineendsequence(line, &end) != 0)
        return;
    if (lines->count == lines->room) {
        size_t room = 2 * lines->room + 1024;
        struct line_row *more = realloc(lines->rows, room * sizeof *more);
        if (more == NULL)
            return;
        lines->rows = more;
        lines->room = room;
    }
    lines->rows[lines->count++] =
        (struct line_row){address, end ? NULL : dwarf_linesrc(line, NULL, NULL), number};
}

/* Where a sequence ends and another begins, the beginning comes last and is found. */
static int by_address(const void *a, const void *b)
{
    const struct line_row *left = a, *right = b;
    if (left->address != right->address)
        return left->address < right->address ? -1 : 1;
    return (left->file != NULL) - (right->file != NULL);
}

void lines_open(struct lines *lines, Elf *elf)
{
    Dwarf_Off offset = 0, next;
    size_t header_bytes;
    *lines = (struct lines){.dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL)};
    if (lines->dwarf == NULL)
        return;
    while (dwarf_nextcu(lines->dwarf, offset, &next, &header_bytes, NULL, NULL, NULL) == 0) {
        Dwarf_Die unit;
        Dwarf_Lines *table;
        size_t count;
        if (dwarf_offdie(lines->dwarf, offset + header_bytes, &unit) != NULL &&
            dwarf_getsrclines(&unit, &table, &count) == 0)
            for (size_t i = 0; i < count; i++)
                add_row(lines, dwarf_onesrcline(table, i));
        offset = next;
    }
    if (lines->rows != NULL)
        qsort(lines->rows, lines->count, sizeof *lines->rows, by_address);
}

void lines_close(struct lines *lines)
{
    free(lines->rows);
    if (lines->dwarf != NULL)
        dwarf_end(lines->dwarf);
}

const struct line_row *lines_find(const struct lines *lines, uint64_t address)
{
    size_t low = 0, high = lines->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->rows[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 || lines->rows[low - 1].file == NULL ? NULL : &lines->rows[low - 1];
}
