/* script.h: runs a script on real stacks, and decides whether all went well.
 *
 * Functions are compiled (src/frames), then the scheduler's operations are done one after the other, then
 * everything that waits is woken until all goroutines have ended, and the runtime is stopped.  Oracles, each of
 * which can be switched off, so that a test can show what each finds alone:
 *   code     the compiled code checks every word that it keeps, through pointers that have moved
 *   heap     the core's checkers: heap_used_ok, cache_ok, live stacks, frames (contig_check_all)
 *   move     stack_same_after_move on a snapshot taken before each move
 *   model    frames against their shadows, from outside, after each move and each operation
 *   policy   each move is one that is due: least doubling that fits, half, or the same size when forced
 *   rest     at the end every goroutine is over, every byte is free, and the heap is well formed
 *   poison   new stacks are 0xfd, freed ones 0xfc, and stay so until they are used again
 *   channels what each channel operation does, against a model of Go's specification (channels.h)
 * Called by the fuzz targets, the exhaustive tests and `contig replay`. */
#ifndef CONTIG_HARNESS_SCRIPT_H
#define CONTIG_HARNESS_SCRIPT_H

#include "src/script/operations.h"

/* Addresses that scripts run in: small, so that running out of memory is one of the things that happen. */
#define SCRIPT_ARENA_BYTES (UINT64_C(2) << 20)

enum script_oracle {
    ORACLE_CODE = 1,
    ORACLE_HEAP = 2,
    ORACLE_MOVE = 4,
    ORACLE_MODEL = 8,
    ORACLE_POLICY = 16,
    ORACLE_REST = 32,
    ORACLE_POISON = 64,
    ORACLE_CHANNELS = 128,
    ORACLES_ALL = 255,
};

struct script_options {
    uint32_t oracles; /* ORACLE_*; 0: all */
    FILE *out;        /* a line for each step, or NULL */
    FILE *trace;      /* spec/trace.md, or NULL */
    bool trace_moves; /* version 1.1 of it */
    /* the n-th allocation of a stack fails, and all later ones; 0: none */
    uint64_t fail_allocation;
    uint32_t move_every; /* every n-th call finds its guard poisoned; 0: as the script says */
    uint32_t preempt_every;
    uint32_t waits;         /* so many slots may wait for channels, and no more; 0: all */
    uint64_t maximum_stack; /* 0: as the script says */
    bool no_caches;         /* caches are emptied after every operation */
    bool unmap;             /* pages of freed stacks cannot be touched */
    void (*audited)(void);  /* called by each `audit`, after the oracles: for tests; or NULL */
};

struct script_result {
    const char *violation; /* NULL: none */
    /* the violation is none: the system has no memory, and the script was not run */
    bool refused;
    const char *oracle; /* which one found it */
    /* operations done, those of goroutines on the system stack included */
    uint64_t steps;
    uint64_t goroutines, moves, allocations, errors;
};

/* How often a goroutine's stack of 2 KiB << i was moved while the goroutine was in state j; since the process began. */
#define SCRIPT_SIZE_CLASSES 11u
#define SCRIPT_STATES 6u
extern uint64_t script_moves_seen[SCRIPT_SIZE_CLASSES][SCRIPT_STATES];

/* Starts the runtime, runs the script, stops the runtime.  The process must not have started the runtime with
 * another arena. */
struct script_result script_run(const struct script *script, const struct script_options *options);

/* Leaves out operations, and makes operands smaller, as long as `wrong` says so of what is left. */
void script_reduce(struct script *script, bool (*wrong)(const struct script *script, void *context),
                   void *context);

#endif
