/* copystack.h: moves a stopped goroutine's stack to another size.
 *
 *        hi  ------------------                  hi' ------------------
 *            frames                                  the same frames, pointers into
 *        sp  ------------------     =======>         the stack relocated
 *            free                                sp' ------------------
 *        lo  ------------------                      free
 *                                                lo' ------------------
 *
 * Pass 1 walks the old stack, finds every error and marks the pointer words; only then a new stack is taken,
 * the words are copied and relocated, the registers follow, and last the old stack is freed.  An error leaves
 * everything as it was.  COPY-1..COPY-11, SHRINK-6.  Called by newstack and by the GC cycle, with the goroutine
 * stopped and owned by the caller. */
#ifndef CONTIG_CORE_COPYSTACK_H
#define CONTIG_CORE_COPYSTACK_H

#include <stdbool.h>
#include "src/core/growth.h"
#include "src/core/unwind.h"

/* Go's gobuf: what the switch saves. */
struct gobuf {
    uint64_t sp;
    uint64_t pc;
    uint64_t bp;   /* 0, or the frame pointer, in [sp, hi) */
    uint64_t ctxt; /* the closure register: any word, relocated like a live slot */
};

struct goroutine_stack {
    uint64_t lo;
    uint64_t hi;
    struct gobuf sched;
};

/* COPY-5: sp is in the stack and aligned, bp is 0 or in the used part. */
int registers_well_formed(const struct goroutine_stack *g);

/* COPY-1 (Go 1.19 copystack): STACK_BAD_FRAME, STACK_STALE_POINTER: see *fault, nothing has changed.
 * STACK_BAD_SIZE, STACK_NO_MEMORY: no such stack can be had, nothing has changed. */
enum stack_status copystack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g,
                            uint64_t new_size_bytes, struct stack_fault *fault);

/* SHRINK-6: nothing at all happens while the stack must not move (system call, asynchronous safe point, parking
 * on a channel), or when it is too full to be halved: both are STACK_OK, and the stack is as it was. */
enum stack_status shrinkstack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g, bool safe,
                              struct stack_fault *fault);

#endif
