/* switch_test.c: one million random machine states before a switch, and what is left of them after it.
 *
 * On the system stack rbx, rbp, r12-r15, rsp, MXCSR and the x87 control word survive contig_execute; in the goroutine
 * rsp, rbp, MXCSR and the x87 control word survive a yield, and the context survives a prologue that moved the stack;
 * every function begins on a multiple of 16.  The host's guard word, as a host with split stacks sets it, is back
 * after each run. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "src/runtime/runtime.h"
#include "src/runtime/test/switch_probe.h"

#define STATES 1000000u

_Static_assert(offsetof(struct machine, rsp) == MACHINE_RSP &&
                   offsetof(struct machine, mxcsr) == MACHINE_MXCSR,
               "switch_probe.h");
_Static_assert(offsetof(struct machine, fpu_control) == MACHINE_FPU_CONTROL &&
                   offsetof(struct machine, r12) == MACHINE_R12,
               "switch_probe.h");
_Static_assert(offsetof(struct probe, context) == PROBE_CONTEXT &&
                   offsetof(struct probe, garbage) == PROBE_GARBAGE,
               "switch_probe.h");
_Static_assert(offsetof(struct probe, operation) == PROBE_OPERATION &&
                   offsetof(struct probe, argument_0) == PROBE_ARGUMENT_0 &&
                   offsetof(struct probe, argument_1) == PROBE_ARGUMENT_1 &&
                   offsetof(struct probe, rounds) == PROBE_ROUNDS,
               "switch_probe.h");

uint32_t machine_execute(struct m *m, struct g *g, struct machine *before, struct machine *after);
void probe_loop(void);
void probe_operation(void);

static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* All exceptions stay masked: an unmasked one would end the test, not the switch.  Any of their flags may be raised. */
static uint32_t random_mxcsr(void)
{
    return 0x1f80u | ((uint32_t)random_word() & 0xe07fu);
}

static uint16_t random_fpu_control(void)
{
    static const uint16_t precisions[] = {0, 0x200, 0x300};
    uint64_t word = random_word();
    return (uint16_t)(0x7fu | precisions[word % 3] | (word >> 8 & 3) << 10);
}

static void randomise(struct machine *machine, struct probe *probe)
{
    machine->rbx = random_word();
    machine->rbp = random_word();
    machine->r12 = random_word();
    machine->r13 = random_word();
    machine->r14 = random_word();
    machine->r15 = random_word();
    machine->mxcsr = random_mxcsr();
    machine->fpu_control = random_fpu_control();
    probe->mxcsr = random_mxcsr();
    probe->fpu_control = random_fpu_control();
    for (size_t i = 0; i < sizeof probe->garbage / sizeof *probe->garbage; i++)
        probe->garbage[i] = random_word();
}

static bool same(const struct machine *a, const struct machine *b)
{
    return a->rbx == b->rbx && a->rbp == b->rbp && a->r12 == b->r12 && a->r13 == b->r13 &&
           a->r14 == b->r14 && a->r15 == b->r15 && a->rsp == b->rsp && a->mxcsr == b->mxcsr &&
           a->fpu_control == b->fpu_control;
}

static uint64_t guard_word(void)
{
    uint64_t word;
    __asm__ volatile("mov %%fs:%c1, %0" : "=r"(word) : "i"(GUARD_TLS_OFFSET));
    return word;
}

static void guard_word_set(uint64_t word)
{
    __asm__ volatile("mov %0, %%fs:%c1" : : "r"(word), "i"(GUARD_TLS_OFFSET));
}

/* SWITCH-1, SWITCH-5: runs g until it yields, however often its prologues ask for a move. */
static bool switch_once(struct g *g, struct probe *probe, bool *good)
{
    struct machine before, after;
    uint32_t request;
    do {
        uint64_t guard = random_word();
        randomise(&before, probe);
        guard_word_set(guard);
        g->status = G_RUNNING;
        request = machine_execute(contig_m, g, &before, &after);
        if (!same(&before, &after)) {
            fprintf(stderr, "switch_test: a register did not survive contig_execute (request %u)\n",
                    request);
            *good = false;
            return false;
        }
        if (guard_word() != guard) {
            fprintf(stderr, "switch_test: the host's guard word did not survive contig_execute\n");
            *good = false;
            return false;
        }
    } while (request == REQUEST_MORESTACK && contig_newstack(g) == CONTIG_OK);
    return request == REQUEST_YIELD;
}

/* SWITCH-2, SWITCH-3, SWITCH-4: the probe compares what the goroutine finds after each yield and move. */
static bool switches(void)
{
    struct probe probe = {
        .mxcsr = random_mxcsr(), .fpu_control = random_fpu_control(), .context = random_word()};
    struct contig_options options = {.arena_bytes = 64 << 20};
    struct contig_statistics statistics;
    uint64_t id;
    bool good = contig_start(&options, NULL) == CONTIG_OK &&
                contig_go(probe_loop, (uint64_t)(uintptr_t)&probe, &id) == CONTIG_OK;
    if (!good)
        return false;
    struct g *g = contig_g_by_id(id);
    for (uint32_t i = 0; i < STATES && good; i++) {
        if (random_word() % 4 == 0)
            g->stackguard = STACK_FORCE_MOVE;
        good = switch_once(g, &probe, &good) && good;
        if (good && g->stack.sched.sp % 16 != 0)
            good = false;
    }
    contig_read_statistics(&statistics);
    printf("%u states, %llu moves, %llu aligned entries, %llu errors\n", STATES,
           (unsigned long long)statistics.growths, (unsigned long long)probe.entries,
           (unsigned long long)probe.errors);
    return good && probe.errors == 0 && statistics.growths > STATES / 8 && probe.entries >= STATES;
}

#define MESSAGES 1000u

/* SWITCH-2: a goroutine keeps its control words over an operation that is done at once, and over one that waits while
 * another one has others.  Without a slot a zero is sent, and what is received is dropped. */
static bool messages(void)
{
    uint64_t channel, ids[3];
    struct contig_options options = {.arena_bytes = 64 << 20};
    if (contig_start(&options, NULL) != CONTIG_OK || contig_chan_make(8, 0, &channel) != CONTIG_OK)
        return false;
    struct contig_select_case receives = {.channel = channel};
    struct probe probes[3] = {
        {.operation = contig_chansend, .argument_0 = channel, .rounds = MESSAGES},
        {.operation = contig_chanrecv, .argument_0 = channel, .rounds = MESSAGES / 2},
        {.operation = contig_selectgo,
         .argument_0 = (uint64_t)(uintptr_t)&receives,
         .argument_1 = 1,
         .rounds = MESSAGES / 2}};
    uint64_t errors = 0, entries = 0;
    for (uint32_t i = 0; i < 3; i++) {
        probes[i].mxcsr = 0x1f80u | i << 13;
        probes[i].fpu_control = (uint16_t)(0x7fu | i << 10);
        if (contig_go(probe_operation, (uint64_t)(uintptr_t)&probes[i], &ids[i]) != CONTIG_OK)
            return false;
    }
    bool good = contig_run() == 0;
    for (uint32_t i = 0; i < 3; i++) {
        errors += probes[i].errors;
        entries += probes[i].entries;
    }
    printf("%llu operations on a channel, %llu errors\n", (unsigned long long)entries,
           (unsigned long long)errors);
    return contig_stop() == CONTIG_OK && good && errors == 0 && entries == 2 * MESSAGES;
}

int main(void)
{
    return messages() && switches() ? 0 : 1;
}
