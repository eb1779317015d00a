/* command.c: options, runtime start and stop, progress and results of the contig command. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "src/cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/contig.h"

void (*command_moved)(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes);

static FILE *trace_file;
static const char *trace_name;

int options_take(int argc, char **argv, struct command_options *options)
{
    int left = 0;
    *options = (struct command_options){0};
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--check") == 0) {
            options->check = true;
        } else if (strcmp(argv[i], "--json") == 0) {
            options->json = true;
        } else if (strcmp(argv[i], "--trace") == 0) {
            options->trace = "-";
        } else if (strncmp(argv[i], "--trace=", 8) == 0) {
            options->trace = argv[i] + 8;
        } else if (strncmp(argv[i], "--arena=", 8) == 0) {
            if (!number_take(argv[i] + 8, "--arena", UINT64_MAX, &options->arena_bytes))
                return -1;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            fprintf(stderr, "contig: unknown option %s\n", argv[i]);
            return -1;
        } else {
            argv[left++] = argv[i];
        }
    }
    return left;
}

bool number_take(const char *text, const char *what, uint64_t maximum, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 0);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *number <= maximum)
        return true;
    fprintf(stderr, "contig: %s must be a number up to %" PRIu64 ", not %s\n", what, maximum, text);
    return false;
}

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    if (command_moved != NULL)
        command_moved(id, old_bytes, new_bytes, used_bytes);
}

bool runtime_begin(const struct command_options *options, bool quiet)
{
    char message[200];
    trace_file = NULL;
    trace_name = options->trace;
    if (options->trace != NULL) {
        trace_file = strcmp(options->trace, "-") == 0 ? stdout : fopen(options->trace, "a");
        if (trace_file == NULL) {
            fprintf(stderr, "contig: cannot write the trace %s: %s\n", options->trace, strerror(errno));
            return false;
        }
    }
    struct contig_options wanted = {.arena_bytes = options->arena_bytes, .check = options->check, .trace = trace_file, .quiet = quiet, .moved = moved};
    if (contig_start(&wanted, message) != CONTIG_OK) {
        fprintf(stderr, "contig: %s\n", message);
        return false;
    }
    return true;
}

bool runtime_finish(void)
{
    bool good = true;
    if (contig_stop() != CONTIG_OK) {
        fprintf(stderr, "contig: not every byte of stack memory was given back\n");
        good = false;
    }
    if (trace_file != NULL && (fflush(trace_file) != 0 || ferror(trace_file) || (trace_file != stdout && fclose(trace_file) != 0))) {
        fprintf(stderr, "contig: cannot write the trace %s: %s\n", trace_name, strerror(errno));
        good = false;
    }
    return good;
}

static const char *progress_what;
static double progress_start, progress_last;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void progress_begin(const char *what)
{
    progress_what = what;
    progress_start = seconds_now();
    progress_last = progress_start + 1;
}

void progress_step(uint64_t done, uint64_t all)
{
    double now = seconds_now();
    if (now < progress_last + 1)
        return;
    progress_last = now;
    fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 " after %.0f s\n", progress_what, done, all, now - progress_start);
}

static bool result_json, result_in_rows;

void result_begin(bool json, const char *name)
{
    result_json = json;
    result_in_rows = false;
    if (json)
        printf("{\"demo\":\"%s\"", name);
    else
        printf("%s\n", name);
}

static void rows_end(void)
{
    if (result_in_rows)
        printf("]");
    result_in_rows = false;
}

void result_number(const char *key, uint64_t value)
{
    if (result_json) {
        rows_end();
        printf(",\"%s\":%" PRIu64, key, value);
    } else {
        printf("  %-28s %" PRIu64 "\n", key, value);
    }
}

void result_text(const char *key, const char *value)
{
    if (!result_json) {
        printf("  %-28s %s\n", key, value);
        return;
    }
    rows_end();
    printf(",\"%s\":\"", key);
    for (; *value != '\0'; value++)
        printf(*value == '"' || *value == '\\' ? "\\%c" : *value < ' ' ? " " : "%c", *value);
    printf("\"");
}

void result_row(const char *kind, uint64_t from, uint64_t to, uint64_t used)
{
    if (!result_json) {
        printf("  %-28s %" PRIu64 " -> %" PRIu64 " bytes, %" PRIu64 " in use\n", kind, from, to, used);
        return;
    }
    printf(result_in_rows ? "," : ",\"moves\":[");
    result_in_rows = true;
    printf("{\"kind\":\"%s\",\"from\":%" PRIu64 ",\"to\":%" PRIu64 ",\"used\":%" PRIu64 "}", kind, from, to, used);
}

void result_end(bool passed)
{
    if (result_json) {
        rows_end();
        printf(",\"passed\":%s}\n", passed ? "true" : "false");
    } else {
        printf("  %s\n", passed ? "passed" : "FAILED");
    }
    fflush(stdout);
}

uint64_t peak_memory_bytes(void)
{
    char line[200];
    uint64_t kibibytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        return 0;
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmHWM: %" SCNu64, &kibibytes) == 1)
            break;
    fclose(status);
    return kibibytes * 1024;
}
