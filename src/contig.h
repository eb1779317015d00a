/* contig.h: goroutines on contiguous stacks that grow by copying.  The public interface of the runtime.
 *
 * A goroutine runs functions whose stack check, frame and pointer maps the runtime knows: assembly written with
 * src/runtime/arch/x86_64/frame.h.  Its stack begins at 2 KiB, doubles (and moves) when a prologue finds it too
 * short, and is halved by the garbage collection cycle when little of it is used.  C functions always run on the
 * system stack.
 *
 * The thread that called contig_start calls all of this, and so do C functions and callbacks on the threads that
 * contig_start made (options.procs; docs/threads.md).  Any other thread is refused.  None of it may be called from a
 * signal handler.  The program's own handlers need SA_ONSTACK and an alternate stack (sigaltstack): the frame of one
 * has 3 KiB and more, a goroutine's stack may have less.  Each goroutine has its own control modes of floating point
 * (rounding, masks); the flags of exceptions are the thread's (SWITCH-2).  Sizes are bytes.
 *
 * Each function may be called at any time, unless it says otherwise here: a call at the wrong time does nothing, and
 * returns CONTIG_BAD_STATE, or writes a sentence that names the call to `report` (stderr before contig_start) if it
 * has no error to return.  Three places are special (CALL-1, CALL-2):
 *   before contig_start     nothing but contig_start, and what only reads, which finds nothing
 *   a callback              (those of contig_stop, too: there every goroutine is gone already)
 *                           no contig_start, contig_stop, contig_run, contig_step or contig_gc; contig_go in
 *                           `ended` only
 *   a C function that a goroutine called through contig_systemstack
 *                           no contig_start or contig_stop; contig_run and contig_step may be nested 1000 deep, with
 *                           one thread, and not at all with several
 *
 * Memory: the tables of a program that is linked with the runtime take about 1.1 GB of addresses (not of memory), and
 * contig_start reserves the arena, 2 MiB without access at each end of it, and 8 MiB for a move.  Where addresses are
 * limited (ulimit -v, -d) below that, the system cannot load the program: it ends it before main, by a signal and
 * without a word.  A program that must say so looks at its limits in a small program that starts the other one, as
 * src/cli/apart.c does.  The core's tables are as large as the largest arena needs, and do not follow a smaller one.
 *
 * Control-flow enforcement: a switch of stacks is a jump, not a return, so the runtime cannot run with a shadow stack
 * (SHSTK), and its assembly is not marked for it; a program that links it runs without, as the linker decides. */
#ifndef CONTIG_CONTIG_H
#define CONTIG_CONTIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a goroutine was ended, or a call refused. */
enum contig_error {
    CONTIG_OK = 0,
    /* The arena has no stack of the size needed. */
    CONTIG_OUT_OF_STACK_MEMORY,
    /* No size up to the maximum holds the frame and the guard. */
    CONTIG_STACK_OVERFLOW,
    /* A frame of the stack is malformed: it cannot be moved. */
    CONTIG_BAD_FRAME,
    /* A live slot points below the stack pointer of its own stack. */
    CONTIG_STALE_POINTER,
    /* Code that has no row in the function table asked for more stack. */
    CONTIG_UNKNOWN_FUNCTION,
    /* contig_throw was called, or contig_systemstack without a function. */
    CONTIG_THROWN,
    /* The system has no memory for the runtime's own structures. */
    CONTIG_OUT_OF_MEMORY,
    /* An option or an argument is out of range. */
    CONTIG_BAD_OPTION,
    /* The site table that the program was linked with is malformed. */
    CONTIG_BAD_SITE_TABLE,
    /* There is no such goroutine, or it is not in the state that the call needs. */
    CONTIG_NOT_FOUND,
    /* An invariant checker said no. */
    CONTIG_INVARIANT,
    /* The call is not allowed now: see above. */
    CONTIG_BAD_STATE,
    /* The trace or the report could not be written in full. */
    CONTIG_NOT_WRITTEN,
    /* The goroutine panicked, and nothing recovered. */
    CONTIG_PANICKED,
};

/* Why a goroutine waits; stack traces show it in brackets. */
enum contig_wait_reason {
    CONTIG_WAIT_NONE = 0,
    CONTIG_WAIT_PARKED,
    CONTIG_WAIT_CHAN_RECEIVE,
    CONTIG_WAIT_CHAN_SEND,
    CONTIG_WAIT_SELECT,
    CONTIG_WAIT_SLEEP,
};

