/* schedule_plain.c: a point of schedule.h before each plain read and write of memory that threads share, too.
 *
 * A compiler calls these functions before each access in what is compiled with -fsanitize=thread; here they stand in
 * for ThreadSanitizer's.  So a lock that is left out shows, where no atomic operation is.  What lies on the thread's
 * stack, or is a variable of the thread, nobody else sees.  Atomic operations have their points already (sync.h). */
#include <stdbool.h>
#include <stdint.h>

#include "src/runtime/sync.h"

/* A function of the runtime has a frame of so many bytes at most, and the thread so many bytes of variables. */
#define FRAME_BYTES_MAX 65536u
#define LOCAL_BYTES_MAX 4096u

extern const char __executable_start[];

static bool is_near(uintptr_t place, uintptr_t other, uintptr_t bytes)
{
    return place - (other - bytes) < 2 * bytes;
}

static void access(const void *place, const void *from)
{
    uintptr_t thread;
    __asm__("mov %%fs:0, %0" : "=r"(thread));
    if (!is_near((uintptr_t)place, (uintptr_t)__builtin_frame_address(0), FRAME_BYTES_MAX) &&
        !is_near((uintptr_t)place, thread, LOCAL_BYTES_MAX))
        contig_schedule_point("an access at offset",
                              (int)((const char *)from - __executable_start));
}

/* clang-format off */
#define ACCESS(name)                                  \
    void __tsan_##name(const void *place);            \
    void __tsan_##name(const void *place)             \
    {                                                 \
        access(place, __builtin_return_address(0));   \
    }
#define ACCESSES(bytes)           \
    ACCESS(read##bytes)           \
    ACCESS(write##bytes)          \
    ACCESS(unaligned_read##bytes) \
    ACCESS(unaligned_write##bytes)
#define RANGE(name)                                               \
    void __tsan_##name(const void *place, unsigned long bytes);   \
    void __tsan_##name(const void *place, unsigned long bytes)    \
    {                                                             \
        if (bytes != 0)                                           \
            access(place, __builtin_return_address(0));           \
    }
#define ATOMIC(bits)                                                                              \
    uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *place, int order);            \
    uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *place, int order)             \
    {                                                                                             \
        (void)order;                                                                              \
        return __atomic_load_n(place, __ATOMIC_SEQ_CST);                                          \
    }                                                                                             \
    void __tsan_atomic##bits##_store(uint##bits##_t *place, uint##bits##_t value, int order);     \
    void __tsan_atomic##bits##_store(uint##bits##_t *place, uint##bits##_t value, int order)      \
    {                                                                                             \
        (void)order;                                                                              \
        __atomic_store_n(place, value, __ATOMIC_SEQ_CST);                                         \
    }                                                                                             \
    uint##bits##_t __tsan_atomic##bits##_exchange(uint##bits##_t *place, uint##bits##_t value,    \
                                                  int order);                                     \
    uint##bits##_t __tsan_atomic##bits##_exchange(uint##bits##_t *place, uint##bits##_t value,    \
                                                  int order)                                      \
    {                                                                                             \
        (void)order;                                                                              \
        return __atomic_exchange_n(place, value, __ATOMIC_SEQ_CST);                               \
    }                                                                                             \
    uint##bits##_t __tsan_atomic##bits##_fetch_add(uint##bits##_t *place, uint##bits##_t value,   \
                                                   int order);                                    \
    uint##bits##_t __tsan_atomic##bits##_fetch_add(uint##bits##_t *place, uint##bits##_t value,   \
                                                   int order)                                     \
    {                                                                                             \
        (void)order;                                                                              \
        return __atomic_fetch_add(place, value, __ATOMIC_SEQ_CST);                                \
    }                                                                                             \
    int __tsan_atomic##bits##_compare_exchange_strong(                                            \
        uint##bits##_t *place, uint##bits##_t *expected, uint##bits##_t value, int good, int bad); \
    int __tsan_atomic##bits##_compare_exchange_strong(                                            \
        uint##bits##_t *place, uint##bits##_t *expected, uint##bits##_t value, int good, int bad) \
    {                                                                                             \
        (void)good;                                                                               \
        (void)bad;                                                                                \
        return __atomic_compare_exchange_n(place, expected, value, false, __ATOMIC_SEQ_CST,       \
                                           __ATOMIC_SEQ_CST);                                     \
    }
/* clang-format on */

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order)
{
    (void)order;
}

void __tsan_func_entry(const void *from);
void __tsan_func_entry(const void *from)
{
    (void)from;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

ACCESS(read1)
ACCESS(write1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
RANGE(read_range)
RANGE(write_range)
ATOMIC(8)
ATOMIC(32)
ATOMIC(64)
