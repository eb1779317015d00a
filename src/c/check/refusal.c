/* refusal.c: keeps and prints refusals. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/c/check/function.h"
#include "src/c/check/lines.h"
#include "src/command/output.h"

/* No sentence is longer, but for names, which are cut. */
#define SENTENCE_BYTES 600

void refuse(struct program *program, const char *function, uint64_t address, const char *format,
            ...)
{
    struct refusals *refusals = &program->refusals;
    va_list arguments;
    if (refusals->count == refusals->room) {
        size_t room = 2 * refusals->room + 64;
        struct refusal *more = realloc(refusals->rows, room * sizeof *more);
        if (more == NULL)
            exit(complain("there is no memory to check the program"));
        refusals->rows = more;
        refusals->room = room;
    }
    char *sentence = malloc(SENTENCE_BYTES);
    if (sentence == NULL)
        exit(complain("there is no memory to check the program"));
    va_start(arguments, format);
    vsnprintf(sentence, SENTENCE_BYTES, format, arguments);
    va_end(arguments);
    refusals->rows[refusals->count++] = (struct refusal){address, function, sentence};
}

static int by_address(const void *a, const void *b)
{
    const struct refusal *left = a, *right = b;
    if (left->address != right->address)
        return left->address < right->address ? -1 : 1;
    return strcmp(left->sentence, right->sentence);
}

size_t refusals_print(struct refusals *refusals, const struct lines *lines)
{
    size_t printed = 0;
    if (refusals->rows != NULL)
        qsort(refusals->rows, refusals->count, sizeof *refusals->rows, by_address);
    for (size_t i = 0; i < refusals->count; i++) {
        const struct refusal *row = &refusals->rows[i];
        const struct line_row *line = lines_find(lines, row->address);
        if (i > 0 && by_address(row, row - 1) == 0)
            continue;
        print_visible(stdout, line == NULL ? "?" : line->file);
        printf(":%d: function ", line == NULL ? 0 : line->line);
        print_visible(stdout, row->function);
        printf(" at 0x%" PRIx64 ": ", row->address);
        print_visible(stdout, row->sentence);
        printf(".\n");
        printed++;
    }
    return printed;
}

void refusals_free(struct refusals *refusals)
{
    for (size_t i = 0; i < refusals->count; i++)
        free(refusals->rows[i].sentence);
    free(refusals->rows);
}
