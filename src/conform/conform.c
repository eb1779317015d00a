/* conform.c: options, reading of files as they come, and the report.
 *
 * Keeps: memory for reading does not depend on the length of a line or a file; every trace gets exactly one result.
 * Called through conform_main and conform_with. */
#include "src/conform/conform.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "src/command/arguments.h"
#include "src/command/output.h"
#include "src/conform/event.h"
#include "src/conform/replay.h"
#include "src/conform/trace_file.h"

#define READ_BYTES 65536u

/* What has been read of a file, and the line that is not complete yet. */
struct input {
    struct trace_file *file;
    char chunk[READ_BYTES];
    size_t chunk_length;
    char line[EVENT_LINE_BYTES + 1];
    size_t line_length; /* may be more than is kept */
    bool line_skipped;  /* the line cannot be an event: its bytes are not kept */
};

static const char usage[] =
    "usage: contig conform [--exact] [--moves] [--profile NAME] [--json] [--memory MIB] "
    "[TRACE...]\n\n"
    "Replays traces of goroutine stacks (spec/trace.md), %s, and reports the first deviation of\n"
    "each.  No TRACE, or -, is standard input.\n\n"
    "  --exact         each choice must be Go's own, so that every address is predicted\n"
    "  --moves         what each move wrote, too: every word, register and record (version 1.1 of "
    "the format)\n"
    "  --profile NAME  instead of the one that the trace names; one of %s\n"
    "  --json          one object a trace\n"
    "  --memory MIB    what the live state of a trace may take, 1 to 1048576; usually 4096\n\n"
    "Exit status: 0 conforms, 1 deviates, 2 wrong use, or not decided: a trace without an event or "
    "unreadable.\n";

static void print_usage(void)
{
    char names[TRACE_PROFILE_NAMES_BYTES];
    profile_names(names);
    printf(usage, trace_file_forms, names);
}

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
    size_t length = input->line_length;

    input->line_length = 0;
    if (length == 0 || input->line_skipped) {
        replay_skip_line(replay);
        return true;
    }
    return replay_line(replay, input->line,
                       length < sizeof input->line ? length : sizeof input->line);
}

