/* arena.c: the addresses that all stacks live in.
 *
 * Reserved once per process, committed by touch, never unmapped.  The core sees the arena as an array of 64-bit words and a base address;
 * here is the one place where the two are the same memory. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, madvise */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "src/core/page_heap.h"
#include "src/runtime/runtime.h"

#define MESSAGE_BYTES 200

enum contig_error arena_reserve(uint64_t bytes, char *message)
{
    uint64_t mapped = bytes + CHUNK_BYTES;
    void *mapping = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
        snprintf(message, MESSAGE_BYTES, "cannot reserve %" PRIu64 " bytes of addresses for stacks: %s; a smaller arena can be chosen with CONTIG_ARENA", bytes, strerror(errno));
        return CONTIG_OUT_OF_MEMORY;
    }
    uint64_t base = ((uint64_t)(uintptr_t)mapping + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES;
    enum stack_status status = stackinit(base, bytes);
    if (status != STACK_OK) {
        munmap(mapping, mapped);
        snprintf(message, MESSAGE_BYTES, "an arena of %" PRIu64 " bytes is not a multiple of %u from %u to %" PRIu64, bytes, CHUNK_BYTES, CHUNK_BYTES, (uint64_t)NUM_CHUNKS * CHUNK_BYTES);
        return CONTIG_BAD_OPTION;
    }
    sched.arena = (uint64_t *)(uintptr_t)base;
    sched.arena_bytes = bytes;
    return CONTIG_OK;
}

/* A block smaller than this is kept: it is likely to be used again soon, and the call costs more than it saves. */
#define GIVE_BACK_CHUNKS 1024u

void arena_give_back(void)
{
    for (uint32_t chunk = 0; chunk < grown_chunks; chunk += UINT32_C(1) << block_order[chunk]) {
        uint64_t chunks = UINT64_C(1) << block_order[chunk];
        if (block_state[chunk] == BLOCK_FREE && chunks >= GIVE_BACK_CHUNKS)
            madvise((char *)sched.arena + (uint64_t)chunk * CHUNK_BYTES, chunks * CHUNK_BYTES, MADV_DONTNEED);
    }
}
