/* verify.c: compares the table that is in a program with the one that its code asks for.  CFRAME-29. */
#include <stdlib.h>
#include <string.h>

#include "src/c/check/table.h"
#include "src/runtime/arch/x86_64/layout.h"

/* As src/runtime/sites.c reads them: each address is relative to the place of the field itself. */
struct function_row {
    int32_t begin, end, name, file;
    int32_t line, frame_bytes, argument_words;
};

struct site_row {
    int32_t pc, function;
    int32_t line, frame_words, span_words;
    int32_t kind;
    int32_t pointers, objects;
};

_Static_assert(sizeof(struct function_row) == FUNCTION_RECORD_BYTES, "layout.h");

/* A field of a row, as the address that it means. */
static uint64_t target(uint64_t row, size_t field, int32_t value)
{
    return row + field + (uint64_t)(int64_t)value;
}

static bool is_zero(const struct image *image, uint64_t address, uint64_t count)
{
    uint64_t available;
    const uint8_t *bytes = image_bytes(image, address, &available);
    if (bytes == NULL || available < count)
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static bool function_row_fits(const struct program *program, uint64_t place,
                              const struct function *function)
{
    uint64_t available;
    struct function_row row;
    const uint8_t *bytes = image_bytes(&program->image, place, &available);
    if (bytes == NULL || available < sizeof row)
        return false;
    memcpy(&row, bytes, sizeof row);
    uint64_t name = target(place, offsetof(struct function_row, name), row.name);
    size_t length = source_name_length(function->name);
    const uint8_t *text = image_bytes(&program->image, name, &available);
    return target(place, offsetof(struct function_row, begin), row.begin) == function->begin &&
           target(place, offsetof(struct function_row, end), row.end) == function->end &&
           row.frame_bytes == function->frame_bytes && row.argument_words == 0 && text != NULL &&
           available > length && memcmp(text, function->name, length) == 0 && text[length] == 0;
}

static bool site_row_fits(const struct program *program, uint64_t place, const struct site_row *row,
                          const struct site *site)
{
    uint64_t map = target(place, offsetof(struct site_row, pointers), row->pointers);
    uint64_t map_bytes = ((uint64_t)(uint32_t)row->span_words + 31) / 32 * 4;
    uint64_t function = target(place, offsetof(struct site_row, function), row->function);
    return row->frame_words == site->frame_words && row->span_words == site->frame_words + 2 &&
           row->kind == SITE_BARE && row->objects == 0 &&
           is_zero(&program->image, map, map_bytes) &&
           function_row_fits(program, function, &program->functions[site->function]);
}

static int by_pc(const void *key, const void *row)
{
    uint64_t pc = *(const uint64_t *)key;
    const struct site *site = row;
    return pc < site->pc ? -1 : pc > site->pc;
}

static void verify_row(struct program *program, const struct sites *sites, uint64_t place,
                       const struct site_row *row, uint8_t *found)
{
    uint64_t pc = target(place, offsetof(struct site_row, pc), row->pc);
    const struct site *site = NULL;
    if (sites->rows != NULL)
        site = bsearch(&pc, sites->rows, sites->count, sizeof *sites->rows, by_pc);
    if (site == NULL || found[site - sites->rows]++ > 0) {
        int32_t number = program_function_of(program, pc);
        refuse(program, number < 0 ? "?" : program->functions[number].name, pc,
               "the site table has a row for a place that is no site, or two; make the table "
               "again, with --table");
        return;
    }
    if (!site_row_fits(program, place, row, site))
        refuse(program, program->functions[site->function].name, pc,
               "the row of the site table is not the one that the code asks for; make the table "
               "again, with --table");
}

void table_verify(struct program *program, const struct sites *sites)
{
    const struct section *table = image_section(&program->image, "contig_sites");
    uint8_t *found = calloc(sites->count + 1, 1);
    uint64_t size = table == NULL || table->bytes == NULL ? 0 : table->size;
    for (uint64_t at = 0; found != NULL && at + sizeof(struct site_row) <= size;
         at += sizeof(struct site_row)) {
        struct site_row row;
        memcpy(&row, table->bytes + at, sizeof row);
        uint64_t pc = table->address + at + (uint64_t)(int64_t)row.pc;
        /* Rows of assembly's are the runtime's own affair; a return address may be where the section ends. */
        if (image_in_text(&program->image, pc - 1))
            verify_row(program, sites, table->address + at, &row, found);
    }
    for (size_t i = 0; i < sites->count && found != NULL; i++)
        if (found[i] == 0)
            refuse(program, program->functions[sites->rows[i].function].name, sites->rows[i].pc,
                   "the site table has no row for this place; make the table again, with --table");
    free(found);
}
