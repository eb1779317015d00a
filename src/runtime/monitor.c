/* monitor.c: a thread that asks goroutines to yield which have run for long.
 *
 * With several threads, while contig_run runs: a goroutine that a thread was found with twice, 10 ms apart, finds its
 * guard poisoned at its next prologue, and goes to the end of the queue.  A goroutine that calls nothing is not
 * stopped.  THREAD-6; Go 1.19 runtime/proc.go sysmon, retake. */
#include "src/runtime/runtime.h"

/* Go: forcePreemptNS */
#define SLICE_NANOSECONDS UINT64_C(10000000)

enum { MONITOR_RESTS = 0, MONITOR_LOOKS, MONITOR_ENDS };

static uint32_t order;
static contig_thread thread;
static bool started;

/* A goroutine is known by its guard: no two have the same stack. */
static void look(uint64_t *seen)
{
    uint32_t count = SYNC_READ(&contig_sched.threads);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t guard = contig_thread_guard_of(i);
        if (guard != 0 && guard == seen[i])
            contig_thread_ask(i);
        seen[i] = guard;
    }
}

static void *monitor(void *argument)
{
    uint64_t seen[NUM_P] = {0};
    (void)argument;
    for (;;) {
        uint32_t now = SYNC_READ(&order);
        if (now == MONITOR_ENDS)
            return NULL;
        contig_sync_wait(&order, now, now == MONITOR_RESTS ? SYNC_FOR_EVER : SLICE_NANOSECONDS);
        if (SYNC_READ(&order) == MONITOR_LOOKS)
            look(seen);
    }
}

static void tell(uint32_t what)
{
    SYNC_WRITE(&order, what);
    contig_sync_wake(&order, 1);
}

bool contig_monitor_start(void)
{
    SYNC_WRITE(&order, MONITOR_RESTS);
    started = contig_thread_start(&thread, monitor, NULL);
    return started;
}

void contig_threads_look(bool looks)
{
    contig_lock_acquire(&contig_sched.lock);
    contig_sched.looks = looks;
    contig_lock_release(&contig_sched.lock);
    tell(looks ? MONITOR_LOOKS : MONITOR_RESTS);
}

void contig_monitor_stop(void)
{
    if (!started)
        return;
    tell(MONITOR_ENDS);
    contig_thread_join(thread);
    started = false;
}
