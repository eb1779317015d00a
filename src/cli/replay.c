/* replay.c: `contig replay`: runs scripts, in text or in bytes, and prints each step with the stacks as they move, so
 * that a finding can be read.  Text and bytes are told apart by the header of the bytes, never by a guess. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/cli/command.h"
#include "src/harness/script.h"

/* A file longer than this is no script. */
#define FILE_BYTES_MAX (1u << 20)

static struct replay_request wanted;

static int usage(void)
{
    fputs("usage: contig replay [OPTION...] FILE...\n\n"
          "Runs each file as a script (src/script/operations.h) and prints each step.  A script is "
          "text, or the bytes\n"
          "that --bytes writes.\n\n"
          "  --text                  only prints the script as text\n"
          "  --bytes                 only writes the script as bytes, with their header, to the "
          "standard output\n"
          "  --reduce                prints the smallest script, as text, that shows the same "
          "violation\n"
          "  --quiet                 no steps, only what came of it\n"
          "  --raw                   the files are inputs of script_fuzz: bytes without a header\n"
          "  --move-every N          moves a stack at every n-th call; 0: as the script says\n"
          "  --preempt-every N       preempts at every n-th call; 0: as the script says\n"
          "  --fail-allocation N     the n-th allocation of a stack fails, and all later ones; 0: "
          "none\n"
          "  --maximum-stack BYTES   largest stack, until the script sets one; 0: 1000000000\n"
          "  --no-caches             empties the stack caches after every operation\n"
          "  --unmap                 pages of freed stacks cannot be touched\n"
          "  --oracles BITS          only these oracles, 1 to 255 (src/harness/script.h)\n\n"
          "Exit status: 0 no violation, 1 a violation, 2 wrong use, or not decided: no operation, "
          "no memory.\n",
          stdout);
    return EXIT_OK;
}

/* The first control character of a text that is none of its own, or the end.  A comment may hold any others. */
static const uint8_t *stray_byte(const uint8_t *text, const uint8_t *end)
{
    bool comment = false;
    for (; text < end; text++) {
        comment = *text == '#' || (comment && *text != '\n');
        bool blank = *text == '\n' || *text == '\t' || *text == '\r';
        if ((*text < ' ' && !blank) || *text == 0x7f || (*text > '~' && !comment))
            return text;
    }
    return end;
}

static bool text_read(const char *name, const uint8_t *text, size_t size, struct script *script)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    struct script_error error;
    size_t skipped = size >= sizeof mark && memcmp(text, mark, sizeof mark) == 0 ? sizeof mark : 0;
    const uint8_t *end = text + size, *stray = stray_byte(text + skipped, end);
    if (stray != end) {
        uint32_t line = 1;
        for (const uint8_t *at = text; at < stray; at++)
            line += *at == '\n';
        complain(
            "%s, line %" PRIu32
            ": expected text, not the byte 0x%02x; scripts in bytes have a header (--raw reads "
            "those without)",
            name, line, *stray);
        return false;
    }
    if (script_parse(script, (const char *)text + skipped, size - skipped, &error))
        return true;
    complain("%s, line %u: %s", name, error.line, error.message);
    return false;
}

/* The bytes of a file, at most FILE_BYTES_MAX; false after a sentence. */
static bool file_read(const char *name, uint8_t *bytes, size_t *size)
{
    FILE *file = fopen(name, "rb");
    *size = file == NULL ? 0 : fread(bytes, 1, FILE_BYTES_MAX + 1, file);
    bool failed = file == NULL || ferror(file);
    if (failed)
        complain("cannot read the script %s: %s", name, strerror(errno));
    else if (*size > FILE_BYTES_MAX)
        complain("the script %s has more than %u bytes", name, FILE_BYTES_MAX);
    if (file != NULL)
        fclose(file);
    return !failed && *size <= FILE_BYTES_MAX;
}

static bool script_read(const char *name, struct script *script)
{
    static uint8_t bytes[FILE_BYTES_MAX + 1];
    size_t size, header = sizeof SCRIPT_HEADER - 1;
    if (!file_read(name, bytes, &size))
        return false;
    bool has_header = size >= header && memcmp(bytes, SCRIPT_HEADER, header) == 0;
    if (has_header && !wanted.raw && (size - header) % OPERATION_BYTES != 0) {
        complain("%s: the script ends in the middle of an operation", name);
        return false;
    }
    if (has_header)
        script_from_bytes(script, bytes + header, size - header);
    else if (wanted.raw)
        script_from_bytes(script, bytes, size);
    else if (!text_read(name, bytes, size, script))
        return false;
    if (script->count != 0)
        return true;
    complain("%s: there is no operation in it", name);
    return false;
}

enum answer { RIGHT, WRONG, NOT_DECIDED };

/* Runs the script in a process of its own, so that a crash is an answer as well. */
static enum answer answer_apart(const struct script *script)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork(), ended = child;
    if (child == 0) {
        struct script_options options = wanted.script;
        alarm(10);
        struct script_result result = script_run(script, &options);
        _exit(result.refused ? NOT_DECIDED : result.violation != NULL ? WRONG : RIGHT);
    }
    while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR)
        ;
    if (ended < 0)
        return NOT_DECIDED;
    if (WIFEXITED(status))
        return WEXITSTATUS(status) <= NOT_DECIDED ? (enum answer)WEXITSTATUS(status) : WRONG;
    return WTERMSIG(status) == SIGKILL ? NOT_DECIDED : WRONG;
}

/* Each answer of a reduction counts: one that was not decided ends it. */
static bool reduction_undecided;

