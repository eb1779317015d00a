/* threads_test.c: goroutines on several threads: births, ends, growth, channels, collections and stops of the world.
 * THREAD-1..THREAD-6, THREAD-8, OWN-1..OWN-3, LIFE-12, CALL-3. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/testing/started.h"

#define ARENA_BYTES (256u << 20)
#define PROCS 4u
#define PARENTS 64u
#define CHILDREN 200u
#define PAIRS 16u
#define AWAY 10u
#define MESSAGES 300u

static uint32_t ended, seen_by[NUM_P];

static uint64_t count_end(uint64_t address)
{
    (void)address;
    __atomic_add_fetch(&ended, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&seen_by[contig_p()->id], 1, __ATOMIC_RELAXED);
    return 0;
}

static void forget_ends(void)
{
    ended = 0;
    memset(seen_by, 0, sizeof seen_by);
}

static struct body children[PARENTS][CHILDREN];

static uint64_t bear(uint64_t address)
{
    struct body *parent = (struct body *)(uintptr_t)address;
    for (uint32_t i = 0; i < CHILDREN; i++) {
        struct body *child = &children[parent->identity][i];
        *child = (struct body){.argument = i % 50, .call = count_end};
        go(i % 2 == 0 ? body_deep : body_list, child);
    }
    return count_end(address);
}

/* THREAD-1, THREAD-2: each goroutine runs once, wherever it was born; several threads run some.  THREAD-5: what all P's
 * counted adds up.  OWN-3: the tables that they share are sound afterwards. */
static void all_run(uint32_t procs)
{
    static struct body parents[PARENTS];
    uint32_t several = 0;
    start_with((struct contig_options){.procs = procs, .arena_bytes = ARENA_BYTES});
    for (uint32_t round = 0; round < 5; round++) {
        forget_ends();
        for (uint32_t i = 0; i < PARENTS; i++) {
            parents[i] = (struct body){.argument = 5, .identity = i, .call = bear};
            go(body_deep, &parents[i]);
        }
        EXPECT(contig_run() == 0);
        EXPECT(ended >= PARENTS && statistics().goroutines == 0);
        uint32_t threads = 0;
        for (uint32_t i = 0; i < NUM_P; i++)
            threads += seen_by[i] != 0;
        EXPECT(threads == 1 || procs > 1);
        several += threads > 1;
        for (uint32_t i = 0; i < PARENTS * CHILDREN; i++) {
            const struct body *child = &children[i / CHILDREN][i % CHILDREN];
            EXPECT(child->result != 0 || child->argument == 0);
        }
        EXPECT(contig_gc() == CONTIG_OK && contig_check_all());
    }
    EXPECT(several > 0 || procs == 1);
    EXPECT(statistics().spawned == UINT64_C(5) * PARENTS * (CHILDREN + 1));
    stop();
}

struct talker {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t channels[2];
    uint32_t number, done;
    bool begins, asked;
};

static struct talker talkers[2 * PAIRS];

/* What one says the other says back; now and then a stack grows, and the world stops for a collection. */
static uint64_t talk(uint64_t address)
{
    struct talker *talker = (struct talker *)(uintptr_t)address;
    bool says = (talker->done % 2 == 0) == talker->begins;
    if (talker->asked && talker->operation.kind == CHANNELS_RECEIVE)
        EXPECT(talker->operation.value == talker->done / 2 + 1 && talker->operation.result == 1);
    if (talker->asked && talker->operation.kind != CHANNELS_RECURSE) {
        talker->done++;
        says = !says;
    }
    talker->asked = true;
    if (talker->done == 2 * MESSAGES)
        return 0;
    talker->operation = (struct channel_operation){.channel = talker->channels[talker->done % 2],
                                                   .value = talker->done / 2 + 1,
                                                   .kind = says ? CHANNELS_SEND : CHANNELS_RECEIVE};
    if (talker->done % 100 == 50 && talker->number % 4 == 0)
        EXPECT(contig_gc() == CONTIG_OK);
    return (uint64_t)(uintptr_t)&talker->operation;
}

/* CHAN-6, CHAN-7: a message goes to who waits, also to the stack of a goroutine that waited on another thread. */
static void pairs_talk(uint32_t procs, uint64_t capacity)
{
    start_with((struct contig_options){.procs = procs, .arena_bytes = ARENA_BYTES});
    memset(talkers, 0, sizeof talkers);
    for (uint32_t i = 0; i < 2 * PAIRS; i++) {
        struct talker *talker = &talkers[i];
        talker->body.call = talk;
        talker->number = i;
        talker->begins = i % 2 == 0;
        for (uint32_t k = 0; k < 2 && i % 2 == 0; k++)
            EXPECT(contig_chan_make(8, capacity, &talker->channels[k]) == CONTIG_OK);
        if (i % 2 == 1)
            memcpy(talker->channels, talkers[i - 1].channels, sizeof talker->channels);
        go(body_channels, &talker->body);
    }
    EXPECT(contig_run() == 0);
    for (uint32_t i = 0; i < 2 * PAIRS; i++)
        EXPECT(talkers[i].done == 2 * MESSAGES);
    stop();
}

