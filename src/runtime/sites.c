/* sites.c: from the sections that frame.h wrote to the core's site table, and from a return address to a line.
 *
 * Read once by contig_start; the core checks and indexes what it is given, so that a malformed table is an error
 * here and never a wrong move later. */
#include <stdlib.h>
#include <string.h>

#include "src/core/move/site_table.h"
#include "src/runtime/runtime.h"

/* As written by frame.h: every address is relative to the place of the field itself. */
struct function_record {
    int32_t entry, end, name, file;
    int32_t line;
    int32_t frame_bytes;
    int32_t argument_words;
};

_Static_assert(sizeof(struct function_record) == FUNCTION_RECORD_BYTES, "layout.h");

struct site_record {
    int32_t pc, function;
    int32_t line;
    int32_t frame_words, span_words;
    int32_t kind;              /* SITE_FRAMED, SITE_BOTTOM, SITE_BARE */
    int32_t pointers, objects; /* masks; objects: 0 if there are none */
};

extern const struct site_record __start_contig_sites[], __stop_contig_sites[];
extern const struct function_record __start_contig_functions[], __stop_contig_functions[];

static uint64_t address_of(const int32_t *field)
{
    return (uint64_t)(uintptr_t)field + (uint64_t)(int64_t)*field;
}

static const void *pointer_of(const int32_t *field)
{
    return (const char *)field + *field;
}

static uint64_t lowest_return_pc(void)
{
    uint64_t lowest = UINT64_MAX;
    for (const struct site_record *record = __start_contig_sites; record < __stop_contig_sites;
         record++)
        if (address_of(&record->pc) < lowest)
            lowest = address_of(&record->pc);
    return lowest;
}

static uint32_t mask_words(const struct site_record *record)
{
    return ((uint32_t)record->span_words + 31) / 32;
}

/* Mask words that a row keeps in the table of maps: those behind the two that stand in the row, and objects. */
static size_t map_words_of(const struct site_record *record)
{
    size_t words = mask_words(record);
    return (words > 2 ? words - 2 : 0) + (record->objects != 0 ? words : 0);
}

static void site_fill(struct site *site, const struct site_record *record, int32_t *maps,
                      size_t *used, uint64_t text_base)
{
    const int32_t *pointers = pointer_of(&record->pointers);
    uint32_t words = mask_words(record);
    site->pc = (int32_t)(address_of(&record->pc) - text_base);
    site->frame_words = record->frame_words;
    site->span_words = record->span_words;
    /* No kind of these is both, which the core refuses. */
    site->bottom = record->kind != SITE_FRAMED && record->kind != SITE_BARE ? 1 : 0;
    site->bare = record->kind != SITE_FRAMED && record->kind != SITE_BOTTOM ? 1 : 0;
    site->pointers_low = pointers[0];
    site->pointers_high = words > 1 ? pointers[1] : 0;
    site->pointers_more = (int32_t)*used;
    for (uint32_t i = 2; i < words; i++)
        maps[(*used)++] = pointers[i];
    site->objects = -1;
    if (record->objects != 0) {
        site->objects = (int32_t)*used;
        memcpy(maps + *used, pointer_of(&record->objects), words * sizeof *maps);
        *used += words;
    }
}

enum contig_error contig_sites_start(char *message)
{
    size_t count = (size_t)(__stop_contig_sites - __start_contig_sites), map_words = 0, used = 0;
    for (size_t i = 0; i < count; i++)
        map_words += map_words_of(&__start_contig_sites[i]);
    struct site *table = calloc(count, sizeof *table);
    int32_t *maps = calloc(map_words + 1, sizeof *maps);
    enum contig_error error = CONTIG_OK;
    if (table == NULL || maps == NULL) {
        strcpy(message, "no memory to read the site table");
        error = CONTIG_OUT_OF_MEMORY;
    } else {
        uint64_t text_base = lowest_return_pc();
        for (size_t i = 0; i < count; i++)
            site_fill(&table[i], &__start_contig_sites[i], maps, &used, text_base);
        if (sites_register(table, (uint32_t)count, maps, (uint32_t)map_words, text_base) !=
            STACK_OK) {
            strcpy(message, "the site table that this program was linked with is malformed");
            error = CONTIG_BAD_SITE_TABLE;
        }
    }
    free(table);
    free(maps);
    return error;
}

bool (*contig_sites_position_of_made_code)(uint64_t return_pc, struct source_position *position);

/* The place of a linked site, or NULL. */
static const struct site_record *record_of(int32_t index)
{
    return index >= 0 && index < __stop_contig_sites - __start_contig_sites
               ? &__start_contig_sites[index]
               : NULL;
}

bool contig_sites_position(uint64_t return_pc, struct source_position *position)
{
    int32_t index = site_find(return_pc);
    const struct site_record *record = record_of(index);
    if (record == NULL)
        return index >= 0 && contig_sites_position_of_made_code != NULL &&
               contig_sites_position_of_made_code(return_pc, position);
    const struct function_record *function = pointer_of(&record->function);
    position->function = pointer_of(&function->name);
    position->file = pointer_of(&function->file);
    position->line = record->line;
    position->entry = address_of(&function->entry);
    position->frame_bytes = (uint32_t)function->frame_bytes;
    position->argument_words = (uint32_t)function->argument_words;
    return true;
}

bool contig_sites_frame_bytes(uint64_t return_pc, uint64_t *frame_bytes)
{
    struct source_position position;
    const struct site_record *record = record_of(site_find(return_pc));
    if (record != NULL) {
        const struct function_record *function = pointer_of(&record->function);
        *frame_bytes = (uint32_t)function->frame_bytes;
        return true;
    }
    bool known = contig_sites_position(return_pc, &position);
    *frame_bytes = known ? position.frame_bytes : 0;
    return known;
}

const char *contig_function_name(uint64_t entry)
{
    for (const struct function_record *record = __start_contig_functions;
         record < __stop_contig_functions; record++)
        if (address_of(&record->entry) == entry)
            return pointer_of(&record->name);
    return "unknown function";
}
