/* judge.c: judges traces through contig_conform.h and prints what `contig conform` prints of them.
 *
 * It compiles as C and as C++; kit_test.py compares.  An argument --exact or --moves is an option of what follows. */
#include "src/conform/kit/contig_conform.h"

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
        perror(name);
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

int main(int argc, char **argv)
{
    struct contig_conform_options options;
    int worst = 0;

    memset(&options, 0, sizeof options);
    for (int i = 1; i < argc; i++) {
        struct contig_conform_report report;
        options.exact = options.exact || strcmp(argv[i], "--exact") == 0;
        options.moves = options.moves || strcmp(argv[i], "--moves") == 0;
        if (argv[i][0] == '-')
            continue;
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
