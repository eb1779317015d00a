/* conform.c: options, reading of files as they come, and the report.
 *
 * Keeps: memory for reading does not depend on the length of a line or a file; every trace gets exactly one result.
 * Called through conform_main. */
/* For open and read. */
#define _DEFAULT_SOURCE

#include "src/conform/conform.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/conform/event.h"
#include "src/conform/replay.h"

#define STATUS_CONFORMS 0
#define STATUS_DEVIATES 1
#define STATUS_UNREADABLE 2

/* What the live state of a trace may take unless --memory says otherwise: a million goroutines take 200 MiB. */
#define DEFAULT_MEMORY_MIB 4096u

#define CHUNK_BYTES 65536u

struct options {
    const struct profile *profile;
    bool exact;
    bool json;
    uint64_t memory_bytes;
};

/* What has been read of a file, and the line that is not complete yet. */
struct input {
    int file;
    char chunk[CHUNK_BYTES];
    size_t chunk_length;
    char line[EVENT_LINE_BYTES + 1];
    size_t line_length;   /* may be more than is kept */
    bool line_skipped;    /* the line cannot be an event: its bytes are not kept */
};

static const char usage[] =
    "usage: %s [--exact] [--profile 1.12|1.19|1.27|contig] [--json] [--memory MIB] [TRACE...]\n"
    "Replays traces of goroutine stacks (spec/trace.md) and reports the first deviation of each.\n"
    "No TRACE, or -, is standard input.  Exit status: 0 conforms, 1 deviates, 2 unreadable or wrong use.\n";

/* One part of a line: the bytes up to the end of the chunk or the line. */
static void keep_bytes(struct input *input, const char *bytes, size_t length)
{
    if (input->line_length == 0 && length > 0)
        input->line_skipped = !event_may_begin(bytes[0]);
    if (!input->line_skipped && input->line_length < sizeof input->line) {
        size_t room = sizeof input->line - input->line_length;
        memcpy(input->line + input->line_length, bytes, length < room ? length : room);
    }
    input->line_length += length;
}

static bool end_line(struct input *input, struct replay *replay)
{
    bool going = true;

    if (input->line_length == 0 || input->line_skipped) {
        replay_skip_line(replay);
    } else if (input->line_length > EVENT_LINE_BYTES) {
        /* Only an event is too long at this length: Go's own two lines begin with words of their own. */
        replay_skip_line(replay);
        if (input->line[0] == '@')
            going = replay_unreadable(replay, "an event of more than 1000 bytes");
    } else {
        going = replay_line(replay, input->line, input->line_length);
    }
    input->line_length = 0;
    return going;
}

/* Replays the complete lines of a chunk.  A line that lies in the chunk as a whole is not copied. */
static bool replay_chunk(struct input *input, struct replay *replay)
{
    const char *at = input->chunk;
    const char *end = at + input->chunk_length;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline == NULL ? end : newline) - at);
        if (newline != NULL && input->line_length == 0 && length > 0 && length <= EVENT_LINE_BYTES &&
            event_may_begin(*at)) {
            if (!replay_line(replay, at, length))
                return false;
        } else {
            keep_bytes(input, at, length);
            if (newline != NULL && !end_line(input, replay))
                return false;
        }
        at = newline == NULL ? end : newline + 1;
    }
    return true;
}

static bool replay_input(struct input *input, struct replay *replay)
{
    for (;;) {
        ssize_t length = read(input->file, input->chunk, sizeof input->chunk);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return replay_unreadable(replay, strerror(errno));
        if (length == 0)
            break;
        input->chunk_length = (size_t)length;
        if (!replay_chunk(input, replay))
            return false;
    }
    if (input->line_length == 0)
        return true;
    replay_skip_line(replay);
    return input->line_skipped || replay_unreadable(replay, "the trace ends in the middle of this line");
}

static void print_json_string(const char *text)
{
    putchar('"');
    for (; *text != 0; text++) {
        unsigned char character = (unsigned char)*text;
        if (character == '"' || character == '\\')
            printf("\\%c", character);
        else if (character < 0x20)
            printf("\\u%04x", character);
        else
            putchar(character);
    }
    putchar('"');
}

static void print_json_field(const char *name, const char *value)
{
    printf(",\"%s\":", name);
    print_json_string(value);
}

