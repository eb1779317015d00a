/* replay.c: `contig replay`: runs scripts, in text or as the bytes of a fuzz input, and prints each step with the
 * stacks as they move, so that a finding can be read. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/cli/command.h"
#include "src/script/script.h"

/* A file longer than this is no script. */
#define FILE_BYTES_MAX (1u << 20)

static struct replay_options {
    struct script_options script;
    bool quiet, reduce, show_text, to_bytes;
} wanted;

static int usage(FILE *out)
{
    fprintf(out, "usage: contig replay [OPTION...] FILE...\n\n"
                 "Runs each file as a script (src/script/operations.h), in text or in bytes, and prints each step.\n\n"
                 "  --text                  only prints the script as text\n"
                 "  --bytes                 only writes the script as bytes, to the standard output\n"
                 "  --reduce                prints the smallest script, as text, that shows the same violation\n"
                 "  --quiet                 no steps, only what came of it\n"
                 "  --move-every=N          moves a stack at every n-th call\n"
                 "  --preempt-every=N       preempts at every n-th call\n"
                 "  --fail-allocation=N     the n-th allocation of a stack fails, and all later ones\n"
                 "  --maximum-stack=BYTES   largest stack, until the script sets one\n"
                 "  --no-caches             empties the stack caches after every operation\n"
                 "  --unmap                 pages of freed stacks cannot be touched\n"
                 "  --oracles=BITS          only these oracles (src/script/script.h)\n");
    return out == stdout ? EXIT_OK : EXIT_USE;
}

/* A text consists of printable characters; bytes of a script hardly ever do. */
static bool is_text(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((bytes[i] < ' ' && bytes[i] != '\n' && bytes[i] != '\t' && bytes[i] != '\r') || bytes[i] > '~')
            return false;
    return size != 0;
}

static bool script_read(const char *name, struct script *script)
{
    static uint8_t bytes[FILE_BYTES_MAX + 1];
    struct script_error error;
    FILE *file = fopen(name, "rb");
    size_t size = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file);
    if (file == NULL || ferror(file)) {
        fprintf(stderr, "contig: cannot read the script %s: %s\n", name, strerror(errno));
        if (file != NULL)
            fclose(file);
        return false;
    }
    fclose(file);
    if (size > FILE_BYTES_MAX) {
        fprintf(stderr, "contig: the script %s has more than %u bytes\n", name, FILE_BYTES_MAX);
        return false;
    }
    if (!is_text(bytes, size)) {
        script_from_bytes(script, bytes, size);
        return true;
    }
    if (script_parse(script, (const char *)bytes, size, &error))
        return true;
    fprintf(stderr, "contig: %s, line %u: %s\n", name, error.line, error.message);
    return false;
}

/* Wrong in a process of its own, so that a crash is an answer as well. */
static bool goes_wrong(const struct script *script, void *context)
{
    int status = 0;
    (void)context;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct script_options options = wanted.script;
        alarm(10);
        _exit(script_run(script, &options).violation == NULL ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status != 0;
}

static int reduce(const char *name, struct script *script)
{
    static char text[SCRIPT_TEXT_MAX];
    uint32_t before = script->count;
    if (!goes_wrong(script, NULL)) {
        fprintf(stderr, "contig: %s shows no violation: there is nothing to reduce\n", name);
        return EXIT_OK;
    }
    script_reduce(script, goes_wrong, NULL);
    script_print(script, text);
    printf("# reduced from %u to %u operations\n%s", before, script->count, text);
    return EXIT_WRONG;
}

static int run(const char *name, const struct script *script)
{
    struct script_options options = wanted.script;
    options.out = wanted.quiet ? NULL : stdout;
    printf("%s: %u operations\n", name, script->count);
    struct script_result result = script_run(script, &options);
    printf("%s: %s%s%s after %" PRIu64 " steps, %" PRIu64 " goroutines, %" PRIu64 " moves\n", name, result.violation == NULL ? "no violation" : result.oracle,
           result.violation == NULL ? "" : ": ", result.violation == NULL ? "" : result.violation, result.steps, result.goroutines, result.moves);
    return result.violation == NULL ? EXIT_OK : EXIT_WRONG;
}

static int replay_file(const char *name)
{
    static struct script script;
    static char text[SCRIPT_TEXT_MAX];
    static uint8_t bytes[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX];
    if (!script_read(name, &script))
        return EXIT_USE;
    if (wanted.show_text)
        return fwrite(text, script_print(&script, text), 1, stdout) <= 1 ? EXIT_OK : EXIT_USE;
    if (wanted.to_bytes)
        return fwrite(bytes, script_to_bytes(&script, bytes), 1, stdout) <= 1 ? EXIT_OK : EXIT_USE;
    return wanted.reduce ? reduce(name, &script) : run(name, &script);
}

static bool number_option(const char *argument, const char *name, uint64_t *number)
{
    size_t size = strlen(name);
    if (strncmp(argument, name, size) != 0 || argument[size] != '=')
        return false;
    char *end;
    *number = strtoull(argument + size + 1, &end, 0);
    return argument[size + 1] >= '0' && argument[size + 1] <= '9' && *end == '\0';
}

static bool option_take(const char *argument)
{
    uint64_t number;
    struct script_options *script = &wanted.script;
    if (strcmp(argument, "--text") == 0)
        return wanted.show_text = true;
    if (strcmp(argument, "--bytes") == 0)
        return wanted.to_bytes = true;
    if (strcmp(argument, "--reduce") == 0)
        return wanted.reduce = true;
    if (strcmp(argument, "--quiet") == 0)
        return wanted.quiet = true;
    if (strcmp(argument, "--no-caches") == 0)
        return script->no_caches = true;
    if (strcmp(argument, "--unmap") == 0)
        return script->unmap = true;
    if (number_option(argument, "--move-every", &number))
        return script->move_every = (uint32_t)number, true;
    if (number_option(argument, "--preempt-every", &number))
        return script->preempt_every = (uint32_t)number, true;
    if (number_option(argument, "--fail-allocation", &number))
        return script->fail_allocation = number, true;
    if (number_option(argument, "--maximum-stack", &number))
        return script->maximum_stack = number, true;
    if (number_option(argument, "--oracles", &number))
        return script->oracles = (uint32_t)number, true;
    return false;
}

int replay_main(int argc, char **argv)
{
    int worst = EXIT_OK, first = 0;
    if (argc == 1 && strcmp(argv[0], "--help") == 0)
        return usage(stdout);
    wanted = (struct replay_options){0};
    for (; first < argc && argv[first][0] == '-'; first++)
        if (!option_take(argv[first])) {
            fprintf(stderr, "contig: replay has no option %s\n\n", argv[first]);
            return usage(stderr);
        }
    if (first == argc)
        return usage(stderr);
    for (int i = first; i < argc; i++) {
        int status = replay_file(argv[i]);
        worst = status > worst ? status : worst;
    }
    return worst;
}
