/* threads.c: the threads that run goroutines, each with a P for all its life.  contig_sched.procs of them do at a time.
 *
 *      a P's own queue    only its thread touches it, without a lock
 *      the common queue   what a P gave, since a thread sleeps that had nothing to run
 *
 *      runs --nothing to run--> sleeps --woken by who gives--> runs
 *         |---the world stops---> stopped --the world goes on--> runs
 *         `---a system call-----> away ----comes back----> runs, or one too many: gives all, and sleeps
 *
 * A thread never takes from the queue of another: it falls asleep, and the next thread that looks at `calls` between
 * two goroutines gives half of what it can spare (steal requests of private deques: Acar, Chargueraud, Rainey,
 * "Scheduling Parallel Programs by Work Stealing with Private Deques", PPoPP 2013).  So a queue needs no atomic
 * operation, and with one thread nothing is asked.  The first thread is the one that calls contig_run; it returns when
 * all sleep.
 *
 * A thread that waits in the system gives what it has before, and another one, made if there is none, takes its place
 * (Go hands over the P).  What lies in the common queue then is for all: CALL_SHARE.  THREAD-1..THREAD-5, THREAD-8; Go
 * 1.19 runtime/proc.go findrunnable, stopTheWorldWithSema, entersyscallblock, exitsyscall. */
#include "src/runtime/runtime.h"

#include <stdlib.h>

#define MESSAGE_BYTES 200

/* A select chooses in the same order in each run of a program with one thread. */
#define SELECT_SEED UINT64_C(0x9e3779b97f4a7c15)

/* A request to stop can come while a thread enters a goroutine, and miss it: it is repeated this often. */
#define ASK_AGAIN_NANOSECONDS UINT64_C(200000)

/* Of m.sleeps. */
enum sleep_state { AWAKE = 0, DOZES, SLEEPS };

static struct m threads[NUM_P];
_Thread_local struct m *contig_m;

static bool is_first(const struct m *m)
{
    return m == &threads[0];
}

static void calls_change(uint32_t calls)
{
    SYNC_WRITE(&contig_sched.calls, calls);
}

/* Threads that run goroutines, or are about to. */
static uint32_t running(void)
{
    return contig_sched.threads - contig_sched.sleeping - contig_sched.away;
}

/* Threads that sleep and could be woken: not more than procs may run. */
static uint32_t wanting(void)
{
    uint32_t room = running() < contig_sched.procs ? contig_sched.procs - running() : 0;
    return room < contig_sched.sleeping ? room : contig_sched.sleeping;
}

/* The number of threads that run has changed.  With the lock. */
static void running_changed(void)
{
    uint32_t calls = contig_sched.calls & (CALL_SLEEPER - 1) & ~CALL_EXCESS;
    if (running() > contig_sched.procs)
        calls |= CALL_EXCESS;
    calls_change(calls + wanting() * CALL_SLEEPER);
}

/* A thread fell asleep, or stands still: who stops the world counts again. */
static void stop_changed(void)
{
    SYNC_WRITE(&contig_sched.stop_changes, contig_sched.stop_changes + 1);
    if (contig_sched.stopper != NULL)
        contig_sync_wake(&contig_sched.stop_changes, 1);
}

/* m runs again.  With the lock. */
static void awaken(struct m *m)
{
    struct m **at = &contig_sched.first_sleeper;
    while (*at != m)
        at = &(*at)->sleeper;
    *at = m->sleeper;
    contig_sched.sleeping--;
    running_changed();
    if (SYNC_EXCHANGE(&m->sleeps, AWAKE) == SLEEPS)
        contig_sync_wake(&m->sleeps, 1);
}

/* For a moment, then in earnest, until m is woken or, if it is not for ever, so many nanoseconds have passed. */
static void doze(struct m *m, uint64_t nanoseconds)
{
    uint32_t state = DOZES;
    for (uint32_t i = 0; i < SYNC_DOZE_SPINS && SYNC_READ(&m->sleeps) == DOZES; i++)
        SYNC_RELAX();
    if (!SYNC_COMPARE_EXCHANGE(&m->sleeps, &state, (uint32_t)SLEEPS))
        return;
    contig_sync_wait(&m->sleeps, SLEEPS, nanoseconds);
    while (nanoseconds == SYNC_FOR_EVER && SYNC_READ(&m->sleeps) == SLEEPS)
        contig_sync_wait(&m->sleeps, SLEEPS, SYNC_FOR_EVER);
}

