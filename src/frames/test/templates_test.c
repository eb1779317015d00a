/* templates_test.c: the fields of each template are where its instructions leave room, and nowhere else.
 *
 * Rows and code stand one behind the other, in the order of templates.S: every byte of code is one of a template, and a
 * field is a place that holds what an unfilled one holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/frames/code.h"

extern const uint8_t frames_template_rows[], frames_template_rows_end[];

static uint32_t rows, fields, places;

static void expect(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "templates_test: template %u: %s\n", rows, what);
    exit(1);
}

static bool holds_later(const uint8_t *at, uint32_t bytes)
{
    const uint64_t later = TEMPLATE_LATER_ADDRESS;
    return memcmp(at, &later, bytes) == 0;
}

/* Returns where the next row begins. */
static const uint8_t *row_checked(const struct code_template *row)
{
    const uint8_t *code = frames_code_templates + row->start;
    const struct template_field *field = row->fields;
    uint32_t filled = 0, unfilled = 0, end = 0;
    for (; field->kind != TEMPLATE_END; field++) {
        uint32_t bytes = field->kind == TEMPLATE_ADDRESS ? 8 : 4;
        expect(field->kind <= TEMPLATE_DISTANCE, "a field of no kind");
        expect(field->offset + bytes <= row->bytes, "a field ends behind the template");
        expect(holds_later(code + field->offset, bytes), "a field is where none was left");
        expect(field->offset >= end, "a field lies over the one before it");
        end = field->offset + bytes;
        filled += bytes;
        fields++;
    }
    for (uint32_t i = 0; i < row->bytes; i++)
        unfilled += code[i] == (uint8_t)TEMPLATE_LATER;
    expect(filled == unfilled, "a place is filled in by no field");
    places += unfilled;
    return (const uint8_t *)(field + 1);
}

int main(void)
{
    uint32_t start = 0;
    for (const uint8_t *at = frames_template_rows; at != frames_template_rows_end; rows++) {
        const struct code_template *row = (const void *)at;
        expect(at < frames_template_rows_end, "the rows do not end where they should");
        expect(row->start == start, "its code does not begin where the one before it ends");
        start += row->bytes;
        at = row_checked(row);
    }
    expect(rows >= 20 && fields >= 40, "too little was looked at");
    printf("%u templates of %u bytes, %u of which are in %u fields\n", rows, start, places, fields);
    return 0;
}
