/* timer.c: goroutines that sleep, in a heap by the time at which they wake.
 *
 *      heap[k].when <= heap[2k + 1].when, heap[2k + 2].when; of those at the same time the first to sleep is first
 *
 * While somebody sleeps, whoever runs goroutines looks at the clock before each, and a thread with nothing to run
 * sleeps until the first time.  THREAD-7; Go 1.19 runtime/time.go. */
#include <stdlib.h>

#include "src/runtime/runtime.h"

struct timer {
    uint64_t when, number;
    struct g *g;
};

/* With the scheduler's lock. */
static struct timer *heap;
static uint32_t timers, room;
static uint64_t made;
/* When the first one wakes, for who has no lock. */
static uint64_t first_time = UINT64_MAX;

static bool is_before(const struct timer *one, const struct timer *other)
{
    return one->when < other->when || (one->when == other->when && one->number < other->number);
}

static void sift_up(uint32_t at, struct timer timer)
{
    for (; at != 0 && is_before(&timer, &heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = timer;
}

static void sift_down(struct timer timer)
{
    uint32_t at = 0;
    for (uint32_t child = 1; child < timers; child = 2 * at + 1) {
        if (child + 1 < timers && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &timer))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = timer;
}

static bool room_make(void)
{
    if (timers < room)
        return true;
    uint32_t wanted = room == 0 ? 64 : 2 * room;
    struct timer *more = realloc(heap, wanted * sizeof *heap);
    if (more == NULL)
        return false;
    heap = more;
    room = wanted;
    return true;
}

static void first_publish(void)
{
    SYNC_POKE(&first_time, timers == 0 ? UINT64_MAX : heap[0].when);
    contig_call(CALL_TIMER, timers != 0);
}

static bool add(struct m *m, struct g *g, uint64_t nanoseconds)
{
    uint64_t now = contig_sync_now();
    if (!room_make())
        return false;
    uint64_t when = nanoseconds < UINT64_MAX - now ? now + nanoseconds : UINT64_MAX;
    sift_up(timers++, (struct timer){when, made++, g});
    first_publish();
    g->timed = true;
    g->wait_reason = CONTIG_WAIT_SLEEP;
    m->p->waiting++;
    contig_g_status(g, G_WAITING);
    return true;
}

bool contig_timer_sleep(struct m *m, struct g *g, uint64_t nanoseconds)
{
    contig_lock_acquire(&contig_sched.lock);
    bool sleeps = add(m, g, nanoseconds);
    contig_lock_release(&contig_sched.lock);
    return sleeps;
}

static void wake_first(void)
{
    struct g *g = heap[0].g;
    struct timer last = heap[--timers];
    if (timers != 0)
        sift_down(last);
    first_publish();
    g->wait_reason = CONTIG_WAIT_NONE;
    contig_p()->waiting--;
    contig_g_wake(g);
}

void contig_timers_fire(void)
{
    uint64_t now = timers == 0 ? 0 : contig_sync_now();
    while (timers != 0 && heap[0].when <= now)
        wake_first();
}

uint64_t contig_timers_wait(void)
{
    uint64_t now = contig_sync_now();
    if (timers == 0)
        return SYNC_FOR_EVER;
    return heap[0].when <= now ? 0 : heap[0].when - now;
}

void contig_timers_look(void)
{
    if (contig_sync_now() < SYNC_PEEK(&first_time))
        return;
    contig_lock_acquire(&contig_sched.lock);
    contig_timers_fire();
    contig_lock_release(&contig_sched.lock);
}

/* The lock is the only thread's. */
struct g *contig_timers_next(struct p *p)
{
    static uint32_t nobody_wakes;
    for (struct g *g = NULL;;) {
        contig_timers_fire();
        g = contig_runq_get(p);
        if (g != NULL || timers == 0)
            return g;
        contig_sync_wait(&nobody_wakes, 0, contig_timers_wait());
    }
}

bool contig_timers_any(void)
{
    return timers != 0;
}

void contig_timers_stop(void)
{
    free(heap);
    heap = NULL;
    timers = room = 0;
    made = 0;
    first_time = UINT64_MAX;
}
