/* options_fuzz.c: any words as the command line of each command of contig.
 *
 * The first byte chooses the command, the rest are words with a line end after each.  Decides ERR-6: a command line is
 * taken, and then each number is in its range, or is refused with one sentence that can be shown; and the one reader of
 * numbers agrees with the C library's about what is decimal and fits. */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include <errno.h>
#include <inttypes.h>

#include "fuzz/target.h"
#include "src/cli/command.h"
#include "src/conform/conform.h"
#include "src/runtime/number.h"

#define WORDS_MAX 24

static char said[1 << 16];

static int demo(int argc, char **argv)
{
    struct demo_request request;
    int operands = demo_options(argc, argv, &request);
    uint64_t arena = request.options.arena_bytes;
    if (operands >= 0)
        require(arena == 0 || (arena >= 32768 && arena <= UINT64_C(64) << 30), "model",
                "demo: the arena is out of range");
    return operands;
}

static int replay(int argc, char **argv)
{
    struct replay_request request;
    int operands = replay_options(argc, argv, &request);
    if (operands >= 0)
        require(request.script.oracles >= 1 && request.script.oracles <= ORACLES_ALL &&
                    operands > 0 && request.show_text + request.to_bytes + request.reduce <= 1,
                "model", "replay: a request that is none");
    return operands;
}

static int conform(int argc, char **argv)
{
    struct conform_request request;
    int operands = conform_options(argc, argv, &request);
    if (operands >= 0)
        require(request.memory_mebibytes >= 1 && request.memory_mebibytes <= 1u << 20, "model",
                "conform: memory is out of range");
    return operands;
}

/* One line that names the program, and nothing that a terminal would obey. */
static bool is_sentence(const char *text, size_t size)
{
    if (strncmp(text, "contig: ", 8) != 0 || size < 10 || text[size - 1] != '\n')
        return false;
    for (size_t i = 0; i + 1 < size; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

/* ERR-6 */
static void numbers_agree(const char *word)
{
    char *end;
    uint64_t number = 0;
    errno = 0;
    unsigned long long model = strtoull(word, &end, 10);
    bool decimal = *word >= '0' && *word <= '9' && *end == '\0' && errno == 0;
    require(number_read(word, 0, UINT64_MAX, &number) == decimal && (!decimal || number == model),
            "model", "a number is misread");
    require(number_read(word, 5, 70000, &number) == (decimal && model >= 5 && model <= 70000),
            "model", "a range is not kept");
}

static int words_split(char *text, char *end, char **argv)
{
    int argc = 1;
    while (text < end && argc < WORDS_MAX) {
        char *line = memchr(text, '\n', (size_t)(end - text));
        line = line == NULL ? end : line;
        *line = '\0';
        argv[argc++] = text;
        numbers_agree(text);
        text = line + 1;
    }
    argv[argc] = NULL;
    return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static int (*const commands[])(int, char **) = {demo, replay, conform};
    static char names[][8] = {"demo", "replay", "conform"};
    char *argv[WORDS_MAX + 1], *text = malloc(size + 1);
    uint32_t which = size == 0 ? 0 : bytes[0] % 3;
    if (text == NULL)
        return 0;
    if (size != 0)
        memcpy(text, bytes + 1, size - 1);
    argv[0] = names[which];
    int argc = words_split(text, text + (size == 0 ? 0 : size - 1), argv);
    FILE *out = fmemopen(said, sizeof said, "w");
    complain_to(out);
    int operands = commands[which](argc, argv);
    complain_to(NULL);
    long length = out == NULL ? 0 : ftell(out);
    if (out != NULL)
        fclose(out);
    if (operands == ARGUMENTS_WRONG)
        require(length >= (long)sizeof said - 1 || is_sentence(said, (size_t)length), "model",
                "a refusal is no sentence");
    else
        require(length == 0, "model", "what is taken is complained about");
    require(operands >= ARGUMENTS_HELP && operands < argc, "model", "more operands than words");
    free(text);
    return 0;
}