static void report_json(const char *name, const struct replay *replay, const struct options *options)
{
    static const char *const results[] = {"conforms", "deviates", "unreadable"};
    struct replay_verdict verdict = replay_verdict(replay);
    struct replay_counts counts = replay_counts(replay);

    printf("{\"trace\":");
    print_json_string(name);
    printf(",\"lines\":%" PRIu64 ",\"events\":%" PRIu64 ",\"allocations\":%" PRIu64 ",\"growths\":%" PRIu64
           ",\"shrinks\":%" PRIu64, counts.lines, counts.events, counts.allocations, counts.growths, counts.shrinks);
    print_json_field("profile", replay_profile(replay)->name);
    printf(",\"exact\":%s", options->exact ? "true" : "false");
    print_json_field("result", results[verdict.status]);
    if (verdict.status == REPLAY_DEVIATES) {
        printf(",\"line\":%" PRIu64, verdict.line);
        print_json_field("requirement", verdict.requirement);
        print_json_field("expected", verdict.expected);
        print_json_field("found", verdict.found);
    } else if (verdict.status == REPLAY_UNREADABLE) {
        printf(",\"line\":%" PRIu64, verdict.line);
        print_json_field("error", verdict.expected);
    }
    printf("}\n");
}

static void report_text(const char *name, const struct replay *replay, const struct options *options)
{
    struct replay_verdict verdict = replay_verdict(replay);
    struct replay_counts counts = replay_counts(replay);

    if (verdict.status == REPLAY_DEVIATES)
        printf("%s:%" PRIu64 ": %s: expected %s; found %s\n", name, verdict.line, verdict.requirement,
               verdict.expected, verdict.found);
    else if (verdict.status == REPLAY_UNREADABLE)
        fprintf(stderr, "%s:%" PRIu64 ": unreadable: %s\n", name, verdict.line, verdict.expected);
    else
        printf("%s: conforms (%s, profile %s): %" PRIu64 " lines, %" PRIu64 " events, %" PRIu64 " allocations, %"
               PRIu64 " growths, %" PRIu64 " shrinks, 0 deviations\n", name,
               options->exact ? "exact" : "any permitted choice", replay_profile(replay)->name, counts.lines,
               counts.events, counts.allocations, counts.growths, counts.shrinks);
}

static int conform_trace(const char *name, const struct options *options)
{
    struct input input = {.file = STDIN_FILENO};
    bool is_standard = strcmp(name, "-") == 0;

    if (!is_standard)
        input.file = open(name, O_RDONLY);
    if (input.file < 0) {
        fprintf(stderr, "%s: unreadable: %s\n", name, strerror(errno));
        return STATUS_UNREADABLE;
    }
    struct replay *replay = replay_new(options->profile, options->exact, options->memory_bytes);
    if (replay == NULL) {
        fprintf(stderr, "%s: unreadable: no memory\n", name);
        return STATUS_UNREADABLE;
    }
    replay_input(&input, replay);
    enum replay_status status = replay_verdict(replay).status;
    if (options->json)
        report_json(name, replay, options);
    else
        report_text(name, replay, options);
    replay_free(replay);
    if (!is_standard)
        close(input.file);
    return status == REPLAY_CONFORMS ? STATUS_CONFORMS
                                     : status == REPLAY_DEVIATES ? STATUS_DEVIATES : STATUS_UNREADABLE;
}

static bool read_memory(const char *text, struct options *options)
{
    char *end;
    unsigned long mebibytes = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != 0 || mebibytes == 0 || mebibytes > 1u << 20)
        return false;
    options->memory_bytes = (uint64_t)mebibytes << 20;
    return true;
}

/* Reads one option at argv[*at]; moves *at over its value. */
static bool read_option(int argc, char **argv, int *at, struct options *options)
{
    const char *option = argv[*at];
    const char *value = *at + 1 < argc ? argv[*at + 1] : NULL;

    if (strcmp(option, "--exact") == 0) {
        options->exact = true;
        return true;
    }
    if (strcmp(option, "--json") == 0) {
        options->json = true;
        return true;
    }
    if (value == NULL)
        return false;
    (*at)++;
    if (strcmp(option, "--profile") == 0)
        return (options->profile = profile_named(value)) != NULL;
    return strcmp(option, "--memory") == 0 && read_memory(value, options);
}

int conform_main(int argc, char **argv)
{
    struct options options = {.memory_bytes = (uint64_t)DEFAULT_MEMORY_MIB << 20};
    int worst = STATUS_CONFORMS;
    int at = 1;

    for (; at < argc && argv[at][0] == '-' && argv[at][1] != 0; at++) {
        if (strcmp(argv[at], "--") == 0) {
            at++;
            break;
        }
        if (strcmp(argv[at], "--help") == 0) {
            printf(usage, argv[0]);
            return STATUS_CONFORMS;
        }
        if (!read_option(argc, argv, &at, &options)) {
            fprintf(stderr, usage, argv[0]);
            return STATUS_UNREADABLE;
        }
    }
    if (at == argc)
        return conform_trace("-", &options);
    for (; at < argc; at++) {
        int status = conform_trace(argv[at], &options);
        worst = status > worst ? status : worst;
    }
    return worst;
}
