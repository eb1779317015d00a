/* arena.c: the addresses that all stacks live in.
 *
 * Reserved once, committed by touch.  The core sees the arena as an array of 64-bit words and a base address;
 * here is the one place where the two are the same memory. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

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
    sched.mapping = mapping;
    sched.mapping_bytes = mapped;
    sched.arena = (uint64_t *)(uintptr_t)base;
    sched.arena_bytes = bytes;
    return CONTIG_OK;
}

void arena_release(void)
{
    munmap(sched.mapping, sched.mapping_bytes);
    sched.mapping = NULL;
    sched.arena = NULL;
}
