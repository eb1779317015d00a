/* table.c: writes the site table.
 *
 * Addresses are relative to the place that they stand in, and counted from __executable_start, so that the table needs
 * no relocation by the loader and no symbol of a local function. */
#include <inttypes.h>
#include <string.h>

#include "src/c/check/table.h"
#include "src/runtime/arch/x86_64/layout.h"

static void write_string(FILE *out, const char *text, size_t length)
{
    fputs("    .asciz \"", out);
    for (; length > 0; text++, length--) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ' || c > '~' || c == '"' || c == '\\')
            fprintf(out, "\\%03o", c);
        else
            fputc(c, out);
    }
    fputs("\"\n", out);
}

size_t source_name_length(const char *name)
{
    const char *part = strrchr(name, '.');
    bool known = part != NULL && (strcmp(part, ".slow") == 0 || strcmp(part, ".body") == 0);
    return known ? (size_t)(part - name) : strlen(name);
}

static void write_address(FILE *out, const struct program *program, uint64_t address)
{
    fprintf(out, "    .long __executable_start + 0x%" PRIx64 " - .\n",
            address - program->image.base);
}

static void write_function(FILE *out, const struct program *program, const struct lines *lines,
                           size_t number)
{
    const struct function *function = &program->functions[number];
    const struct line_row *line = lines_find(lines, function->begin);
    const char *file = line == NULL ? function->file : line->file;
    fprintf(out, "    .section contig_names, \"aMS\", @progbits, 1\n.Lname%zu:\n", number);
    write_string(out, function->name, source_name_length(function->name));
    fprintf(out, ".Lfile%zu:\n", number);
    write_string(out, file, strlen(file));
    fputs("    .section contig_functions, \"a\", @progbits\n", out);
    write_address(out, program, function->begin);
    write_address(out, program, function->end);
    fprintf(out, "    .long .Lname%zu - .\n    .long .Lfile%zu - .\n", number, number);
    fprintf(out, "    .long %d, %" PRId64 ", 0\n", line == NULL ? 0 : line->line,
            function->frame_bytes);
}

static void write_site(FILE *out, const struct program *program, const struct lines *lines,
                       const struct site *site)
{
    /* The call itself is on the line: the next instruction may be on another. */
    const struct line_row *line = lines_find(lines, site->pc - 1);
    write_address(out, program, site->pc);
    fprintf(out, "    .long .Lfunctions + %zu - .\n",
            (size_t)site->function * FUNCTION_RECORD_BYTES);
    fprintf(out, "    .long %d, %d, %d, %d\n", line == NULL ? 0 : line->line, site->frame_words,
            site->frame_words + 2, SITE_BARE);
    fputs("    .long .Lmap - .\n    .long 0\n", out);
}

void table_write(FILE *out, const struct program *program, const struct sites *sites,
                 const struct lines *lines)
{
    int32_t span = 2;
    for (size_t i = 0; i < sites->count; i++)
        if (sites->rows[i].frame_words + 2 > span)
            span = sites->rows[i].frame_words + 2;
    fputs(
        "# The sites of goroutine C, made by contig-c-check; linked to the program that it read.\n"
        "    .section contig_functions, \"a\", @progbits\n    .balign 4\n.Lfunctions:\n",
        out);
    for (size_t i = 0; i < program->function_count; i++)
        write_function(out, program, lines, i);
    /* No word is a pointer; one map of zeros serves all. */
    fprintf(out,
            "    .section contig_maps, \"a\", @progbits\n    .balign 4\n.Lmap:\n    .zero %d\n",
            (span + 31) / 32 * 4);
    fputs("    .section contig_sites, \"a\", @progbits\n    .balign 4\n", out);
    for (size_t i = 0; i < sites->count; i++)
        write_site(out, program, lines, &sites->rows[i]);
    fputs("    .section .note.GNU-stack, \"\", @progbits\n", out);
}