static uint64_t sleepers[PAIRS];
static uint32_t woken;

static uint64_t wake_all(uint64_t address)
{
    struct body *body = (struct body *)(uintptr_t)address;
    for (uint32_t i = 0; i < PAIRS; i++)
        if (contig_ready(sleepers[i]) == CONTIG_OK)
            __atomic_add_fetch(&woken, 1, __ATOMIC_RELAXED);
    return body->argument;
}

static uint64_t collect(uint64_t address)
{
    (void)address;
    for (uint32_t i = 0; i < 3; i++)
        EXPECT(contig_gc() == CONTIG_OK);
    return 0;
}

/* LIFE-12: of all that wake a goroutine at one moment, one does.  OWN-1: also while a collection shrinks its stack. */
static void one_wakes(void)
{
    struct body waiting[PAIRS] = {0}, waking[PAIRS] = {0}, collecting = {.call = collect};
    start_with((struct contig_options){
        .procs = PROCS, .arena_bytes = ARENA_BYTES, .fixed_starting_size = true});
    for (uint32_t round = 0; round < 200; round++) {
        woken = 0;
        for (uint32_t i = 0; i < PAIRS; i++) {
            waiting[i] = (struct body){.argument = 100};
            sleepers[i] = go(body_shrink, &waiting[i]);
        }
        EXPECT(contig_run() == PAIRS);
        go(body_deep, &collecting);
        for (uint32_t i = 0; i < PAIRS; i++) {
            waking[i] = (struct body){.argument = 3, .call = wake_all};
            go(body_deep, &waking[i]);
        }
        EXPECT(contig_run() == 0 && woken == PAIRS);
    }
    EXPECT(statistics().shrinks > 0);
    stop();
}

static uint32_t stops;

static uint64_t stop_the_world(uint64_t address)
{
    char text[4096];
    (void)address;
    EXPECT(contig_gc() == CONTIG_OK);
    EXPECT(contig_check_all());
    EXPECT(contig_stack(0, text, sizeof text) > 0 && statistics().goroutines > 0);
    EXPECT(contig_run() == 0 && reported("contig_run was called inside of contig_run"));
    __atomic_add_fetch(&stops, 1, __ATOMIC_RELAXED);
    return 0;
}

/* OWN-1, OWN-2, THREAD-4: goroutines that never ask for anything stop at a prologue while the world is stopped. */
static void the_world_stops(void)
{
    struct body busy[PROCS], stopping[PROCS];
    start_with((struct contig_options){.procs = PROCS, .arena_bytes = ARENA_BYTES});
    stops = 0;
    for (uint32_t i = 0; i < PROCS; i++) {
        busy[i] = (struct body){.argument = 27};
        stopping[i] = (struct body){.argument = 30, .call = stop_the_world};
        go(body_fib, &busy[i]);
        go(body_deep, &stopping[i]);
    }
    EXPECT(contig_run() == 0 && stops == PROCS);
    for (uint32_t i = 0; i < PROCS; i++)
        EXPECT(busy[i].result == 196418);
    stop();
}

static struct body busy[PROCS];

static uint64_t let_go(uint64_t address)
{
    (void)address;
    for (uint32_t i = 0; i < PROCS; i++)
        __atomic_store_n(&busy[i].argument, 0, __ATOMIC_RELAXED);
    return 0;
}

/* THREAD-6: goroutines that never end of themselves let one run that ends them. */
static void nobody_runs_for_ever(void)
{
    struct body ending = {.argument = 3, .call = let_go};
    start_with((struct contig_options){.procs = PROCS, .arena_bytes = ARENA_BYTES});
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < PROCS; i++) {
            busy[i].argument = 1;
            go(body_busy, &busy[i]);
        }
        go(body_deep, &ending);
        EXPECT(contig_run() == 0);
    }
    stop();
}

static int pipes[AWAY][2];
static uint32_t read_back;

/* THREAD-8: waits in the system for a word that another goroutine writes. */
static uint64_t read_word(uint64_t address)
{
    const struct body *body = (const struct body *)(uintptr_t)address;
    uint64_t word = 0;
    EXPECT(contig_enter_system_call() == CONTIG_OK);
    EXPECT(read(pipes[body->identity][0], &word, sizeof word) == sizeof word);
    EXPECT(contig_go(body_return, 0, NULL) == CONTIG_BAD_STATE && contig_gc() == CONTIG_BAD_STATE);
    contig_leave_system_call();
    EXPECT(contig_go(body_return, 0, NULL) == CONTIG_OK);
    EXPECT(word == body->identity + 1);
    __atomic_add_fetch(&read_back, 1, __ATOMIC_RELAXED);
    return 0;
}

