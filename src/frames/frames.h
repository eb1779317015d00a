/* frames.h: machine code for the functions of a script: frames, maps and call graph come from the input.
 *
 * Each goroutine that runs such code has a shadow: an array that never moves, in which every word that the code
 * writes to its stack stands once more, at the same distance from the high end.
 *
 *      stack, moves              shadow, stays
 *      hi   ---------            hi   ---------
 *           slot: 7                   slot: 7                      an integer is the same in both
 *           slot: pointer --.         slot: address in shadow --.  a pointer is the same distance from its slot
 *           slot: ...    <--'         slot: ...              <--'
 *
 * So the code can check what it reads through a pointer without knowing where its stack is now, and so can
 * frames_model, from outside.  Layout of a frame: as in src/runtime/arch/x86_64/frame.h; the topmost local slot
 * holds the address of the goroutine's frame_context.  What refers to the stack from outside of its frames (deferred
 * calls, the slot that waits for a word) is in the context, and has a shadow, too.
 *
 * The code lies in memory that is mapped twice: one view can be written, the other executed; none can be both.
 * Compiled once per script into the same buffer, with its sites behind the linked ones (sites_append), which
 * frames_forget takes away again.  Called by src/harness. */
#ifndef CONTIG_FRAMES_FRAMES_H
#define CONTIG_FRAMES_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "src/contig.h"
#include "src/frames/layout.h"
#include "src/runtime/testing.h"
#include "src/script/operations.h"

/* Deferred calls of a goroutine whose records are in memory; those that lie in frames are not counted. */
#define FRAME_DEFERS_MAX 8u

#define FRAME_CASES_MAX 4u

/* A send or a receive, alone or in a select. */
struct frame_case {
    uint8_t channel; /* operand */
    bool sends;
    enum case_slot { SLOT_NONE, SLOT_IN_FRAME, SLOT_BESIDE } slot;
    uint64_t offset; /* in the frame: from slot 0 */
    uint64_t word;   /* that is sent */
    /* of the slot, when the operation began; one beside the stack has no shadow, and its address is the hook's */
    uint64_t address, shadow;
};

/* A channel operation of a body. */
struct frame_offer {
    uint8_t code; /* OPERATION_CHAN_SEND, _CHAN_RECEIVE, _CHAN_CLOSE, _SELECT or _SELECT_DEFAULT */
    uint32_t count;
    struct frame_case cases[FRAME_CASES_MAX];
};

/* How many calls all goroutines of a script may make, and what happens at every n-th of them. */
struct frame_pace {
    int32_t calls_left;
    uint32_t every; /* 0: nothing */
    uint32_t countdown;
    uint64_t poison; /* what the guard becomes at every n-th call */
    struct m *m;
};

struct frame_context {
    uint64_t shadow;    /* of the running frame's slot 0 */
    uint32_t depth;     /* calls may nest this much deeper */
    uint64_t waits_for; /* shadow of the slot that another goroutine shall write, or 0 */
    /* of a word that was not what it should be; address 0: none */
    uint64_t fault_address, fault_found, fault_wanted;
    struct frame_pace *pace;
    uint64_t offer_arguments[2], offer_result; /* of the runtime's channel operation */
    /* the goroutine's: what a move relocates besides the stack */
    struct outside outside;
    struct defer records[FRAME_DEFERS_MAX], record_shadows[FRAME_DEFERS_MAX];
    /* where the youngest record would be in the shadow; in memory: where it is; or 0 */
    uint64_t first_shadow;
    struct sudog waiting;     /* while waits_for is not 0 */
    struct frame_offer offer; /* the last channel operation that began */
    struct contig_select_case select_cases[FRAME_CASES_MAX];
};

/* What compiled code asks of who runs the script, on the system stack. */
struct frame_hooks {
    /* Does an operation that the scheduler does, too: its four bytes, as written by frames_operation_pack. */
    uint64_t (*host)(uint64_t packed);
    /* Before and after the runtime does context->offer for the running goroutine; the first one sets the channels in
     * offer_arguments or select_cases, and returns whether the operation shall be done. */
    bool (*offer_begins)(struct frame_context *context);
    void (*offer_ended)(struct frame_context *context);
};

/* Bytes of a shadow: those of the largest stack that an arena for scripts has. */
#define SHADOW_BYTES (UINT64_C(2) << 20)

extern struct frame_pace frames_pace;

/* Maps the code memory and the shadows; once per process, after contig_start has read the linked sites. */
bool frames_prepare(char *message);

/* Compiles all functions; those that a script calls but does not have are others of its functions.  The
 * hooks are called until frames_forget.  False: the sites were refused. */
bool frames_compile(const struct script *script, const struct frame_hooks *hooks);
void frames_forget(void);

uint64_t frames_operation_pack(struct operation operation);
struct operation frames_operation_unpack(uint64_t packed);

/* 0 if the script has no function; the entry of function `number` otherwise. */
contig_function *frames_function(uint32_t number);
uint32_t frames_function_count(void);
uint64_t frames_code_bytes(void);

/* A context for a new goroutine in its own shadow, the number of which is below SCRIPT_GOROUTINES_MAX. */
struct frame_context *frames_context(uint32_t number);

/* The goroutine that was made with this context has what the context holds, until it ends. */
void frames_attach(struct g *g, uint32_t number);

/* ORACLE model: every frame that g has is one that its shadow has, with the same words, saved frame pointers lead
 * from frame to frame, and so do the records outside.  NULL, or what is wrong. */
const char *frames_model(const struct g *g, uint32_t number);

/* Bytes below the return address of the frame that the function at this site makes; 0: no compiled code. */
uint32_t frames_frame_bytes(uint64_t pc);

/* Writes a word into the slot that the goroutine waits for, where its channel operation says that the slot is now, and
 * in its shadow. */
bool frames_deliver(uint32_t number, uint64_t word);

#endif
