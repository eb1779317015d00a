/* diversity.c: what a set of scripts has seen: those that it generates, and those of files.
 *
 * With --pairs and --triples the exit status is 1 if less than that share of them was seen.
 * Operations that stand one after the other: how many of the pairs and triples that the grammar allows.  Size class
 * and state of each stack that was moved while the scripts ran. */
#include "fuzz/mutate.h"
#include "src/command/program.h"
#include "src/harness/script.h"
#include "src/harness/script_file.h"

static bool pairs[OPERATION_COUNT][OPERATION_COUNT],
    triples[OPERATION_COUNT][OPERATION_COUNT][OPERATION_COUNT];

/* Where an operation may stand, and where the next one then stands: -1 nowhere, 0 main, 1 body. */
static int next_place(int place, uint32_t code)
{
    if (operation_begins_function(code))
        return 1;
    if (code == OPERATION_MAIN)
        return place == 1 ? 0 : -1;
    if (operation_place(code) == ANYWHERE)
        return place;
    return (operation_place(code) == BODY) == (place == 1) ? place : -1;
}

static bool allowed(const uint32_t *codes, uint32_t count)
{
    for (int start = 0; start < 2; start++) {
        int place = start;
        for (uint32_t i = 0; i < count && place >= 0; i++)
            place = next_place(place, codes[i]);
        if (place >= 0)
            return true;
    }
    return false;
}

static void look_at(const struct script *script)
{
    const struct operation *at = script->operations;
    for (uint32_t i = 0; i + 1 < script->count; i++)
        pairs[at[i].code][at[i + 1].code] = true;
    for (uint32_t i = 0; i + 2 < script->count; i++)
        triples[at[i].code][at[i + 1].code][at[i + 2].code] = true;
}

static int run_one(const struct script *script)
{
    static const struct script_options options = {0};
    look_at(script);
    struct script_result result = script_run(script, &options);
    if (result.violation != NULL)
        printf("oracle %s: %s\n", result.oracle, result.violation);
    return result.violation != NULL;
}

static double report_pairs(void)
{
    uint32_t possible = 0, seen = 0;
    for (uint32_t a = 0; a < OPERATION_COUNT; a++)
        for (uint32_t b = 0; b < OPERATION_COUNT; b++) {
            if (!allowed((const uint32_t[]){a, b}, 2))
                continue;
            possible++;
            seen += pairs[a][b];
            if (!pairs[a][b])
                printf("pair not seen: %s; %s\n", operation_text(a), operation_text(b));
        }
    printf("pairs of operations: %u of %u (%.1f %%)\n", seen, possible, 100.0 * seen / possible);
    return 100.0 * seen / possible;
}

static double report_triples(void)
{
    uint32_t possible = 0, seen = 0;
    for (uint32_t a = 0; a < OPERATION_COUNT; a++)
        for (uint32_t b = 0; b < OPERATION_COUNT; b++)
            for (uint32_t c = 0; c < OPERATION_COUNT; c++)
                if (allowed((const uint32_t[]){a, b, c}, 3)) {
                    possible++;
                    seen += triples[a][b][c];
                }
    printf("triples of operations: %u of %u (%.1f %%)\n", seen, possible, 100.0 * seen / possible);
    return 100.0 * seen / possible;
}

static void report_moves(void)
{
    static const char *const states[SCRIPT_STATES] = {"idle",    "dead",    "runnable",
                                                      "running", "waiting", "growing"};
    printf("moves by size of the old stack and state:\n%10s", "bytes");
    for (uint32_t state = 2; state < SCRIPT_STATES; state++)
        printf("%12s", states[state]);
    for (uint32_t size_class = 0; size_class < SCRIPT_SIZE_CLASSES; size_class++) {
        printf("\n%10u", 2048u << size_class);
        for (uint32_t state = 2; state < SCRIPT_STATES; state++)
            printf("%12llu", (unsigned long long)script_moves_seen[size_class][state]);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    static struct script script;
    struct random random = {88172645463325252u};
    uint64_t generated = 0, pairs_wanted = 0, triples_wanted = 0;
    const struct option_form forms[] = {
        {.name = "generate", .kind = OPTION_NUMBER, .place = &generated, .most = 100000000},
        {.name = "pairs", .kind = OPTION_NUMBER, .place = &pairs_wanted, .most = 100},
        {.name = "triples", .kind = OPTION_NUMBER, .place = &triples_wanted, .most = 100},
    };
    char name[] = "diversity";
    int failed = 0, operands = program_arguments(
                        name, "[--generate=N] [--pairs=PERCENT] [--triples=PERCENT] [SCRIPT...]",
                        argc, argv, forms, sizeof forms / sizeof *forms, 0);
    program_files(argv, operands);
    for (; generated > 0; generated--) {
        script_generate(&random, &script, 64);
        failed |= run_one(&script);
    }
    for (int i = 1; i <= operands; i++)
        failed |= !script_from_file(argv[i], &script) || run_one(&script);
    failed |= report_pairs() < (double)pairs_wanted;
    failed |= report_triples() < (double)triples_wanted;
    report_moves();
    return failed;
}