/* THREAD-3: m sleeps until it is woken; when all do, the first thread learns that nobody can run.  With the lock. */
static void fall_asleep(struct m *m)
{
    m->sleeper = contig_sched.first_sleeper;
    contig_sched.first_sleeper = m;
    contig_sched.sleeping++;
    running_changed();
    SYNC_WRITE(&m->sleeps, DOZES);
    stop_changed();
    if (contig_sched.sleeping == contig_sched.threads && !contig_timers_any()) {
        threads[0].finished = true;
        awaken(&threads[0]);
    }
    uint64_t nanoseconds = contig_sched.looks ? contig_timers_wait() : SYNC_FOR_EVER;
    contig_lock_release(&contig_sched.lock);
    doze(m, nanoseconds);
    contig_lock_acquire(&contig_sched.lock);
    if (SYNC_READ(&m->sleeps) != AWAKE)
        awaken(m);
}

/* m waits until the world goes on.  With the lock. */
static void stand_still(void)
{
    uint32_t world = contig_sched.worlds;
    contig_sched.stopped++;
    stop_changed();
    contig_lock_release(&contig_sched.lock);
    while (SYNC_READ(&contig_sched.worlds) == world)
        contig_sync_wait(&contig_sched.worlds, world, SYNC_FOR_EVER);
    contig_lock_acquire(&contig_sched.lock);
    contig_sched.stopped--;
}

/* The first `count` of a queue go to the end of another one. */
static void append(struct g **first, struct g **last, struct g *from, struct g *to)
{
    if (*first != NULL)
        (*last)->next = from;
    else
        *first = from;
    *last = to;
    to->next = NULL;
}

static struct g *cut(struct g **first, uint32_t count)
{
    struct g *last = *first;
    for (uint32_t i = 1; i < count; i++)
        last = last->next;
    *first = last->next;
    return last;
}

/* The first `count` of p's queue become common.  With the lock. */
static void make_common(struct p *p, uint32_t count)
{
    if (count == 0)
        return;
    struct g *from = p->run_first, *to = cut(&p->run_first, count);
    append(&contig_sched.run_first, &contig_sched.run_last, from, to);
    p->run_count -= count;
    contig_sched.run_count += count;
}

/* THREAD-2: half of what m can spare, and as many threads that sleep are woken for it. */
static void give(struct m *m, uint32_t spare)
{
    uint32_t count = (spare + 1) / 2;
    contig_lock_acquire(&contig_sched.lock);
    if (wanting() != 0)
        make_common(m->p, count);
    for (uint32_t i = 0; i < count && wanting() != 0; i++)
        awaken(contig_sched.first_sleeper);
    contig_lock_release(&contig_sched.lock);
}

/* THREAD-8: all that m has, for any thread that looks.  With the lock. */
static void give_all(struct m *m)
{
    make_common(m->p, m->p->run_count);
    if (contig_sched.run_count != 0)
        contig_call(CALL_SHARE, true);
}

/* p's part of the common queue, if each that sleeps gets one, and with CALL_SHARE each that runs.  With the lock. */
static void take(struct p *p)
{
    uint32_t takers = contig_sched.calls & CALL_SHARE ? running() + wanting() : wanting() + 1;
    uint32_t count = (contig_sched.run_count + takers - 1) / takers;
    if (contig_sched.calls & CALL_SHARE && count == contig_sched.run_count)
        contig_call(CALL_SHARE, false);
    if (count == 0)
        return;
    struct g *from = contig_sched.run_first, *to = cut(&contig_sched.run_first, count);
    contig_sched.run_count -= count;
    append(&p->run_first, &p->run_last, from, to);
    p->run_count += count;
}

/* THREAD-8: nobody sleeps for whom the common queue is. */
static void share(struct p *p)
{
    contig_lock_acquire(&contig_sched.lock);
    take(p);
    contig_lock_release(&contig_sched.lock);
}

struct g *contig_find_runnable(struct m *m)
{
    struct g *g = NULL;
    contig_lock_acquire(&contig_sched.lock);
    for (;;) {
        while (contig_sched.stopper != NULL && contig_sched.stopper != m)
            stand_still();
        /* What was given to m comes before whose time has come. */
        bool excess = running() > contig_sched.procs;
        if (m->p->run_count == 0 && !excess)
            take(m->p);
        if (contig_sched.looks)
            contig_timers_fire();
        if (excess)
            give_all(m);
        g = contig_runq_get(m->p);
        bool nobody_runs = is_first(m) && contig_sched.sleeping + 1 == contig_sched.threads &&
                           !contig_timers_any();
        if (g != NULL || nobody_runs || m->finished || contig_sched.quitting)
            break;
        fall_asleep(m);
    }
    m->finished = false;
    contig_lock_release(&contig_sched.lock);
    return g;
}