struct contig_options {
    /* Addresses to reserve for stacks: a multiple of 32 KiB, up to 64 GiB.  0: as many as the first start reserved, or
     * else $CONTIG_ARENA (decimal), or else 64 GiB. */
    uint64_t arena_bytes;
    /* The largest size that a stack may grow to.  0: 1,000,000,000, as Go's default on 64-bit machines. */
    uint64_t maximum_stack_bytes;
    /* Threads that run goroutines, up to 64, the caller of contig_run included.  0: $CONTIG_PROCS, or else 1.  With
     * more than one, callbacks come from all of them, several at a time, and `check` and `trace` are
     * CONTIG_BAD_OPTION. */
    uint32_t procs;
    /* The invariant checkers run after every operation on stacks.  A violation is reported, is contig_last_error and
     * contig_stop's result, and the program goes on. */
    bool check;
    /* A stack of 32 KiB or more ends at a page that nothing can touch: a frame that skips its check faults there, and
     * does not write into another stack.  The page costs 4 KiB of the stack, two system calls at its birth and end, and
     * mappings (vm.max_map_count).  When the system has none left, stacks go without.  `moved` finds the page, `taken`
     * not yet. */
    bool guard_pages;
    /* Nothing is written to `report` when an error ends a goroutine. */
    bool quiet;
    /* New stacks always have the fixed size.  Go: GODEBUG=adaptivestackstart=0. */
    bool fixed_starting_size;
    /* Stacks are never shrunk.  Go: GODEBUG=gcshrinkstackoff=1. */
    bool never_shrink;
    /* Gets one line per event (spec/trace.md), and stays open; or NULL.  With line buffering (setvbuf) the trace of a
     * process that is killed ends between two lines. */
    FILE *trace;
    /* The trace has what each move writes, too (version 1.1 of the format).  A goroutine whose stack must grow ends
     * with CONTIG_OUT_OF_MEMORY if there is no memory for a copy of that stack. */
    bool trace_moves;
    /* Gets errors and their stack traces, and stays open; NULL: stderr. */
    FILE *report;
    /* Called before each move, with the stack as it is, so that fuzzers can take a snapshot; or NULL. */
    void (*moving)(uint64_t id);
    /* Called after each move; or NULL. */
    void (*moved)(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes);
    /* Called when an error is about to end a goroutine, whose stack can still be looked at (contig_stack); or NULL. */
    void (*ended)(uint64_t id, enum contig_error error);
    /* Called with a stack for a new goroutine, before its first word is written; or NULL. */
    void (*taken)(uint64_t low, uint64_t bytes);
    /* Called after a stack is freed; or NULL. */
    void (*given)(uint64_t low, uint64_t bytes);
};

/* Go's counters of stack memory and of the work done on it, since contig_start. */
struct contig_statistics {
    /* Goroutines that are alive. */
    uint64_t goroutines;
    /* Records of goroutines, of 144 bytes each.  All are kept until contig_stop; those of dead ones are reused. */
    uint64_t goroutine_records;
    /* Bytes of all live stacks, those that dead goroutines keep included. */
    uint64_t stack_bytes_in_use;
    /* Bytes of a new goroutine's stack. */
    uint64_t starting_size;
    /* Goroutines that were made. */
    uint64_t spawned;
    /* Growths of stacks, forced moves included. */
    uint64_t growths;
    /* Stacks that a cycle or a preemption halved. */
    uint64_t shrinks;
    /* Bytes that growths and shrinks copied. */
    uint64_t copied_bytes;
    /* Switches from the system stack to a goroutine, also after growth and after calls of C. */
    uint64_t switches;
    /* Cycles of garbage collection. */
    uint64_t cycles;
    /* Goroutines that an error ended. */
    uint64_t errors;
    /* Invariant checks that were run. */
    uint64_t checks;
    /* Checks that said no. */
    uint64_t violations;
};

typedef void contig_function(void); /* a goroutine function: assembly, never called from C */

/* Reserves the arena and prepares the runtime; once until contig_stop.  NULL: all defaults.  On an error nothing has
 * changed, but that the arena may stay reserved, and `message` (if not NULL, 200 bytes) holds one sentence.  The arena
 * keeps its place and size for the life of the process: a later start asks for the same size, or 0. */
