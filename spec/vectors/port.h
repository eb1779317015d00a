/* port.h: what a port of the core offers to the checker of the test vectors.
 *
 * All addresses are numbers: the arena begins at PORT_BASE and need not be memory at that place.  A status or an
 * answer in words is one of the names in README.md, such as "OK".  Implemented by port_core.c for the core in C, and
 * by you for yours. */
#ifndef CONTIG_VECTORS_PORT_H
#define CONTIG_VECTORS_PORT_H

#include <stddef.h>
#include <stdint.h>

#define PORT_BASE UINT64_C(0x700000000000)
#define PORT_CHUNK_BYTES UINT64_C(32768)
#define PORT_MOST_CHUNKS 32u /* that a vector of moves asks for, whose words are memory */
#define PORT_MOST_P 4
#define PORT_ORDERS 4
#define PORT_NO_P (-1) /* no P: the pool itself */
#define PORT_MOST_SPAN_WORDS 1024u
#define PORT_MOST_SITES 64u
#define PORT_MOST_RECORDS 8u
#define PORT_NO_SITE UINT64_MAX

/* A call site: its frame has frame_words words and, unless it is the first frame of a goroutine (bottom), the saved
 * frame pointer (if it is bare, any word) and the return address above them; live and object have a byte for each of
 * span_words words. */
struct port_site {
    uint64_t pc;
    uint32_t frame_words;
    uint32_t span_words;
    int bottom;
    int bare;
    int has_objects;
    uint8_t live[PORT_MOST_SPAN_WORDS];
    uint8_t object[PORT_MOST_SPAN_WORDS];
};

/* A deferred call that is recorded outside of the stack. */
struct port_defer {
    uint64_t sp, varp, function, panic, link, function_data;
};

/* A channel operation that waits, with the slot of size bytes at vu; vp is vu again, or 0. */
struct port_sudog {
    uint64_t vu, vp, size;
};

struct port_outside {
    uint64_t first_defer, panic, stktopsp;
    uint32_t defers_count, sudogs_count;
    struct port_defer defers[PORT_MOST_RECORDS];
    struct port_sudog sudogs[PORT_MOST_RECORDS];
};

struct port_goroutine {
    uint64_t lo, hi, sp, pc, bp, ctxt;
    struct port_outside *outside; /* NULL: nothing */
};

/* Which frame is wrong, 0 the innermost.  A port writes it only if registers, records or frames are. */
struct port_fault {
    uint64_t frame, sp, pc;
};

/* A block of the page heap, and of a span the order of its stacks and how many are neither live nor cached. */
struct port_block {
    uint64_t chunks;
    const char *is; /* FREE, SPAN, STACK or QUEUED */
    unsigned order;
    unsigned free_stacks;
};

/* Calls run(argument) with the port in the state that it has when a program starts; returns what it returns. */
int port_isolated(int (*run)(const void *argument), const void *argument);

/* The heap of stacks. */
const char *port_init(uint64_t base, uint64_t bytes);
const char *port_alloc(int p, uint64_t bytes, uint64_t *lo);
const char *port_free(int p, uint64_t lo, uint64_t bytes);
int port_is_live(uint64_t lo, uint64_t bytes);
void port_clear(int p); /* stackcache_clear */
void port_sweep(void);  /* freestackspans */
void port_gc(int running);

uint64_t port_used(void); /* bytes of live stacks */
uint64_t port_mark(void); /* chunks below the mark */
/* The n-th stack in a cache, 0 the one put in first; 0 if there are no more. */
uint64_t port_cached(int p, int order, unsigned n);
/* The block that begins at a chunk below the mark: 0 if none does. */
int port_block_at(uint64_t chunk, struct port_block *block);

/* Numbers. */
/* 0: overflow */
uint64_t port_newstack_size(uint64_t old, uint64_t used, uint64_t frame, uint64_t maximum);
/* old: not shrunk */
uint64_t port_shrinkstack_size(uint64_t old, uint64_t used);
uint64_t port_starting_stack_size(uint64_t scanned, uint64_t stacks, uint64_t maximum);
const char *port_newstack_step(uint64_t guard, int asked);
const char *port_shrink_step(int off, int in_system_call, int async_safe_point,
                             int parking_on_channel, uint64_t size, uint64_t used);
uint64_t port_sgsize(const struct port_sudog *given, uint32_t count, uint64_t sp, uint64_t hi);

/* Call sites: added behind those that are there; cut to `count`; the number of a pc's site, or PORT_NO_SITE. */
const char *port_sites_append(const struct port_site *given, uint32_t count);
void port_sites_truncate(uint32_t count);
uint64_t port_site_find(uint64_t pc);

/* Moves, all by P 0. */
uint64_t port_word(uint64_t address);
void port_set_word(uint64_t address, uint64_t value);
const char *port_copystack(struct port_goroutine *g, uint64_t new_bytes, struct port_fault *fault);
const char *port_growstack(struct port_goroutine *g, uint64_t frame, uint64_t maximum, int forced,
                           struct port_fault *fault);
const char *port_shrinkstack(struct port_goroutine *g, struct port_fault *fault);

/* state.c: the heap's state as the vectors write it, into `text`. */
void port_state(char *text, size_t room);

#endif