void contig_stand_by(void)
{
    contig_lock_acquire(&contig_sched.lock);
    while (contig_sched.stopper != NULL && contig_sched.stopper != contig_m)
        stand_still();
    contig_lock_release(&contig_sched.lock);
}

void contig_stand_while(const uint32_t *word, uint32_t value)
{
    contig_lock_acquire(&contig_sched.lock);
    while (SYNC_READ(word) == value)
        stand_still();
    contig_lock_release(&contig_sched.lock);
}

void contig_call(uint32_t call, bool on)
{
    calls_change(on ? contig_sched.calls | call : contig_sched.calls & ~call);
}

/* g is the next one of p's queue. */
static void put_first(struct p *p, struct g *g)
{
    g->next = p->run_first;
    p->run_last = p->run_first == NULL ? g : p->run_last;
    p->run_first = g;
    p->run_count++;
}

/* The world stops: g, if it does not go on, is one of the queue meanwhile. */
static void stand_by_with(struct p *p, struct g *g)
{
    bool queued = SYNC_READ(&g->status) != G_RUNNING;
    if (queued)
        put_first(p, g);
    contig_stand_by();
    if (queued)
        contig_runq_get(p);
}

/* A collection may own the stack of g, if g does not go on. */
static void run_when_released(struct g *g)
{
    uint8_t runnable = G_RUNNABLE;
    while (!SYNC_COMPARE_EXCHANGE(&g->status, &runnable, (uint8_t)G_RUNNING) &&
           runnable == G_HELD_BACK) {
        runnable = G_RUNNABLE;
        contig_sync_pause();
    }
}

struct g *contig_attend(struct m *m, struct g *g, bool all)
{
    uint32_t calls = SYNC_READ(&contig_sched.calls);
    /* THREAD-8: too many run. */
    if (all && calls & CALL_EXCESS && SYNC_READ(&g->status) != G_RUNNING) {
        put_first(m->p, g);
        g = contig_find_runnable(m);
        if (g == NULL)
            return NULL;
    }
    if (all && calls & CALL_STOP)
        stand_by_with(m->p, g);
    if (all && calls & CALL_SHARE)
        share(m->p);
    if (calls & CALL_TIMER)
        contig_timers_look();
    if (all && calls >= CALL_SLEEPER && m->p->run_count != 0)
        give(m, m->p->run_count);
    if (SYNC_READ(&contig_sched.calls) & CALL_SCAN)
        run_when_released(g);
    if (calls & CALL_POISON)
        contig_poison(g);
    return g;
}

uint64_t contig_thread_guard_of(uint32_t number)
{
    const struct m *m = &threads[number];
    const uint64_t *word = SYNC_READ(&m->guard);
    uint64_t guard = word == NULL ? 0 : SYNC_PEEK(word);
    return word == NULL || guard == m->rest_guard ? 0 : guard;
}

/* OWN-2: only what a goroutine compares with is replaced, so that the system stack's own guard is never lost. */
void contig_thread_ask(uint32_t number)
{
    uint64_t guard = contig_thread_guard_of(number);
    if (guard != 0)
        SYNC_COMPARE_EXCHANGE(threads[number].guard, &guard, STACK_PREEMPT);
}

static void others_ask_to_stop(const struct m *m)
{
    uint32_t count = SYNC_READ(&contig_sched.threads);
    for (uint32_t i = 0; i < count; i++)
        if (&threads[i] != m)
            contig_thread_ask(i);
}

void contig_world_stop(void)
{
    struct m *m = contig_m;
    if (!contig_threads)
        return;
    if (SYNC_READ(&contig_sched.stopper) == m) {
        contig_sched.world_depth++;
        return;
    }
    contig_lock_acquire(&contig_sched.lock);
    while (contig_sched.stopper != NULL)
        stand_still();
    SYNC_WRITE(&contig_sched.stopper, m);
    contig_sched.world_depth = 1;
    calls_change(contig_sched.calls | CALL_STOP);
    while (contig_sched.stopped + 1 < running()) {
        uint32_t changes = contig_sched.stop_changes;
        contig_lock_release(&contig_sched.lock);
        others_ask_to_stop(m);
        contig_sync_wait(&contig_sched.stop_changes, changes, ASK_AGAIN_NANOSECONDS);
        contig_lock_acquire(&contig_sched.lock);
    }
    contig_lock_release(&contig_sched.lock);
}