enum contig_error contig_start(const struct contig_options *options, char *message);

/* Ends every goroutine, frees every stack and gives their memory back to the system; the arena's addresses stay
 * reserved.  Returns CONTIG_INVARIANT if a byte was not owned by what should own it, a goroutine's record was lost, or
 * a check had said no; CONTIG_NOT_WRITTEN if the trace or the report is not complete.  The runtime is stopped then,
 * too. */
enum contig_error contig_stop(void);

/* Makes a goroutine that begins in `function` with `context` in its context register; *id (if not NULL) gets its
 * number.  Runs it when contig_run comes to it.  `function` must be a goroutine function: this cannot be checked, but
 * that it is not NULL (CONTIG_BAD_OPTION).  CONTIG_OUT_OF_STACK_MEMORY, CONTIG_OUT_OF_MEMORY: nothing has changed. */
enum contig_error contig_go(contig_function *function, uint64_t context, uint64_t *id);

/* Runs goroutines until none is runnable, and none sleeps; returns how many wait, and 0 from where it may not be
 * called. */
uint64_t contig_run(void);

/* Runs the first runnable goroutine until it yields, waits or ends; false if there is none.  One that sleeps is
 * runnable when its time has come. */
bool contig_step(void);

/* Makes a goroutine runnable that parked.  CONTIG_NOT_FOUND: it did not, or waits for a channel, or sleeps. */
enum contig_error contig_ready(uint64_t id);

/* Makes a channel for elements of so many bytes, at most 65,535, with a buffer for `capacity` of them; *channel gets
 * its number, which is never 0: 0 is the nil channel, on which every operation waits for ever.  A channel lives until
 * contig_chan_free or contig_stop.  CONTIG_BAD_OPTION: an argument is out of range; CONTIG_OUT_OF_MEMORY: no memory, or
 * 2,097,151 channels exist.  Go: make(chan T, capacity). */
enum contig_error contig_chan_make(uint64_t element_bytes, uint64_t capacity, uint64_t *channel);

/* Closes a channel: who waits to receive gets a zero, who waits to send panics.  CONTIG_PANICKED: it is closed already.
 * CONTIG_NOT_FOUND: there is no such channel.  Go: close. */
enum contig_error contig_chan_close(uint64_t channel);

/* Gives a channel and what is buffered in it back.  CONTIG_BAD_STATE: a goroutine waits for it, and nothing has
 * changed.  CONTIG_NOT_FOUND: there is no such channel. */
enum contig_error contig_chan_free(uint64_t channel);

/* One garbage collection cycle over the stacks: shrinks each goroutine's stack that is safe to move, frees the
 * stacks of dead goroutines, empties the caches, returns free spans, and adapts the starting size.  Memory of free
 * blocks goes back to the system: of 2 MiB and more at once, of smaller ones if the cycle before found them free. */
enum contig_error contig_gc(void);

/* Sets the largest size a stack may grow to, for future growth of all goroutines; returns the old one.  Stacks that are
 * larger stay.  Less than 4096: no stack grows.  Go: runtime/debug.SetMaxStack. */
uint64_t contig_set_maximum_stack(uint64_t bytes);

/* A stack trace in Go's form of goroutine `id` (0: of all), truncated to `size` bytes with the terminating 0;
 * returns the length written; 0 if there is no such goroutine or `buffer` is NULL.  Go: runtime.Stack. */
size_t contig_stack(uint64_t id, char *buffer, size_t size);

/* Writes what Go writes when nobody can run, to `report`: "fatal error: all goroutines are asleep - deadlock!" and a
 * stack trace of each goroutine.  False, and nothing is written: somebody can run, or nobody waits.  The program alone
 * knows whether it will wake one of them.  Go: checkdead. */
bool contig_report_deadlock(void);

/* The stack [*low, *high) of a goroutine, and its stack pointer; each may be NULL.  CONTIG_NOT_FOUND: it is dead or
 * unknown. */
enum contig_error contig_stack_bounds(uint64_t id, uint64_t *low, uint64_t *high,
                                      uint64_t *pointer);

/* Fills *statistics in; NULL: does nothing. */
void contig_read_statistics(struct contig_statistics *statistics);

