/* exhaustive_test.c: all scripts to depth 6 over 8 operations, five times: schedules over fixed functions, and bodies
 * under a fixed schedule, without and with deferred calls, on channels, and in bare frames.  Each family has
 * 8 + 8^2 + ... + 8^6 = 299592 members.
 *
 * Bazel's shards take every n-th script. */
#include <stdlib.h>
#include <string.h>

#include "src/harness/script.h"

#define DEPTH 6u
#define CHOICES 8u

struct family {
    const char *name, *before, *choices[CHOICES], *after;
};

static const struct family families[] = {
    {
        "schedules",
        "func frame 96 args -\n ptr slot 3 -> slot 7\n object slot 4 -> slot 6\n stale slot 5\n "
        "wait slot 8\n call f1 depth 12\n park\n store 3 through slot 3\n call f1 depth 20\n"
        "func frame 400 args p\n ptr slot 2 -> arg 0\n copy slot 1 <- arg 0\n leaf\n call f1 depth "
        "20\n yield\n link slot 2 through slot 1\n"
        "main\n",
        {"go f0", "run", "step", "gc", "move", "wake g0", "oom after 1", "shrink g0"},
        "",
    },
    {
        "bodies",
        "func frame 64 args pi\n call f0 depth 3\n yield\nfunc frame 64 args -\n",
        {"ptr slot 3 -> slot 5", "object slot 4 -> slot 3", "stale slot 4", "call f0 depth 4",
         "follow slot 5 <- through slot 3", "store 9 through slot 4", "yield", "gc"},
        "main\nmove every 3\ngo f1\ngo f1\nrun\n",
    },
    {
        "deferred calls",
        "func frame 160 args -\n call f1 depth 3\n yield\nfunc frame 160 args -\n set slot 3 = 8\n",
        {"defer slot 3", "defer slot 3 in slot 0", "defer slot 2 in slot 8", "ptr slot 3 -> slot 2",
         "store 9 through slot 3", "call f1 depth 2", "wait slot 2", "gc"},
        "main\nmove every 2\ngo f0\ngo f0\nrun\ngc\nsend 4 to g0\nrun\n",
    },
    {
        "channels",
        "func frame 992 args -\nfunc frame 96 args -\n set slot 2 = 9\n call f0 depth 1\n",
        {"send slot 2 to c0", "receive slot 3 from c0", "case receive slot 4 from c0",
         "case send slot beside to c1", "case receive slot 5 from c1", "select", "select or go on",
         "close c1"},
        "main\nchan of 0\nchan of 1\ngo f1\ngo f1\nrun\ngc\nmove\ngo f1\nrun\nclose c0\nrun\n",
    },
    {
        "bare frames",
        "func frame 96 args pi\n ptr slot 3 -> arg 0\n store 5 through slot 3\n call f1 depth 3\n "
        "check slot 3\nbare frame 64 args 2\n",
        {"lookalike slot 3", "ptr slot 4 -> slot 3", "copy slot 2 <- arg 0", "call f0 depth 4",
         "call f1 depth 4", "yield", "gc", "receive slot beside from c0"},
        "main\nchan of 1\nmove every 2\ngo f0\ngo f1\nrun\nclose c0\nrun\n",
    },
};

static int setting(const char *name, int otherwise)
{
    const char *value = getenv(name);
    return value == NULL ? otherwise : atoi(value);
}

static bool good(const struct family *family, uint32_t number, uint32_t depth)
{
    static struct script script;
    static const struct script_options options = {0};
    struct script_error error;
    char text[2048];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", family->before);
    for (uint32_t i = 0; i < depth; i++, number /= CHOICES)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n",
                                 family->choices[number % CHOICES]);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s", family->after);
    if (!script_parse(&script, text, used, &error)) {
        printf("line %u: %s\n%s", error.line, error.message, text);
        return false;
    }
    struct script_result result = script_run(&script, &options);
    if (result.violation != NULL)
        printf("%s: oracle %s: %s\n%s", family->name, result.oracle, result.violation, text);
    return result.violation == NULL;
}

int main(void)
{
    uint32_t shards = (uint32_t)setting("TEST_TOTAL_SHARDS", 1),
             shard = (uint32_t)setting("TEST_SHARD_INDEX", 0), done = 0;
    const char *status = getenv("TEST_SHARD_STATUS_FILE");
    FILE *touched = status == NULL ? NULL : fopen(status, "w");
    if (touched != NULL)
        fclose(touched);
    for (uint32_t f = 0; f < sizeof families / sizeof *families; f++)
        for (uint32_t depth = 1, count = CHOICES; depth <= DEPTH; depth++, count *= CHOICES)
            for (uint32_t number = shard; number < count; number += shards, done++)
                if (!good(&families[f], number, depth))
                    return 1;
    printf("%u scripts (shard %u of %u)\n", done, shard + 1, shards);
    return 0;
}
