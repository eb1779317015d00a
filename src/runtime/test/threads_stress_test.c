/* threads_stress_test.c: random graphs of goroutines and channels on eight threads, in which every message is checked.
 *
 * threads_stress_test [--seconds=N] [--without-membarrier | --membarrier-fails]: graphs until the time is over, and a
 * few at least; with the system call that locks use if there is one, or as if there was none, or as if it failed.
 * Each goroutine chooses its next operation by chance: sends, receives and selects over the channels of its graph, and
 * recursion, so that its stack grows.  Between two of them it makes goroutines that grow, end or park, wakes those that
 * parked, forces moves and preemptions, collects, looks at all stacks, and waits in the system.  A message names its
 * sender and its number: each must arrive once, and those of one sender on one channel in the order in which they were
 * sent.  Stacks are filled where nothing is in use, so that a word that was not copied shows.  THREAD-1..THREAD-6,
 * THREAD-8, CHAN-1..CHAN-9, LOCK-1. */
#define _GNU_SOURCE /* SYS_membarrier */
#include <errno.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "src/command/program.h"
#include "src/runtime/sync.h"
#include "src/testing/started.h"

#define PROCS 8u
#define ARENA_BYTES (256u << 20)
#define GRAPHS 8u
#define CHANNELS 6u
#define SENDERS 16u
#define RECEIVERS 12u
#define MESSAGES 60u /* of each sender */
#define HELP 16u     /* operations of a helper */
#define LEVELS_MAX 80u
#define CHILDREN 48u /* of each member */

/* A message: sender, number, channel; never 0. */
#define MESSAGE(sender, number, channel) \
    ((uint64_t)(sender) << 32 | (uint64_t)(number) << 8 | (channel) | UINT64_C(1) << 63)

/* A goroutine that a member made. */
struct child {
    struct body body;
    uint64_t id; /* while it is to be woken; 0: it ends of itself, or is woken */
};

/* Used by its goroutine alone, on whatever thread that runs. */
struct member {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t random;
    uint32_t number, sent;
    uint32_t closed; /* bit k: channel k is closed and empty */
    uint32_t helps;  /* operations that are left to a helper */
    uint32_t children_made;
    bool sends, helper, asked;
    struct child children[CHILDREN];
    uint32_t last[SENDERS][CHANNELS]; /* number of the last message from there, and 1 */
};

static struct member members[SENDERS + RECEIVERS + 1];
static uint64_t channels[CHANNELS];
/* Changed by atomic operations. */
static uint8_t arrived[SENDERS][MESSAGES];
static uint32_t senders_left, received, looks, waits;
static uint64_t moves;
/* Of the first thread. */
static uint64_t seed = 88172645463325252u, graphs, messages, helpers;

static uint32_t next_below(uint64_t *random, uint32_t bound)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)((*random >> 32) * bound >> 32);
}

static uint32_t below(struct member *member, uint32_t bound)
{
    return next_below(&member->random, bound);
}

/* --- messages --- */

static uint32_t channel_index(uint64_t channel)
{
    for (uint32_t k = 0; k < CHANNELS; k++)
        if (channels[k] == channel)
            return k;
    EXPECT(!"a channel of the graph");
    return 0;
}

/* CHAN-5, CHAN-6, CHAN-7: a message of this channel, for the first time, and in its order. */
static void message_arrives(struct member *member, uint64_t channel, uint64_t message)
{
    uint32_t sender = (uint32_t)(message >> 32) & 0xff, number = (uint32_t)(message >> 8) & 0xffff;
    uint32_t index = channel_index(channel);
    EXPECT(sender < SENDERS && number < MESSAGES && message == MESSAGE(sender, number, index));
    EXPECT(__atomic_fetch_add(&arrived[sender][number], 1, __ATOMIC_RELAXED) == 0);
    EXPECT(number >= member->last[sender][index]);
    member->last[sender][index] = number + 1;
    __atomic_fetch_add(&received, 1, __ATOMIC_RELAXED);
}

static void receive_ends(struct member *member, uint64_t channel, uint64_t word, bool ok)
{
    if (ok) {
        message_arrives(member, channel, word);
        return;
    }
    EXPECT(word == 0 && __atomic_load_n(&senders_left, __ATOMIC_RELAXED) == 0);
    member->closed |= 1u << channel_index(channel);
}

