/* command.c: runtime start and stop, progress and results of the contig command. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, fstat */
#include "src/cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/contig.h"

void (*command_moved)(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes);

static FILE *trace_file;
static const char *trace_name;

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    if (command_moved != NULL)
        command_moved(id, old_bytes, new_bytes, used_bytes);
}

/* The file is where the standard output goes, by whatever name. */
static bool is_standard_output(FILE *file)
{
    struct stat one, other;
    return fstat(fileno(file), &one) == 0 && fstat(STDOUT_FILENO, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino &&
           (!S_ISCHR(one.st_mode) || isatty(STDOUT_FILENO));
}

static bool refuse_trace(const char *why)
{
    if (trace_file != NULL && trace_file != stdout)
        fclose(trace_file);
    complain("demo: cannot write the trace %s: %s", trace_name, why);
    return false;
}

/* Each line of a trace is one write, so that the trace of a process that is killed ends between two lines. */
static bool trace_open(const struct command_options *options)
{
    trace_file = NULL;
    trace_name = options->trace;
    if (trace_name == NULL)
        return true;
    trace_file = strcmp(trace_name, "-") == 0 ? stdout : fopen(trace_name, "a");
    if (trace_file == NULL)
        return refuse_trace(strerror(errno));
    if (options->json && is_standard_output(trace_file))
        return refuse_trace("the JSON goes there; give --trace=FILE another file");
    if (trace_file != stdout && is_standard_output(trace_file)) {
        fclose(trace_file);
        trace_file = stdout;
    }
    if (trace_file != stdout && ftruncate(fileno(trace_file), 0) != 0 && errno != EINVAL)
        return refuse_trace(strerror(errno));
    setvbuf(trace_file, NULL, _IOLBF, 1 << 16);
    return true;
}

bool runtime_begin(const struct command_options *options, bool quiet)
{
    char message[200];
    if (!trace_open(options))
        return false;
    struct contig_options wanted = {
        .arena_bytes = options->arena_bytes,
        .procs = (uint32_t)options->procs,
        .check = options->check,
        .guard_pages = options->check,
        .trace = trace_file,
        .trace_moves = options->moves,
        .quiet = quiet,
        .moved = moved,
    };
    if (contig_start(&wanted, message) == CONTIG_OK)
        return true;
    complain("%s", message);
    return false;
}

int runtime_finish(void)
{
    int status = EXIT_OK;
    if (contig_stop() == CONTIG_INVARIANT) {
        complain("an invariant was violated, or not every byte of stack memory was given back");
        status = EXIT_WRONG;
    }
    if (trace_file == NULL || trace_file == stdout)
        return status;
    bool failed = ferror(trace_file);
    if (fclose(trace_file) != 0 || failed)
        return complain("cannot write the trace %s: %s", trace_name,
                        strerror(errno == 0 ? EIO : errno));
    return status;
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
    fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 " after %.0f s\n", progress_what, done, all,
            now - progress_start);
}

static bool result_json, result_in_rows;

bool result_begin(bool json, const char *name)
{
    result_json = json;
    result_in_rows = false;
    if (json)
        printf("{\"demo\":\"%s\"", name);
    else
        printf("%s\n", name);
    return output_written();
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
    printf(",\"%s\":", key);
    print_json_string(stdout, value);
}

void result_row(const char *kind, uint64_t from, uint64_t to, uint64_t used)
{
    if (!result_json) {
        printf("  %-28s %" PRIu64 " -> %" PRIu64 " bytes, %" PRIu64 " in use\n", kind, from, to,
               used);
        return;
    }
    printf(result_in_rows ? "," : ",\"moves\":[");
    result_in_rows = true;
    printf("{\"kind\":\"%s\",\"from\":%" PRIu64 ",\"to\":%" PRIu64 ",\"used\":%" PRIu64 "}", kind,
           from, to, used);
}

void result_end(int status)
{
    static const char *const texts[] = {"passed", "FAILED", "not decided"}, *const values[] = {
                                                                                "true", "false",
                                                                                "null"};
    if (result_json) {
        rows_end();
        printf(",\"passed\":%s}\n", values[status]);
    } else {
        printf("  %s\n", texts[status]);
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