static uint64_t write_words(uint64_t address)
{
    char text[20000];
    (void)address;
    EXPECT(contig_gc() == CONTIG_OK && contig_check_all());
    EXPECT(contig_stack(0, text, sizeof text) > 0 && strstr(text, "[syscall]") != NULL);
    for (uint64_t i = 0; i < AWAY; i++) {
        uint64_t word = i + 1;
        EXPECT(write(pipes[i][1], &word, sizeof word) == sizeof word);
    }
    return 0;
}

/* THREAD-8: more goroutines wait in the system than threads may run, and what is left goes on.  OWN-1: their stacks are
 * scanned meanwhile, and stay where they are. */
static void threads_are_replaced(uint32_t procs)
{
    static struct body readers[AWAY], others[PAIRS];
    struct body writer = {.argument = 3, .call = write_words};
    start_with((struct contig_options){.procs = procs, .arena_bytes = ARENA_BYTES});
    EXPECT(contig_enter_system_call() == CONTIG_BAD_STATE);
    for (uint32_t round = 0; round < 20; round++) {
        forget_ends();
        read_back = 0;
        for (uint32_t i = 0; i < AWAY; i++) {
            readers[i] = (struct body){.argument = 5, .identity = i, .call = read_word};
            EXPECT(pipe(pipes[i]) == 0);
            go(body_deep, &readers[i]);
        }
        for (uint32_t i = 0; i < PAIRS; i++) {
            others[i] = (struct body){.argument = 50, .call = count_end};
            go(body_deep, &others[i]);
        }
        go(body_deep, &writer);
        EXPECT(contig_run() == 0 && read_back == AWAY && ended == PAIRS);
        for (uint32_t i = 0; i < AWAY; i++)
            EXPECT(close(pipes[i][0]) == 0 && close(pipes[i][1]) == 0);
    }
    EXPECT(contig_sched.threads <= procs + AWAY && contig_sched.away == 0);
    EXPECT(contig_sched.sleeping == contig_sched.threads - 1);
    stop();
}

struct yielder {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint32_t yields;
};

static uint32_t inside, most_inside;

/* Waits in the system; yields until all are back, and so often again that each thread has come between two goroutines;
 * then counts how many do the same at a time. */
static uint64_t read_and_count(uint64_t address)
{
    struct yielder *yielder = (struct yielder *)(uintptr_t)address;
    if (yielder->yields == 0)
        read_word(address);
    yielder->yields +=
        __atomic_load_n(&read_back, __ATOMIC_RELAXED) == AWAY || yielder->yields == 0;
    if (yielder->yields == 20)
        return 0;
    yielder->operation = (struct channel_operation){.kind = CHANNELS_SLEEP, .value = 0};
    if (yielder->yields > 5) {
        uint32_t now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
        if (now > __atomic_load_n(&most_inside, __ATOMIC_RELAXED))
            __atomic_store_n(&most_inside, now, __ATOMIC_RELAXED);
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
        __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    }
    return (uint64_t)(uintptr_t)&yielder->operation;
}

/* THREAD-8: those that come back are too many for a moment only. */
static void too_many_sleep(void)
{
    static struct yielder yielders[AWAY];
    struct body writer = {.argument = 3, .call = write_words};
    start_with((struct contig_options){.procs = 2, .arena_bytes = ARENA_BYTES});
    read_back = most_inside = 0;
    memset(yielders, 0, sizeof yielders);
    for (uint32_t i = 0; i < AWAY; i++) {
        yielders[i].body.identity = i;
        yielders[i].body.call = read_and_count;
        EXPECT(pipe(pipes[i]) == 0);
        go(body_channels, &yielders[i].body);
    }
    go(body_deep, &writer);
    EXPECT(contig_run() == 0 && read_back == AWAY);
    EXPECT(most_inside > 0 && most_inside <= 2);
    for (uint32_t i = 0; i < AWAY; i++)
        EXPECT(close(pipes[i][0]) == 0 && close(pipes[i][1]) == 0);
    stop();
}

/* With one thread a system call stops all, and its goroutine's stack stays. */
static uint64_t call_alone(uint64_t address)
{
    EXPECT(contig_enter_system_call() == CONTIG_OK && contig_m->curg->in_system_call);
    EXPECT(contig_enter_system_call() == CONTIG_BAD_STATE);
    if (address % 2 == 0)
        contig_leave_system_call();
    return count_end(address);
}