static void select_ends(struct member *member, const struct channel_operation *done)
{
    uint32_t chosen = (uint32_t)done->result;
    bool ok = (done->result >> 32 & 1) != 0;
    if (done->result == CONTIG_SELECT_DEFAULT)
        return;
    EXPECT(chosen < (uint32_t)done->count);
    if (!done->cases[chosen].sends) {
        receive_ends(member, done->cases[chosen].channel, done->cases[chosen].value, ok);
        return;
    }
    EXPECT(ok);
    member->sent++;
}

/* What came of the operation that the member asked for. */
static void operation_ends(struct member *member)
{
    const struct channel_operation *done = &member->operation;
    switch (done->kind) {
    case CHANNELS_SEND: member->sent++; break;
    case CHANNELS_RECEIVE:
        receive_ends(member, done->channel, done->value, done->result == 1);
        break;
    case CHANNELS_SELECT: select_ends(member, done); break;
    default: break;
    }
}

/* One to four cases; a sender has one that sends at least, and perhaps some that receive. */
static void select_begins(struct member *member)
{
    struct channel_operation *next = &member->operation;
    uint32_t count = 1 + below(member, CHANNELS_CASES_MAX);
    bool goes_on = member->helper || below(member, 4) == 0;
    *next = (struct channel_operation){.kind = CHANNELS_SELECT};
    next->count = count | (goes_on ? CONTIG_SELECT_DEFAULT : 0);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t channel = below(member, CHANNELS);
        bool sends = member->sends && (k == 0 || below(member, 3) != 0);
        next->cases[k].channel = channels[channel];
        next->cases[k].sends = sends;
        next->cases[k].value = sends ? MESSAGE(member->number, member->sent, channel) : 0;
    }
}

static void operation_begins(struct member *member)
{
    struct channel_operation *next = &member->operation;
    uint32_t kind = below(member, 8), channel = below(member, CHANNELS);
    *next = (struct channel_operation){.channel = channels[channel]};
    if (kind < 2) {
        next->kind = CHANNELS_RECURSE;
        next->count = below(member, LEVELS_MAX);
    } else if (kind < 5 || member->helper) {
        select_begins(member);
    } else if (member->sends) {
        next->kind = CHANNELS_SEND;
        next->value = MESSAGE(member->number, member->sent, channel);
    } else {
        next->kind = CHANNELS_RECEIVE;
    }
}

/* --- what happens beside --- */

static void child_made(struct member *member)
{
    static contig_function *const functions[] = {body_deep, body_list, body_return, body_park};
    if (member->children_made == CHILDREN)
        return;
    struct child *child = &member->children[member->children_made++];
    uint32_t kind = below(member, 4);
    child->body.argument = below(member, LEVELS_MAX);
    uint64_t id = go(functions[kind], &child->body);
    child->id = functions[kind] == body_park ? id : 0;
}

/* True if none of the member's children is left that parks. */
static bool children_woken(struct member *member)
{
    bool all = true;
    for (uint32_t i = 0; i < member->children_made; i++) {
        struct child *child = &member->children[i];
        if (child->id != 0 && contig_ready(child->id) == CONTIG_OK)
            child->id = 0;
        all = all && child->id == 0;
    }
    return all;
}

static void look_at_everything(struct member *member)
{
    static __thread char text[1 << 14];
    __atomic_fetch_add(&looks, 1, __ATOMIC_RELAXED);
    if (below(member, 2) == 0)
        EXPECT(contig_check_all());
    else
        EXPECT(contig_stack(0, text, sizeof text) != 0);
}

static void wait_in_the_system(void)
{
    EXPECT(contig_enter_system_call() == CONTIG_OK);
    nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    contig_leave_system_call();
    __atomic_fetch_add(&waits, 1, __ATOMIC_RELAXED);
}

static void something_happens(struct member *member)
{
    uint32_t chance = below(member, 512);
    if (chance < 64)
        contig_poison_next_prologue(below(member, 3) != 0);
    else if (chance < 160)
        child_made(member);
    else if (chance < 200)
        children_woken(member);
    else if (chance < 204)
        EXPECT(contig_gc() == CONTIG_OK);
    else if (chance == 204)
        look_at_everything(member);
    else if (chance < 216)
        wait_in_the_system();
}

static bool is_over(struct member *member)
{
    if (member->helper)
        return member->helps-- == 0;
    return member->sends ? member->sent == MESSAGES : member->closed == (1u << CHANNELS) - 1;
}

static uint64_t next_operation(uint64_t address)
{
    struct member *member = (struct member *)(uintptr_t)address;
    if (member->asked)
        operation_ends(member);
    member->asked = true;
    something_happens(member);
    if (is_over(member)) {
        if (member->sends)
            __atomic_fetch_sub(&senders_left, 1, __ATOMIC_RELAXED);
        return 0;
    }
    operation_begins(member);
    return (uint64_t)(uintptr_t)&member->operation;
}