static bool goes_wrong(const struct script *script, void *context)
{
    (void)context;
    enum answer answer = reduction_undecided ? NOT_DECIDED : answer_apart(script);
    reduction_undecided = answer == NOT_DECIDED;
    return answer == WRONG;
}

static int reduce(const char *name, struct script *script)
{
    static char text[SCRIPT_TEXT_MAX];
    uint32_t before = script->count;
    reduction_undecided = false;
    bool wrong = goes_wrong(script, NULL);
    if (!wrong && !reduction_undecided) {
        complain("%s shows no violation: there is nothing to reduce", name);
        return EXIT_OK;
    }
    if (wrong)
        script_reduce(script, goes_wrong, NULL);
    if (reduction_undecided)
        return complain("%s cannot be reduced: the system has no memory or no process for it",
                        name);
    script_print(script, text);
    printf("# reduced from %u to %u operations\n%s", before, script->count, text);
    return EXIT_WRONG;
}

static int run(const char *name, const struct script *script)
{
    struct script_options options = wanted.script;
    options.out = wanted.quiet ? NULL : stdout;
    print_visible(stdout, name);
    printf(": %u operations\n", script->count);
    if (!output_written())
        return EXIT_USE;
    struct script_result result = script_run(script, &options);
    if (result.refused)
        return complain("%s was not run: %s", name, result.violation);
    if (result.violation == NULL && result.steps == 0)
        return complain("%s: no operation of it was run: nothing stands outside of its functions",
                        name);
    print_visible(stdout, name);
    printf(": %s%s%s after %" PRIu64 " steps, %" PRIu64 " goroutines, %" PRIu64 " moves\n",
           result.violation == NULL ? "no violation" : result.oracle,
           result.violation == NULL ? "" : ": ", result.violation == NULL ? "" : result.violation,
           result.steps, result.goroutines, result.moves);
    return result.violation == NULL ? EXIT_OK : EXIT_WRONG;
}

static int replay_file(const char *name)
{
    static struct script script;
    static char text[SCRIPT_TEXT_MAX];
    static uint8_t bytes[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX];
    if (!script_read(name, &script))
        return EXIT_USE;
    if (wanted.show_text) {
        fwrite(text, 1, script_print(&script, text), stdout);
        return EXIT_OK;
    }
    if (wanted.to_bytes) {
        fwrite(SCRIPT_HEADER, 1, sizeof SCRIPT_HEADER - 1, stdout);
        fwrite(bytes, 1, script_to_bytes(&script, bytes), stdout);
        return EXIT_OK;
    }
    return wanted.reduce ? reduce(name, &script) : run(name, &script);
}

/* What the options say together. */
static bool request_make(int operands, struct replay_request *request, uint64_t move,
                         uint64_t preempt, uint64_t oracles)
{
    request->script.move_every = (uint32_t)move;
    request->script.preempt_every = (uint32_t)preempt;
    request->script.oracles = (uint32_t)oracles;
    if (request->show_text + request->to_bytes + request->reduce > 1)
        complain("replay: only one of --text, --bytes and --reduce can be done");
    else if (move != 0 && preempt != 0)
        complain("replay: only one of --move-every and --preempt-every can be done");
    else if (operands == 0)
        complain("replay: the name of a script is missing; contig replay --help says more");
    else if (request->to_bytes && operands > 1)
        complain("replay: --bytes takes one script: two would be read as one");
    else
        return true;
    return false;
}

int replay_options(int argc, char **argv, struct replay_request *request)
{
    uint64_t move = 0, preempt = 0, oracles = ORACLES_ALL;
    *request = (struct replay_request){0};
    struct script_options *script = &request->script;
    const struct option_form forms[] = {
        {.name = "text", .kind = OPTION_FLAG, .place = &request->show_text},
        {.name = "bytes", .kind = OPTION_FLAG, .place = &request->to_bytes},
        {.name = "reduce", .kind = OPTION_FLAG, .place = &request->reduce},
        {.name = "quiet", .kind = OPTION_FLAG, .place = &request->quiet},
        {.name = "raw", .kind = OPTION_FLAG, .place = &request->raw},
        {.name = "no-caches", .kind = OPTION_FLAG, .place = &script->no_caches},
        {.name = "unmap", .kind = OPTION_FLAG, .place = &script->unmap},
        {.name = "move-every", .kind = OPTION_NUMBER, .place = &move, .most = UINT32_MAX},
        {.name = "preempt-every", .kind = OPTION_NUMBER, .place = &preempt, .most = UINT32_MAX},
        {.name = "fail-allocation",
         .kind = OPTION_NUMBER,
         .place = &script->fail_allocation,
         .most = UINT64_MAX},
        {.name = "maximum-stack",
         .kind = OPTION_NUMBER,
         .place = &script->maximum_stack,
         .most = UINT64_MAX},
        {.name = "oracles",
         .kind = OPTION_NUMBER,
         .place = &oracles,
         .least = 1,
         .most = ORACLES_ALL},
    };
    int operands = arguments_take(argc, argv, forms, sizeof forms / sizeof *forms);
    if (operands < 0)
        return operands;
    return request_make(operands, request, move, preempt, oracles) ? operands : ARGUMENTS_WRONG;
}

int replay_main(int argc, char **argv)
{
    int worst = EXIT_OK, operands = replay_options(argc, argv, &wanted);
    bool readable = true;
    if (operands < 0)
        return operands == ARGUMENTS_HELP ? usage() : EXIT_USE;
    for (int i = 1; i <= operands; i++)
        readable = argument_readable("replay", argv[i]) && readable;
    if (!readable)
        return EXIT_USE;
    for (int i = 1; i <= operands; i++) {
        int status = replay_file(argv[i]);
        worst = status > worst ? status : worst;
    }
    return worst;
}