/* The last error that ended a goroutine, and the goroutine's number in *id; or CONTIG_INVARIANT, and the number of the
 * goroutine whose stack was worked on (0: nobody's); CONTIG_OK if there was none.  `id` may be NULL. */
enum contig_error contig_last_error(uint64_t *id);

/* A few words; "unknown error" for a number that is none. */
const char *contig_error_name(enum contig_error error);

/* For tests and fuzzers: the next `after` stack allocations succeed and all later ones fail; UINT64_MAX: none fails. */
void contig_fail_allocations_after(uint64_t after);

/* The next prologue of the goroutine that runs next finds its guard poisoned: `move` false asks it to yield
 * (Go's stackPreempt), true moves its stack to one of the same size (Go's stackForceMove). */
void contig_poison_next_prologue(bool move);

/* All caches, spans and blocks satisfy their invariants, every live goroutine's stack is a live stack of the core whose
 * frames are well formed, and every goroutine record is where its state says.  True if nothing is started, and while
 * contig_stop runs, which has a result of its own. */
bool contig_check_all(void);

/* Called by goroutine functions only, on the goroutine's stack (never from C): see src/runtime/arch/x86_64/entry.S. */
void contig_yield(void);
void contig_park(void);  /* rdi: an enum contig_wait_reason */
void contig_sleep(void); /* rdi: nanoseconds; 0: as contig_yield.  Go: time.Sleep */
void contig_exit(void);
void contig_systemstack(void); /* rdi: uint64_t (*)(uint64_t), rsi: its argument; result in rax */
void contig_throw(void);       /* rdi: a string that outlives the goroutine */

/* For functions that contig_systemstack runs: what comes between the two may wait in the system.  With several threads
 * (options.procs) another one runs the other goroutines meanwhile, and neither a collection nor anybody else who stops
 * the threads waits for this one.  Nothing of this header may be called in between.  The function's end leaves, too;
 * to leave what was not entered does nothing.  CONTIG_BAD_STATE: no goroutine is in contig_systemstack.  Go:
 * entersyscallblock, exitsyscall. */
enum contig_error contig_enter_system_call(void);
void contig_leave_system_call(void);

/* The same, for channels.  A slot is where the element is read or written: in the frame of the caller, whose site says
 * that its words are alive, or anywhere else; 0: a zero is sent, or what is received is dropped.  While the goroutine
 * waits its stack may move, and the slot with it.  A send or close on a closed channel panics. */
void contig_chansend(void); /* rdi: channel, rsi: slot */
/* rdi: channel, rsi: slot; rax: 1, or 0 if the channel is closed and empty. */
void contig_chanrecv(void);
void contig_closechan(void); /* rdi: channel */
/* rdi: cases, rsi: how many, at most 65,536, with CONTIG_SELECT_DEFAULT added if the select shall not wait.  rax: the
 * number of the case that proceeded, plus 2^32 if it sent, or received what was sent; or CONTIG_SELECT_DEFAULT. */
void contig_selectgo(void);

/* The same, for deferred calls and panics.  A deferred call is a goroutine function with the context that was given;
 * contig_deferproc keeps its record in memory, contig_deferprocstack uses one of CONTIG_DEFER_BYTES in the frame of the
 * caller, with the function in word 2 and the context in word 5 (words 0, 1, 3, 4 and 5 are an object of the frame's
 * map; PANIC-1).  Both return 0 in rax; and once more, with 1, when the call that was deferred has recovered from a
 * panic: then the function goes to its end.  There it runs DEFER_RETURN (src/runtime/arch/x86_64/frame.h). */
void contig_deferproc(void);      /* rdi: function, rsi: context */
void contig_deferprocstack(void); /* rdi: record */
void contig_deferreturn(void);    /* rax: a function to call, its context in rdx; or 0 */
void contig_panic(void);          /* rdi: a string that outlives the goroutine */
void contig_quit(void); /* runs the deferred calls and ends the goroutine; Go: runtime.Goexit */
/* rdi: address of a slot for the panic's string, or 0; rax: 1 if the goroutine panicked and does no more. */
void contig_recover(void);
#define CONTIG_DEFER_BYTES 56

struct contig_select_case {
    uint64_t channel;
    uint64_t slot;
    uint64_t sends; /* 0: it receives */
};
#define CONTIG_SELECT_DEFAULT (UINT64_C(1) << 63)

#ifdef __cplusplus
}
#endif

#endif
