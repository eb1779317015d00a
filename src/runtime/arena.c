/* arena.c: the addresses that all stacks live in, and which of them hold memory.
 *
 * Reserved once per process, committed by touch, never unmapped.  The core sees the arena as an array of 64-bit words
 * and a base address; here is the one place where the two are the same memory.
 *
 *      mapping ------------- no access
 *              guard         GUARD_BYTES: a frame that skipped its check faults instead of writing on
 *      base    ------------- read and write
 *              chunks
 *      end     -------------
 *              guard, and what the alignment of the base left
 *              ------------- no access
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, madvise */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "src/core/heap/page_heap.h"
#include "src/runtime/runtime.h"

#define MESSAGE_BYTES 200
/* No frame that the runtime knows is larger; addresses are cheap. */
#define GUARD_BYTES (UINT64_C(2) << 20)

/* From this size on, a free block goes back to the system at once: it is a huge page.  A smaller one goes back if the
 * collection before found it free, too, and nobody has used it since: otherwise it is likely to be used again soon. */
#define AT_ONCE_CHUNKS 64u

/* A bit a chunk: free at the last collection; holds no memory.  A stack that is allocated clears both. */
static uint64_t *idle, *empty;

void (*contig_arena_gave_back)(uint64_t low, uint64_t bytes);

static enum contig_error refused(char *message, enum contig_error error, const char *what,
                                 uint64_t bytes)
{
    snprintf(message, MESSAGE_BYTES,
             "cannot reserve %" PRIu64 " bytes of %s: %s; a smaller arena can be chosen with "
             "CONTIG_ARENA",
             bytes, what, strerror(errno));
    return error;
}

static bool sets_make(uint64_t bytes)
{
    size_t words = (size_t)(bytes / CHUNK_BYTES + 63) / 64;
    free(idle);
    free(empty);
    idle = calloc(words, sizeof *idle);
    empty = calloc(words, sizeof *empty);
    return idle != NULL && empty != NULL;
}

enum contig_error contig_arena_reserve(uint64_t bytes, char *message)
{
    uint64_t mapped = bytes + CHUNK_BYTES + 2 * GUARD_BYTES;
    if (!sets_make(bytes))
        return refused(message, CONTIG_OUT_OF_MEMORY, "memory for sets of chunks",
                       bytes / CHUNK_BYTES / 4);
    void *mapping =
        mmap(NULL, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED)
        return refused(message, CONTIG_OUT_OF_MEMORY, "addresses for stacks", bytes);
    uint64_t lowest = (uint64_t)(uintptr_t)mapping + GUARD_BYTES;
    uint64_t base = (lowest + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES;
    if (mprotect((char *)mapping + (base - lowest + GUARD_BYTES), bytes, PROT_READ | PROT_WRITE) !=
        0) {
        enum contig_error error =
            refused(message, CONTIG_OUT_OF_MEMORY, "memory for stacks", bytes);
        munmap(mapping, mapped);
        return error;
    }
    enum stack_status status = stackinit(base, bytes);
    if (status != STACK_OK) {
        munmap(mapping, mapped);
        snprintf(message, MESSAGE_BYTES,
                 "an arena of %" PRIu64 " bytes is not a multiple of %u from %u to %" PRIu64, bytes,
                 CHUNK_BYTES, CHUNK_BYTES, (uint64_t)NUM_CHUNKS * CHUNK_BYTES);
        return CONTIG_BAD_OPTION;
    }
    contig_sched.arena = (uint64_t *)(uintptr_t)base;
    contig_sched.arena_bytes = bytes;
    return CONTIG_OK;
}

/* The system may have no mapping left: then the stack is as good as without the option. */
void contig_arena_guard_page(uint64_t low)
{
    (void)mprotect((void *)(uintptr_t)low, GUARD_PAGE_BYTES, PROT_NONE);
}

void contig_arena_open_guard_page(uint64_t low)
{
    if (mprotect((void *)(uintptr_t)low, GUARD_PAGE_BYTES, PROT_READ | PROT_WRITE) != 0) {
        fputs("contig: the system does not make a guard page writable again\n", stderr);
        abort();
    }
}

/* Bits [first, first + count) that lie in one word: blocks are aligned to their size. */
static uint64_t bits_of(uint64_t first, uint64_t count)
{
    return (count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1) << first % 64;
}

static bool all_set(const uint64_t *set, uint64_t first, uint64_t count)
{
    for (uint64_t at = first; at < first + count; at += 64)
        if (~set[at / 64] & bits_of(at, first + count - at))
            return false;
    return true;
}

static void set_all(uint64_t *set, uint64_t first, uint64_t count)
{
    for (uint64_t at = first; at < first + count; at += 64)
        SYNC_POKE(&set[at / 64], set[at / 64] | bits_of(at, first + count - at));
}

static inline bool is_set(uint64_t chunk)
{
    uint64_t either = SYNC_PEEK(&idle[chunk / 64]) | SYNC_PEEK(&empty[chunk / 64]);
    return (either >> chunk % 64 & 1) != 0;
}

static bool any_set(const uint64_t *set, uint64_t first, uint64_t count)
{
    for (uint64_t at = first; at < first + count; at += 64)
        if (SYNC_PEEK(&set[at / 64]) & bits_of(at, first + count - at))
            return true;
    return false;
}

static void clear_all(uint64_t *set, uint64_t first, uint64_t count)
{
    for (uint64_t at = first; at < first + count; at += 64)
        SYNC_POKE(&set[at / 64], set[at / 64] & ~bits_of(at, first + count - at));
}

void contig_arena_touched(uint64_t low, uint64_t bytes)
{
    uint64_t first = (low - arena_base) / CHUNK_BYTES,
             count = (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
    if (count == 1 ? !is_set(first) : !any_set(idle, first, count) && !any_set(empty, first, count))
        return;
    contig_lock_acquire(&contig_sched.pool_lock);
    clear_all(idle, first, count);
    clear_all(empty, first, count);
    contig_lock_release(&contig_sched.pool_lock);
}

static void block_give_back(uint64_t first, uint64_t count)
{
    if (all_set(empty, first, count))
        return;
    if (count < AT_ONCE_CHUNKS && !all_set(idle, first, count)) {
        set_all(idle, first, count);
        return;
    }
    uint64_t low = arena_base + first * CHUNK_BYTES, bytes = count * CHUNK_BYTES;
    if (madvise((void *)(uintptr_t)low, bytes, MADV_DONTNEED) != 0)
        return;
    set_all(idle, first, count);
    set_all(empty, first, count);
    if (contig_arena_gave_back != NULL)
        contig_arena_gave_back(low, bytes);
}

void contig_arena_give_back(void)
{
    for (uint32_t chunk = 0; chunk < grown_chunks; chunk += UINT32_C(1) << block_order[chunk])
        if (block_state[chunk] == BLOCK_FREE)
            block_give_back(chunk, UINT64_C(1) << block_order[chunk]);
}

void contig_arena_stop(void)
{
    uint64_t words = (grown_chunks + UINT64_C(63)) / 64;
    contig_arena_give_back();
    memset(idle, 0, words * sizeof *idle);
    memset(empty, 0, words * sizeof *empty);
}
