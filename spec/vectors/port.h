/* port.h: what a port of the core offers to the checker of the test vectors.
 *
 * All addresses are numbers: the arena begins at PORT_BASE and need not be memory at that place.  A status is one of
 * the names in README.md, such as "OK".  Implemented by port_core.c for the core in C, and by you for yours. */
#ifndef CONTIG_VECTORS_PORT_H
#define CONTIG_VECTORS_PORT_H

#include <stddef.h>
#include <stdint.h>

#define PORT_BASE UINT64_C(0x700000000000)
#define PORT_CHUNK_BYTES UINT64_C(32768)
#define PORT_MOST_CHUNKS 32u
#define PORT_MOST_P 4
#define PORT_ORDERS 4
#define PORT_NO_P (-1) /* no P: the pool itself */
#define PORT_MOST_SPAN_WORDS 128u

/* A call site: its frame has frame_words words and, unless it is the first frame of a goroutine (bottom), the saved
 * frame pointer and the return address above them; live and object have a byte for each of span_words words. */
struct port_site {
    uint64_t pc;
    uint32_t frame_words;
    uint32_t span_words;
    int bottom;
    int has_objects;
    uint8_t live[PORT_MOST_SPAN_WORDS];
    uint8_t object[PORT_MOST_SPAN_WORDS];
};

struct port_goroutine {
    uint64_t lo, hi, sp, pc, bp, ctxt;
};

/* Calls run(argument) with the port in the state that it has when a program starts; returns what it returns. */
int port_isolated(int (*run)(const void *argument), const void *argument);

/* An empty heap of that many chunks at PORT_BASE. */
void port_start(uint64_t chunks);

const char *port_alloc(int p, uint64_t bytes, uint64_t *lo);
const char *port_free(int p, uint64_t lo, uint64_t bytes);
void port_clear(int p);          /* stackcache_clear */
void port_sweep(void);           /* freestackspans */
void port_gc(int running);

uint64_t port_used(void);        /* bytes of live stacks */
/* The n-th stack in a cache, 0 the one put in first; 0 if there are no more. */
uint64_t port_cached(int p, int order, unsigned n);
/* The span at a chunk: 0, or 1 with its order and number of free stacks. */
int port_span(uint64_t base, unsigned *order, unsigned *free_stacks);
/* The size of the queued large stack at a chunk, or 0. */
uint64_t port_queued(uint64_t base);

uint64_t port_grown(uint64_t old, uint64_t used, uint64_t frame, uint64_t maximum); /* 0: overflow */
uint64_t port_shrunk(uint64_t old, uint64_t used);                                  /* old: not shrunk */

void port_sites(const struct port_site *sites, uint32_t count);
uint64_t port_word(uint64_t address);
void port_set_word(uint64_t address, uint64_t value);
const char *port_copy(struct port_goroutine *g, uint64_t new_bytes);

/* state.c: the heap's state as the vectors write it, into `text`. */
void port_state(char *text, size_t room);

#endif
