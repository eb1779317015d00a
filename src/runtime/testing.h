/* testing.h: what those who put the runtime to the test see of its state, and the little of it that they change.
 *
 * All is as it is at rest, or on the system stack: there no goroutine runs (runtime.h).  A goroutine is known by its
 * record, into which the runtime alone looks.  Called by src/frames and src/harness; a program that embeds the runtime
 * needs contig.h alone. */
#ifndef CONTIG_RUNTIME_TESTING_H
#define CONTIG_RUNTIME_TESTING_H

#include <stdbool.h>
#include <stdint.h>

#include "src/core/move/growstack.h"

enum g_status {
    G_IDLE = 0, /* a record that was never used */
    G_DEAD,     /* ended; on a list of dead goroutines, with or without a stack */
    G_RUNNABLE,
    G_RUNNING,
    G_WAITING,
    G_COPYSTACK, /* its stack is being moved by growth */
    G_CLAIMED,   /* it waits, and another thread owns its stack */
    G_WOKEN,     /* the same, and who owns it will make it runnable */
    G_HELD_BACK, /* it is runnable, and another thread owns its stack: it runs when that is done */
};

struct g;
struct m;

/* A goroutine, as it was at one moment. */
struct g_seen {
    struct goroutine_stack stack;
    uint64_t id, stackguard;
    enum g_status status;
    bool pinned; /* its stack must not be shrunk */
};
struct g_seen contig_g_see(const struct g *g);
const struct goroutine_stack *contig_g_stack(const struct g *g);

struct g *contig_g_by_id(uint64_t id);
struct g *contig_g_running(void); /* the one for which the system stack does something */
struct m *contig_m_running(void);

/* The scheduler, as it was at one moment. */
struct runtime_seen {
    const uint64_t *arena;
    uint64_t maximum_stack_bytes, starting_stack_size;
    uint64_t g_count;      /* records of goroutines that were made */
    uint64_t copied_bytes; /* of stacks that moved */
    bool started;
    bool allocations_fail; /* after some more (contig_fail_allocations_after) */
};
struct runtime_seen contig_runtime_see(void);

/* Changes. */
void contig_g_set_outside(struct g *g, struct outside *outside);
void contig_g_pin(struct g *g, bool pinned); /* as if it were in a system call */
void contig_shrink_if_safe(struct g *g);

/* Called after a range was given back: it reads as zero now; NULL: nobody wants to know. */
extern void (*contig_arena_gave_back)(uint64_t low, uint64_t bytes);

struct source_position {
    const char *function;
    const char *file;
    int32_t line;
    uint64_t entry;       /* address of the function */
    uint32_t frame_bytes; /* below the return address */
    uint32_t argument_words;
};
/* Names the places of code that is made at run time, whose sites stand behind the linked ones; NULL: there is none. */
extern bool (*contig_sites_position_of_made_code)(uint64_t return_pc,
                                                  struct source_position *position);

/* Where a new goroutine begins, and where its first function returns to. */
extern const char contig_gostart_resume[], contig_goexit_return[];

#endif
