/* sync.c: see sync.h.  Linux: futexes and POSIX threads. */
#define _GNU_SOURCE /* syscall */
#include "src/runtime/sync.h"

#include "src/runtime/arch/x86_64/layout.h"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What C functions may use that goroutines call on the system stack. */
#define THREAD_STACK_BYTES ((size_t)8 << 20)

void contig_sync_pause(void)
{
    sched_yield();
}

uint64_t contig_sync_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void contig_sync_wait(uint32_t *word, uint32_t value, uint64_t nanoseconds)
{
    struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000),
                            .tv_nsec = (long)(nanoseconds % 1000000000)};
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, nanoseconds == SYNC_FOR_EVER ? NULL : &time,
            NULL, 0);
}

void contig_sync_wake(uint32_t *word, uint32_t count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

bool contig_sync_barriers;

void contig_sync_barriers_start(void)
{
    contig_sync_barriers =
        syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

bool contig_sync_barrier(void)
{
    return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

bool contig_thread_start(contig_thread *thread, void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    pthread_t made;
    sigset_t all, before;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    bool good = pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES) == 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    good = good && pthread_create(&made, &attributes, run, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (good)
        thread->handle = made;
    return good;
}

void contig_thread_join(contig_thread thread)
{
    pthread_join(thread.handle, NULL);
}

uint64_t *contig_thread_guard(void)
{
    uint64_t thread;
    __asm__("mov %%fs:0, %0" : "=r"(thread));
    return (uint64_t *)(uintptr_t)(thread + GUARD_TLS_OFFSET);
}
