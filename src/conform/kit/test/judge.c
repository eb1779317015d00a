/* judge.c: judges traces through contig_conform.h and prints what `contig conform` prints of them.
 *
 * judge [--exact] [--moves] TRACE...  It compiles as C and as C++; kit_test.py compares. */
#include "src/conform/kit/contig_conform.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All bytes of a file; ends the program with status 2 if they cannot be had. */
static char *contents(const char *name, size_t *length)
{
    FILE *file = fopen(name, "rb");
    long end = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = end < 0 ? NULL : (char *)malloc((size_t)end + 1);

    if (text != NULL) {
        rewind(file);
        *length = fread(text, 1, (size_t)end, file);
    }
    if (text == NULL || *length != (size_t)end) {
        fprintf(stderr, "judge: cannot read '%s': %s\n", name, strerror(errno));
        exit(2);
    }
    fclose(file);
    return text;
}

static enum contig_conform_result judge(const char *text, size_t length,
                                        const struct contig_conform_options *options,
                                        struct contig_conform_report *report)
{
    struct contig_conform *c = contig_conform_start(options);
    const char *end = text + length;
    bool going = c != NULL;

    while (going && text < end) {
        const char *newline = (const char *)memchr(text, '\n', (size_t)(end - text));
        size_t bytes = (size_t)((newline == NULL ? end : newline) - text);
        going = contig_conform_line(c, text, bytes);
        text += bytes + 1;
    }
    return c == NULL ? CONTIG_CONFORM_UNDECIDED : contig_conform_end(c, report);
}

static void print(const char *name, const struct contig_conform_options *options,
                  const struct contig_conform_report *report)
{
    if (report->result == CONTIG_CONFORM_DEVIATES)
        printf("%s:%" PRIu64 ": %s: expected %s; found %s\n", name, report->line,
               report->requirement, report->expected, report->found);
    else if (report->result == CONTIG_CONFORM_UNDECIDED)
        printf("%s:%" PRIu64 ": unreadable: %s\n", name, report->line, report->expected);
    else
        printf("%s: conforms (%s, profile %s): %" PRIu64 " lines, %" PRIu64 " events, %" PRIu64
               " allocations, %" PRIu64 " growths, %" PRIu64 " shrinks, 0 deviations\n",
               name, options->exact ? "exact" : "any permitted choice", report->profile,
               report->lines, report->events, report->allocations, report->growths,
               report->shrinks);
}

/* False after a sentence of getopt_long. */
static bool options_take(int argc, char **argv, struct contig_conform_options *options)
{
    static const struct option forms[] = {
        {"exact", no_argument, NULL, 'e'}, {"moves", no_argument, NULL, 'm'}, {NULL, 0, NULL, 0}};

    memset(options, 0, sizeof *options);
    for (;;) {
        switch (getopt_long(argc, argv, "", forms, NULL)) {
        case 'e': options->exact = true; break;
        case 'm': options->moves = true; break;
        case -1: return true;
        default: return false;
        }
    }
}

int main(int argc, char **argv)
{
    struct contig_conform_options options;
    int worst = 0;

    if (!options_take(argc, argv, &options))
        return 2;
    if (optind == argc) {
        fprintf(stderr, "judge: a trace is missing\n");
        return 2;
    }
    for (int i = optind; i < argc; i++) {
        struct contig_conform_report report;
        size_t length = 0;
        char *text = contents(argv[i], &length);
        memset(&report, 0, sizeof report);
        int result = (int)judge(text, length, &options, &report);
        free(text);
        print(argv[i], &options, &report);
        worst = result > worst ? result : worst;
    }
    return worst;
}