static void one_thread_is_not_replaced(void)
{
    struct body body = {.argument = 3, .call = call_alone};
    start_with((struct contig_options){.procs = 1, .arena_bytes = ARENA_BYTES});
    forget_ends();
    go(body_deep, &body);
    EXPECT(contig_run() == 0 && ended == 1 && contig_m->callback == CALLBACK_NONE);
    EXPECT(contig_enter_system_call() == CONTIG_BAD_STATE);
    contig_leave_system_call();
    stop();
}

static void *call_from_outside(void *argument)
{
    uint64_t id = *(uint64_t *)argument;
    char text[200];
    struct body body = {0};
    EXPECT(contig_go(body_return, (uint64_t)(uintptr_t)&body, NULL) == CONTIG_BAD_STATE);
    EXPECT(contig_ready(id) == CONTIG_BAD_STATE && contig_run() == 0);
    EXPECT(contig_stack_bounds(id, NULL, NULL, NULL) == CONTIG_BAD_STATE);
    EXPECT(contig_stack(0, text, sizeof text) == 0 && statistics().goroutines == 0);
    EXPECT(contig_check_all() && contig_last_error(NULL) == CONTIG_OK);
    return NULL;
}

/* CALL-3 */
static void other_threads_are_refused(void)
{
    struct body body = {0};
    pthread_t thread;
    start_with((struct contig_options){.procs = 2, .arena_bytes = ARENA_BYTES});
    uint64_t id = go(body_park, &body);
    EXPECT(contig_run() == 1);
    EXPECT(pthread_create(&thread, NULL, call_from_outside, &id) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    EXPECT(reported("by a thread that runs no goroutines"));
    EXPECT(contig_ready(id) == CONTIG_OK && contig_run() == 0);
    stop();
}

static uint64_t other;

static void look_at_a_move(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    uint64_t low, high;
    char text[4096];
    EXPECT(contig_stack_bounds(id, &low, &high, NULL) == CONTIG_OK && high - low == new_bytes);
    EXPECT(contig_stack(id, text, sizeof text) > 0 && used_bytes <= old_bytes);
    EXPECT(contig_stack_bounds(other, NULL, NULL, NULL) == CONTIG_BAD_STATE);
    EXPECT(statistics().goroutines == 0 && contig_stack(0, text, sizeof text) == 0);
}

/* CALL-4 */
static void callbacks_look_at_what_moves(void)
{
    struct body deep[PAIRS] = {0}, waiting = {0}, collecting = {.call = collect};
    start_with((struct contig_options){
        .procs = PROCS, .arena_bytes = ARENA_BYTES, .moved = look_at_a_move});
    other = go(body_park, &waiting);
    EXPECT(contig_run() == 1);
    for (uint32_t i = 0; i < PAIRS; i++) {
        deep[i] = (struct body){.argument = 300};
        go(body_shrink, &deep[i]);
        go(body_deep, &collecting);
    }
    EXPECT(contig_run() == PAIRS + 1 && statistics().shrinks > 0);
    EXPECT(reported("from a callback about a stack, with several threads"));
    stop();
}

/* ERR-4 */
static void options_are_checked(void)
{
    static const char *const wrong[] = {"0", "65", "two", "-1", ""};
    char message[200] = "";
    EXPECT(contig_start(&(struct contig_options){.procs = 65}, message) == CONTIG_BAD_OPTION);
    EXPECT(strstr(message, "65 processors") != NULL);
    EXPECT(contig_start(&(struct contig_options){.procs = 2, .check = true}, message) ==
           CONTIG_BAD_OPTION);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        EXPECT(setenv("CONTIG_PROCS", wrong[i], 1) == 0);
        EXPECT(contig_start(NULL, message) == CONTIG_BAD_OPTION);
        EXPECT(strstr(message, "CONTIG_PROCS=") != NULL);
    }
    EXPECT(setenv("CONTIG_PROCS", "3", 1) == 0);
    start_with((struct contig_options){.arena_bytes = ARENA_BYTES});
    EXPECT(contig_sched.procs == 3);
    stop();
    EXPECT(unsetenv("CONTIG_PROCS") == 0);
}

int main(void)
{
    options_are_checked();
    for (uint32_t procs = 1; procs <= 8; procs *= 2)
        all_run(procs);
    for (uint64_t capacity = 0; capacity < 3; capacity++)
        pairs_talk(PROCS, capacity);
    one_wakes();
    the_world_stops();
    nobody_runs_for_ever();
    threads_are_replaced(2);
    threads_are_replaced(PROCS);
    too_many_sleep();
    one_thread_is_not_replaced();
    other_threads_are_refused();
    callbacks_look_at_what_moves();
    return 0;
}