void contig_world_go_on(void)
{
    if (!contig_threads || --contig_sched.world_depth != 0)
        return;
    contig_lock_acquire(&contig_sched.lock);
    SYNC_WRITE(&contig_sched.stopper, NULL);
    calls_change(contig_sched.calls & ~CALL_STOP);
    SYNC_WRITE(&contig_sched.worlds, contig_sched.worlds + 1);
    contig_sync_wake(&contig_sched.worlds, NUM_P);
    contig_lock_release(&contig_sched.lock);
}

static void guard_publish(struct m *m)
{
    uint64_t *word = contig_thread_guard();
    m->rest_guard = *word;
    SYNC_WRITE(&m->guard, word);
}

static void *thread_main(void *argument)
{
    struct m *m = argument;
    contig_m = m;
    guard_publish(m);
    contig_thread_run(m);
    return NULL;
}

static void m_prepare(uint32_t number)
{
    struct p *p = &contig_all_p[number];
    p->id = number;
    p->random = SELECT_SEED + number;
    threads[number] = (struct m){.p = p};
}

static bool other_start(uint32_t number)
{
    struct p *p = &contig_all_p[number];
    m_prepare(number);
    if (p->marks == NULL)
        p->marks = calloc(MARK_WORDS, sizeof *p->marks);
    return p->marks != NULL &&
           contig_thread_start(&threads[number].thread, thread_main, &threads[number]);
}

/* The threads that sleep until there is something to run, and the monitor; if one cannot be made, none. */
static enum contig_error others_start(char *message)
{
    uint32_t made = 1;
    contig_threads = contig_sched.procs > 1;
    contig_sched.threads = contig_sched.procs;
    while (made < contig_sched.procs && other_start(made))
        made++;
    if (!contig_threads || (made == contig_sched.procs && contig_monitor_start()))
        return CONTIG_OK;
    snprintf(message, MESSAGE_BYTES, "the system has no more than %u of %u threads", made,
             contig_sched.procs + 1);
    contig_sched.threads = made;
    contig_threads_stop();
    return CONTIG_OUT_OF_MEMORY;
}

enum contig_error contig_threads_start(uint32_t procs, char *message)
{
    contig_sched.procs = procs;
    m_prepare(0);
    guard_publish(&threads[0]);
    contig_m = &threads[0];
    return others_start(message);
}

void contig_threads_stop(void)
{
    contig_monitor_stop();
    if (contig_threads) {
        contig_lock_acquire(&contig_sched.lock);
        contig_sched.quitting = true;
        while (contig_sched.first_sleeper != NULL)
            awaken(contig_sched.first_sleeper);
        contig_lock_release(&contig_sched.lock);
        for (uint32_t i = 1; i < contig_sched.threads; i++)
            contig_thread_join(threads[i].thread);
    }
    contig_threads = false;
}

/* A thread that was away, or a new one, goes on in the place of one that leaves.  If there can be none, what is in the
 * common queue waits for who comes back.  With the lock. */
static void replace(void)
{
    bool needed = contig_sched.run_count != 0 || (running() == 0 && contig_timers_any());
    if (!needed || running() >= contig_sched.procs)
        return;
    if (contig_sched.first_sleeper != NULL) {
        awaken(contig_sched.first_sleeper);
    } else if (contig_sched.threads < NUM_P && other_start(contig_sched.threads)) {
        SYNC_WRITE(&contig_sched.threads, contig_sched.threads + 1);
        running_changed();
    }
}

enum contig_error contig_enter_system_call(void)
{
    struct m *m = contig_m;
    if (!contig_call_allowed(CALL_COLLECTS) || !m->calling)
        return CONTIG_BAD_STATE;
    m->curg->in_system_call = true;
    m->callback = CALLBACK_AWAY;
    if (!contig_threads)
        return CONTIG_OK;
    contig_lock_acquire(&contig_sched.lock);
    contig_sched.away++;
    stop_changed();
    give_all(m);
    running_changed();
    replace();
    contig_lock_release(&contig_sched.lock);
    return CONTIG_OK;
}

void contig_leave_system_call(void)
{
    struct m *m = contig_m;
    if (m == NULL || m->callback != CALLBACK_AWAY)
        return;
    if (contig_threads) {
        contig_lock_acquire(&contig_sched.lock);
        contig_sched.away--;
        running_changed();
        while (contig_sched.stopper != NULL)
            stand_still();
        contig_lock_release(&contig_sched.lock);
    }
    m->callback = CALLBACK_NONE;
    m->curg->in_system_call = false;
}
