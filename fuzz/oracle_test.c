/* oracle_test.c: canaries: each oracle, alone, finds what it is there for, and finds nothing without it.
 *
 * A script stops at `audit`; what is called there spoils something.  Each case runs in a process of its own. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/harness/oracles.h"
#include "src/runtime/runtime.h"

static const char text[] =
    "func frame 96 args -\n ptr slot 3 -> slot 7\n defer slot 7\n wait slot 8\n call f1 depth "
    "1\nfunc frame 4096 args -\n park\n"
    "func frame 96 args -\n receive slot 3 from c0\n"
    "func frame 96 args -\n send slot 3 to c0\n"
    "main\n chan of 0\n go f0\n go f0\n go f2\n move\n run\n audit\n audit\n go f3\n run\n wake "
    "g0\n "
    "run\n wake g0\n run\n gc\n";
static struct script script;
static bool spoilt;
static const char *directly; /* what an oracle said that was asked here */

static struct g *parked(void)
{
    return contig_g_at(0);
}

static uint64_t *word_at(uint64_t address)
{
    return (uint64_t *)(uintptr_t)address;
}

/* Slot 7 of the first goroutine, which its slot 3 points to. */
static void spoil_slot(void)
{
    *word_at(parked()->stack.sched.sp + 56) ^= 0x100;
}

static void spoil_pointer(void)
{
    *word_at(parked()->stack.sched.sp + 24) += 8;
}

static void spoil_frame_pointer(void)
{
    *word_at(parked()->stack.sched.bp) = parked()->stack.sched.bp + 8;
}

static void spoil_return_address(void)
{
    *word_at(parked()->stack.sched.bp + 8) += 1;
}

/* The slot of the deferred call of the first goroutine. */
static void spoil_deferred_call(void)
{
    parked()->stack.outside->defers[0].function_data += 8;
}

/* Where the first goroutine waits for a word. */
static void spoil_waiting_slot(void)
{
    parked()->stack.outside->sudogs[0].element.vu += 8;
}

/* The third goroutine waits for a channel. */
static void wake_who_waits_for_a_channel(void)
{
    struct g *g = contig_g_at(2);
    contig_all_p[0].waiting--;
    contig_runq_put(contig_p(), g);
}

static void spoil_slot_of_a_channel(void)
{
    contig_g_at(2)->stack.outside->sudogs[0].element.vu += 8;
    contig_g_at(2)->stack.outside->sudogs[0].element.vp += 8;
}

static void spoil_count(void)
{
    stack_units_of[0]++;
}

static void leak_stack(void)
{
    stackalloc(0, 2048);
}

static void lose_goroutine(void)
{
    contig_all_p[0].alive++;
}

static void write_to_free_stack(void)
{
    uint64_t freed;
    memset(&freed, 0xfc, sizeof freed);
    for (uint64_t *word = contig_sched.arena; word < contig_sched.arena + SCRIPT_ARENA_BYTES / 8;
         word += 256)
        if (word[0] == freed && word[128] == freed)
            word[128] = 0;
}

static void move_spoils_a_word(void)
{
    oracle_before_move(parked());
    spoil_slot();
    directly = oracle_after_move(parked(), 0);
    spoil_slot();
}

static void move_without_need(void)
{
    oracle_before_move(parked());
    directly = oracle_after_move(parked(), 0);
}

static void spoil_starting_size(void)
{
    directly = oracle_starting_size(1 << 20, 1);
}

static void (*spoil)(void);

static void audited(void)
{
    if (!spoilt && spoil != NULL)
        spoil();
    spoilt = true;
}

static const struct {
    const char *what;
    void (*spoil)(void);
    uint32_t oracles;
    const char *wanted; /* the oracle, or NULL: none may speak */
} cases[] = {
    {"nothing is wrong", NULL, ORACLES_ALL, NULL},
    {"an integer changed, the code", spoil_slot, ORACLE_CODE, "code"},
    {"an integer changed, the model", spoil_slot, ORACLE_MODEL, "model"},
    {"a pointer changed, the code", spoil_pointer, ORACLE_CODE, "code"},
    {"a pointer changed, the model", spoil_pointer, ORACLE_MODEL, "model"},
    {"a frame pointer changed, the model", spoil_frame_pointer, ORACLE_MODEL, "model"},
    {"a return address changed, the heap checker", spoil_return_address, ORACLE_HEAP, "heap"},
    {"a return address changed, the model", spoil_return_address, ORACLE_MODEL, "model"},
    {"a deferred call changed, the code", spoil_deferred_call, ORACLE_CODE, "code"},
    {"a deferred call changed, the model", spoil_deferred_call, ORACLE_MODEL, "model"},
    {"a word arrives elsewhere, the code", spoil_waiting_slot, ORACLE_CODE, "code"},
    {"a word would arrive elsewhere, the model", spoil_waiting_slot, ORACLE_MODEL, "model"},
    {"a goroutine goes on too early, the channels", wake_who_waits_for_a_channel, ORACLE_CHANNELS,
     "channels"},
    {"an element arrives elsewhere, the channels", spoil_slot_of_a_channel, ORACLE_CHANNELS,
     "channels"},
    {"an element would arrive elsewhere, the model", spoil_slot_of_a_channel, ORACLE_MODEL,
     "model"},
    {"a counter changed, the heap checker", spoil_count, ORACLE_HEAP, "heap"},
    {"a stack leaked, accounting at rest", leak_stack, ORACLE_REST, "rest"},
    {"a goroutine lost, accounting at rest", lose_goroutine, ORACLE_REST, "rest"},
    {"a freed stack written to, the poison", write_to_free_stack, ORACLE_POISON, "poison"},
    {"a word spoilt by a move, the move checker", move_spoils_a_word, ORACLE_MOVE, "move"},
    {"a move that was not due, the policy", move_without_need, ORACLE_POLICY, "policy"},
    {"a wrong starting size, the policy", spoil_starting_size, ORACLE_POLICY, "policy"},
};

static int run_case(uint32_t i)
{
    struct script_options options = {.oracles = cases[i].oracles, .audited = audited};
    spoil = cases[i].spoil;
    struct script_result result = script_run(&script, &options);
    const char *found = directly != NULL ? oracle_name : result.oracle;
    bool good = cases[i].wanted == NULL ? found == NULL
                                        : found != NULL && strcmp(found, cases[i].wanted) == 0;
    printf("%-4s %s: %s\n", good ? "ok" : "BAD", cases[i].what,
           found == NULL      ? "nothing found"
           : directly != NULL ? directly
                              : result.violation);
    return good ? 0 : 1;
}

/* W^X: no page of this process can be written and executed. */
static int no_page_is_writable_and_executable(void)
{
    char line[512];
    int bad = 0;
    struct script_options options = {0};
    script_run(&script, &options);
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        bad |= strstr(line, " rwx") != NULL;
    if (maps != NULL)
        fclose(maps);
    printf("%-4s no page is writable and executable\n", bad ? "BAD" : "ok");
    return bad;
}

int main(void)
{
    struct script_error error;
    int failed = 0;
    if (!script_parse(&script, text, sizeof text - 1, &error)) {
        printf("line %u: %s\n", error.line, error.message);
        return 1;
    }
    for (uint32_t i = 0; i <= sizeof cases / sizeof *cases; i++) {
        int status = 0;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            int result = i < sizeof cases / sizeof *cases ? run_case(i)
                                                          : no_page_is_writable_and_executable();
            fflush(stdout);
            _exit(result);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
            failed = 1;
    }
    return failed;
}