/* --- stacks --- */

/* Where nothing is in use. */
static void fill(uint64_t low, uint64_t high)
{
    memset((void *)(uintptr_t)low, 0xfd, high - low);
}

static void taken(uint64_t low, uint64_t bytes)
{
    fill(low, low + bytes);
}

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    uint64_t low, high, pointer;
    __atomic_fetch_add(&moves, 1, __ATOMIC_RELAXED);
    EXPECT(contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK);
    EXPECT(high - low == new_bytes && high - pointer == used_bytes);
    EXPECT(new_bytes >= old_bytes / 2 && used_bytes < old_bytes);
    fill(low, pointer);
}

/* --- graphs --- */

static void member_begins(uint32_t number, bool helper)
{
    struct member *member = &members[number];
    memset(member, 0, sizeof *member);
    member->body.call = next_operation;
    member->number = number;
    member->random = seed + number + UINT64_C(0x9e3779b97f4a7c15) * ++graphs;
    member->sends = number < SENDERS;
    member->helper = helper;
    member->helps = HELP;
    go(body_channels, &member->body);
}

static void graph_begins(void)
{
    memset(arrived, 0, sizeof arrived);
    received = 0;
    senders_left = SENDERS;
    for (uint32_t k = 0; k < CHANNELS; k++)
        EXPECT(contig_chan_make(8, next_below(&seed, 3) * next_below(&seed, 4), &channels[k]) ==
               CONTIG_OK);
    for (uint32_t i = 0; i < SENDERS + RECEIVERS; i++)
        member_begins(i, false);
}

/* All may wait for one another: then a goroutine that never waits receives a few messages. */
static void graph_runs(void)
{
    uint32_t helper = SENDERS + RECEIVERS;
    for (contig_run(); senders_left != 0; contig_run()) {
        EXPECT(children_woken(&members[helper]));
        member_begins(helper, true);
        helpers++;
    }
}

/* What is buffered, or waits for a receiver, is received after the close all the same. */
static void graph_ends(void)
{
    for (uint32_t k = 0; k < CHANNELS; k++)
        EXPECT(contig_chan_close(channels[k]) == CONTIG_OK);
    contig_run();
    for (uint32_t i = 0; i <= SENDERS + RECEIVERS; i++)
        EXPECT(children_woken(&members[i]));
    EXPECT(contig_run() == 0 && contig_last_error(NULL) == CONTIG_OK);
    EXPECT(received == SENDERS * MESSAGES && statistics().goroutines == 0);
    for (uint32_t k = 0; k < CHANNELS; k++)
        EXPECT(contig_chan_free(channels[k]) == CONTIG_OK);
    messages += received;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* From now on the system says that it has no membarrier(2); or that it has it, and no memory when it is called. */
static void refuse_membarrier(bool when_called)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JA, when_called, 0, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (when_called ? ENOMEM : ENOSYS)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

int main(int argc, char **argv)
{
    uint64_t seconds = 1;
    bool without = false, fails = false;
    const struct option_form forms[] = {
        {"seconds", OPTION_NUMBER, &seconds, 1, 86400, NULL},
        {"without-membarrier", OPTION_FLAG, &without, 0, 0, NULL},
        {"membarrier-fails", OPTION_FLAG, &fails, 0, 0, NULL},
    };
    if (program_arguments("threads_stress_test",
                          "[--seconds=N] [--without-membarrier | --membarrier-fails]", argc, argv,
                          forms, sizeof forms / sizeof *forms, 0) != 0)
        return complain("threads_stress_test: one argument too many: %s", argv[1]);
    double end = now() + (double)seconds;
    if (without || fails)
        refuse_membarrier(fails);
    start_with((struct contig_options){
        .procs = PROCS, .arena_bytes = ARENA_BYTES, .moved = moved, .taken = taken});
    EXPECT(!without || !contig_sync_barriers);
    for (uint64_t done = 0; done < GRAPHS || now() < end; done++) {
        graph_begins();
        graph_runs();
        graph_ends();
    }
    struct contig_statistics all = statistics();
    printf("%lu messages, %lu goroutines, %lu moves, %lu shrinks, %lu collections, %u looks, "
           "%u waits, %lu helpers\n",
           messages, all.spawned, moves, all.shrinks, all.cycles, looks, waits, helpers);
    EXPECT(waits > 0 && all.shrinks > 0 && all.cycles > 0 && all.growths + all.shrinks == moves);
    stop();
    return output_finish(EXIT_OK);
}