/* Replays the complete lines of a chunk.  A line that lies in the chunk as a whole is not copied. */
static bool replay_chunk(struct input *input, struct replay *replay)
{
    const char *at = input->chunk;
    const char *end = at + input->chunk_length;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline == NULL ? end : newline) - at);
        if (newline != NULL && input->line_length == 0 && length > 0 &&
            length <= EVENT_LINE_BYTES && event_may_begin(*at)) {
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

/* A file of another kind: its name, or NULL.  A trace begins with none of these. */
static const char *foreign_format(const char *bytes, size_t length)
{
    static const struct {
        const char *magic, *name;
        size_t length;
    } formats[] = {
        {"\xff\xfe", "UTF-16 text; a trace is ASCII", 2},
        {"\xfe\xff", "UTF-16 text; a trace is ASCII", 2},
        {"\xfd"
         "7zXZ",
         "compressed with xz, which is not read", 5},
        {"\x28\xb5\x2f\xfd", "compressed with zstd, which is not read", 4},
        {"BZh", "compressed with bzip2, which is not read", 3},
        {"PK\x03\x04", "a zip archive", 4},
        {"\x7f"
         "ELF",
         "a program", 4},
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (length >= formats[i].length && memcmp(bytes, formats[i].magic, formats[i].length) == 0)
            return formats[i].name;
    return NULL;
}

/* The first bytes of a file: a byte order mark of UTF-8 is left out. */
static bool begin_input(struct input *input, struct replay *replay)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char *foreign = foreign_format(input->chunk, input->chunk_length);
    if (foreign != NULL) {
        replay_skip_line(replay);
        return replay_unreadable(replay, foreign);
    }
    if (input->chunk_length >= 3 && memcmp(input->chunk, mark, 3) == 0) {
        input->chunk_length -= 3;
        memmove(input->chunk, input->chunk + 3, input->chunk_length);
    }
    return true;
}

static bool end_input(struct input *input, struct replay *replay)
{
    if (input->line_length != 0) {
        replay_skip_line(replay);
        if (!input->line_skipped)
            return replay_unreadable(replay, "the trace ends in the middle of this line");
    }
    return replay_end(replay);
}

static bool replay_input(struct input *input, struct replay *replay)
{
    for (bool first = true;; first = false) {
        const char *error;
        size_t length = trace_file_read(input->file, input->chunk, sizeof input->chunk, &error);
        input->chunk_length = length;
        if (first && !begin_input(input, replay))
            return false;
        if (!replay_chunk(input, replay))
            return false;
        if (length < sizeof input->chunk)
            return error == NULL ? end_input(input, replay) : replay_unreadable(replay, error);
    }
}

/* The judge of one trace's moves; moves is NULL without --moves. */
struct judged {
    const struct conform_judge *by;
    void *moves;
};

static void print_json_field(const char *name, const char *value)
{
    printf(",\"%s\":", name);
    print_json_string(stdout, value);
}

static void report_json(const char *name, const struct replay *replay, struct judged judged,
                        const struct conform_request *request)
{
    static const char *const results[] = {"conforms", "deviates", "unreadable"};
    struct replay_verdict verdict = replay_verdict(replay);
    struct replay_counts counts = replay_counts(replay);

    printf("{\"trace\":");
    print_json_string(stdout, name);
    printf(",\"lines\":%" PRIu64 ",\"events\":%" PRIu64 ",\"allocations\":%" PRIu64
           ",\"growths\":%" PRIu64 ",\"shrinks\":%" PRIu64,
           counts.lines, counts.events, counts.allocations, counts.growths, counts.shrinks);
    print_json_field("profile", replay_profile(replay)->name);
    printf(",\"exact\":%s", request->exact ? "true" : "false");
    if (judged.moves != NULL)
        judged.by->report(judged.moves, true);
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

static void report_text(const char *name, const struct replay *replay,
                        const struct conform_request *request)
{
    struct replay_verdict verdict = replay_verdict(replay);
    struct replay_counts counts = replay_counts(replay);

    print_visible(verdict.status == REPLAY_UNREADABLE ? stderr : stdout, name);
    if (verdict.status == REPLAY_DEVIATES)
        printf(":%" PRIu64 ": %s: expected %s; found %s\n", verdict.line, verdict.requirement,
               verdict.expected, verdict.found);
    else if (verdict.status == REPLAY_UNREADABLE && counts.lines == 0)
        fprintf(stderr, ": unreadable: %s\n", verdict.expected);
    else if (verdict.status == REPLAY_UNREADABLE)
        fprintf(stderr, ":%" PRIu64 ": unreadable: %s\n", verdict.line, verdict.expected);
    else
        printf(": conforms (%s, profile %s): %" PRIu64 " lines, %" PRIu64 " events, %" PRIu64
               " allocations, %" PRIu64 " growths, %" PRIu64 " shrinks, 0 deviations\n",
               request->exact ? "exact" : "any permitted choice", replay_profile(replay)->name,
               counts.lines, counts.events, counts.allocations, counts.growths, counts.shrinks);
}

static int unreadable(const char *name, const char *why)
{
    print_visible(stderr, name);
    fprintf(stderr, ": unreadable: %s\n", why);
    return EXIT_USE;
}

static int verdict_status(enum replay_status status)
{
    static const int statuses[] = {EXIT_OK, EXIT_WRONG, EXIT_USE};
    return statuses[status];
}

static void report(const char *name, const struct replay *replay, struct judged judged,
                   const struct conform_request *request)
{
    if (request->json) {
        report_json(name, replay, judged, request);
        return;
    }
    report_text(name, replay, request);
    if (judged.moves != NULL && replay_verdict(replay).status == REPLAY_CONFORMS)
        judged.by->report(judged.moves, false);
}

static int replay_trace(const char *name, struct input *input, struct replay *replay,
                        struct judged judged, const struct conform_request *request)
{
    if (judged.moves != NULL)
        replay_judge_moves(replay, judged.by->judge, judged.moves);
    if (replay_input(input, replay) && judged.moves != NULL)
        judged.by->end(judged.moves, replay);
    report(name, replay, judged, request);
    return verdict_status(replay_verdict(replay).status);
}

static int conform_trace(const char *name, const struct conform_request *request,
                         const struct conform_judge *judge)
{
    static struct input input;
    input = (struct input){.file = trace_file_open(name)};
    if (input.file == NULL)
        return unreadable(name, strerror(errno));
    uint64_t memory = request->memory_mebibytes << 20;
    struct replay *replay = replay_new(request->profile, request->exact, memory);
    struct judged judged = {judge, request->moves ? judge->make(memory) : NULL};
    int status = replay == NULL || (request->moves && judged.moves == NULL)
                     ? unreadable(name, "no memory")
                     : replay_trace(name, &input, replay, judged, request);
    if (judged.moves != NULL)
        judge->discard(judged.moves);
    if (replay != NULL)
        replay_free(replay);
    trace_file_close(input.file);
    return status;
}

int conform_with(int argc, char **argv, const struct conform_judge *judge)
{
    struct conform_request request;
    int worst = EXIT_OK, operands = conform_options(argc, argv, &request);
    if (operands == ARGUMENTS_HELP)
        print_usage();
    if (operands < 0)
        return operands == ARGUMENTS_HELP ? EXIT_OK : EXIT_USE;
    if (request.moves && judge == NULL)
        return complain(
            "conform: --moves needs the core's tables, which this program does not have");
    bool readable = true;
    for (int i = 1; i <= operands; i++)
        readable = (strcmp(argv[i], "-") == 0 || argument_readable("conform", argv[i])) && readable;
    if (!readable)
        return EXIT_USE;
    if (operands == 0)
        return conform_trace("-", &request, judge);
    for (int i = 1; i <= operands; i++) {
        int status = conform_trace(argv[i], &request, judge);
        worst = status > worst ? status : worst;
    }
    return worst;
}

int conform_main(int argc, char **argv)
{
    return conform_with(argc, argv, NULL);
}
