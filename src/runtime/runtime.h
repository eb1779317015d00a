/* runtime.h: what the files of src/runtime share: goroutines, processors, threads, and the state of the scheduler.
 * Others see the part of it that testing.h shows.
 *
 * A goroutine's code runs only inside contig_execute; everything else runs on the system stack.  So whenever C
 * code looks at a goroutine, its registers are in g->stack.sched and its stack may be moved. */
#ifndef CONTIG_RUNTIME_RUNTIME_H
#define CONTIG_RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "spec/platform.h"
#include "src/contig.h"
#include "src/core/move/growstack.h"
#include "src/core/heap/stackalloc.h"
#include "src/runtime/arch/x86_64/layout.h"
#include "src/runtime/lock.h"
#include "src/runtime/sync.h"
#include "src/runtime/testing.h"

/* Go 1.19, 64-bit: 1,000,000,000 bytes, so that the largest stack has 512 MiB. */
#define DEFAULT_MAXIMUM_STACK_BYTES UINT64_C(1000000000)
#define DEFAULT_ARENA_BYTES (UINT64_C(64) << 30)

/* A P keeps at most this many dead goroutines, and moves half to the scheduler's lists then (Go: gfput). */
#define P_DEAD_GOROUTINES_MAX 64u
#define P_DEAD_GOROUTINES_LEFT 32u

/* Deferred calls, panics and slots that wait, of a goroutine to which nobody else gave records (testing.h). */
struct g_own {
    struct outside outside; /* what g->stack.outside points to, while there is anything */
    struct defer *defers;   /* records in memory, and where the functions that deferred go on */
    uint64_t *defer_pcs;
    uint32_t defers_room;
};

struct g {
    /* bounds and saved registers: what copystack moves; until g ends, records outside */
    struct goroutine_stack stack;
    uint64_t stackguard; /* of stackguard_of, or a poison value */
    uint64_t ret;        /* what rax holds when it is resumed */
    uint32_t mxcsr;      /* SSE and x87 control words, kept over every switch */
    uint16_t fpu_control;
    uint8_t status;      /* enum g_status */
    uint8_t wait_reason; /* enum contig_wait_reason, while waiting */
    bool preempt_shrink; /* shrink at the next synchronous preemption (Go: preemptShrink) */
    bool in_system_call; /* these three forbid that its stack is shrunk */
    bool async_safe_point;
    bool parking_on_channel;
    bool active_stack_chans; /* channels may write to slots of its stack */
    bool offers;             /* its rows are an offer, until it runs again */
    bool held : 1;           /* by C code that moves it from one list to another, or prepares it */
    bool visited : 1;        /* on a list, as the count of records saw */
    bool timed : 1;          /* that it waits, or waited last, is until a time */
    uint8_t scanned;         /* number of the collection that scanned it last */
    uint64_t id;
    struct g *next; /* run queue, or a list of dead goroutines */
    contig_function *function;
    uint32_t wait_first, wait_rows; /* rows of src/core/chan, which stay with the record */
    struct sudog *kept_sudogs;      /* of records that others gave, while it waits for a channel */
    struct g_own *own;              /* what it has outside of its stack; NULL until it has any */
    struct c_goroutine *c;          /* what src/c keeps of a goroutine that runs C; NULL: nothing */
};

/* Whether nothing may move the stack of g now (SHRINK-6). */
static inline bool g_pinned(const struct g *g)
{
    return g->in_system_call || g->async_safe_point || g->parking_on_channel;
}

struct g_list {
    struct g *first;
    uint32_t count;
};

static inline void g_list_push(struct g_list *list, struct g *g)
{
    g->next = list->first;
    list->first = g;
    list->count++;
    g->held = false;
}

static inline struct g *g_list_pop(struct g_list *list)
{
    struct g *g = list->first;
    if (g != NULL) {
        list->first = g->next;
        list->count--;
        g->held = true;
    }
    return g;
}

/* A processor: what a thread needs to run goroutines, and nobody else touches while it does. */
struct p {
    uint32_t id;
    uint32_t run_count;
    struct g *run_first, *run_last; /* runnable, in the order in which they run */
    struct g_list dead;
    uint64_t alive,
        waiting; /* born, or parked, here more often than ended, or woken: the sum over all P's counts */
    struct contig_statistics statistics; /* what was done here */
    uint32_t *marks;                     /* scratch of copystack, MARK_WORDS */
    uint64_t scanned_stack_bytes; /* of the cycle: used bytes of all stacks scanned, and how many */
    uint64_t scanned_stacks;
    uint64_t random; /* of select; never 0 */
    struct select_scratch *select;
} __attribute__((aligned(64)));

/* What the program is called back for at this moment. */
enum callback_kind {
    CALLBACK_NONE = 0,
    CALLBACK_ENDED, /* a goroutine is over: others can be made */
    CALLBACK_STACK, /* a stack is being moved, taken or given: nothing can be changed */
    CALLBACK_AWAY,  /* none: the thread is in a system call, and nothing can be called */
};

/* A thread, which has a P for all its life. */
struct m {
    uint64_t g0_sp; /* the system stack while a goroutine runs */
    struct g *curg;
    uint32_t request; /* REQUEST_* */
    uint32_t mxcsr;
    uint16_t fpu_control;
    uint64_t argument_0;
    uint64_t argument_1;
    /* the thread's guard word on the system stack: not 0 if the host has split stacks */
    uint64_t host_guard;
    struct p *p;
    enum callback_kind callback;
    const struct g *moves; /* whom a callback about a move is about */
    bool finished;         /* woken since nobody can run */
    bool calling;          /* a function that contig_systemstack was given */
    uint32_t sleeps;       /* 0 when somebody has woken it */
    struct m *sleeper;     /* the next one that sleeps */
    uint64_t *guard;       /* the word that prologues of this thread compare with */
    uint64_t rest_guard;   /* what it holds while no goroutine runs */
    contig_thread thread;  /* of all but the first */
} __attribute__((aligned(64)));

#define G_SLAB_COUNT 128u
#define G_SLABS_MAX 131072u

struct scheduler {
    struct lock lock;
    struct g *run_first, *run_last; /* what one P gave and no other has taken yet */
    uint32_t run_count;
    struct g_list dead_with_stack, dead_without_stack;
    uint64_t g_count; /* records made */

    uint32_t procs; /* threads that may run goroutines at a time */
    uint32_t
        threads;   /* threads, each with a P; more than procs if some have been in system calls */
    uint32_t away; /* threads in system calls */
    uint32_t sleeping;       /* threads that found nothing to run */
    uint32_t stopped;        /* threads that wait until the world goes on */
    uint32_t calls;          /* CALL_*: what threads look at between two goroutines */
    uint32_t stop_changes;   /* counts what `stopper` waits for */
    uint32_t worlds;         /* counts how often the world went on */
    struct m *first_sleeper; /* the last to fall asleep */
    struct m *stopper;       /* it alone runs, or will */
    uint32_t world_depth;    /* how often the stopper has stopped the world */
    bool looks;              /* contig_run runs: all threads wake goroutines whose time has come */
    bool quitting;

    struct lock report_lock; /* what is written of errors */
    struct lock pool_lock;   /* stack pools and page heap of the core */
    uint64_t *arena;
    uint64_t arena_bytes;
    uint64_t starting_stack_size;
    uint64_t maximum_stack_bytes;
    uint64_t fail_after; /* allocations that succeed before all fail */
    uint32_t gc_running; /* 1 from the beginning of a collection to its end */
    uint8_t gc_number;
    bool started;
    bool stopping;
    uint32_t run_depth; /* calls of contig_run and contig_step that have not returned */
    enum contig_error last_error;
    uint64_t last_error_id;
    struct contig_options options; /* its callbacks are call.c's, which call the program's */
    struct contig_options wanted;  /* the program's own */
};

extern struct scheduler contig_sched;
extern struct p contig_all_p[NUM_P];
extern _Thread_local struct m *contig_m;

/* arch */
uint32_t contig_execute(struct m *m, struct g *g);
void contig_control_save(struct g *g);
void contig_gostart(void);
void contig_goexit(void);
extern const char contig_panic_injected[], contig_panic_called[], contig_quit_goes_on[];
_Noreturn void contig_morestack_on_system_stack(void);

/* arena.c */
enum contig_error contig_arena_reserve(uint64_t bytes, char *message);
void contig_arena_touched(uint64_t low, uint64_t bytes); /* a stack was allocated there */
/* Tells the system that free blocks hold nothing; end of a GC cycle. */
void contig_arena_give_back(void);
void contig_arena_stop(void); /* the same, and forgets which */
/* MEMORY-3: with options.guard_pages nothing can touch the lowest page of a large stack, from when it is a goroutine's
 * until it is freed.  Below it lies another stack; a page outside would double its block. */
#define GUARD_PAGE_BYTES UINT64_C(4096)
void contig_arena_guard_page(uint64_t low);
void contig_arena_open_guard_page(uint64_t low);

static inline bool has_guard_page(uint64_t bytes)
{
    return bytes >= CHUNK_BYTES && contig_sched.options.guard_pages;
}

/* The guard word of a stack. */
static inline uint64_t stackguard_of(uint64_t low, uint64_t bytes)
{
    return low + STACK_GUARD_BYTES + (has_guard_page(bytes) ? GUARD_PAGE_BYTES : 0);
}

/* call.c: may a function of contig.h be called where the program is? */
enum call_need {
    CALL_ANYWHERE, /* the runtime is started */
    CALL_LOOKS,    /* and with several threads no stack is being moved, taken or given */
    CALL_CHANGES,  /* and no stack is being moved, taken or given */
    CALL_COLLECTS, /* and the program was not called back */
    CALL_RUNS,     /* and contig_run may begin */
    CALL_AT_REST,  /* and no goroutine runs */
};

/* Nested calls of contig_run need the system stack, and nobody knows how large that is. */
#define RUN_DEPTH_MAX 1000u

/* NULL, or why not.  Inline, like the next: contig_go asks for every goroutine, with a need that the compiler knows. */
static inline const char *contig_call_refusal(enum call_need need)
{
    if (!contig_sched.started)
        return "before contig_start, or after contig_stop";
    if (contig_sched.stopping)
        return "while contig_stop ends the goroutines";
    if (contig_m == NULL)
        return "by a thread that runs no goroutines";
    if (need < CALL_CHANGES && contig_m->callback == CALLBACK_AWAY)
        return "in a system call";
    if (need == CALL_LOOKS && contig_threads && contig_m->callback == CALLBACK_STACK)
        return "from a callback about a stack, with several threads";
    if (need >= CALL_CHANGES && contig_m->callback >= CALLBACK_STACK)
        return contig_m->callback == CALLBACK_AWAY ? "in a system call"
                                                   : "from a callback about a stack";
    if (need >= CALL_COLLECTS && contig_m->callback != CALLBACK_NONE)
        return "from a callback";
    if (need == CALL_RUNS && contig_sched.run_depth >= RUN_DEPTH_MAX)
        return "inside of too many calls of contig_run";
    if (need == CALL_RUNS && contig_threads && contig_sched.run_depth != 0)
        return "inside of contig_run, which has several threads";
    if (need == CALL_AT_REST && contig_sched.run_depth != 0)
        return "while a goroutine runs";
    return NULL;
}

static inline bool contig_call_allowed(enum call_need need)
{
    return contig_call_refusal(need) == NULL;
}

/* The same; says which call was refused, and why, for functions that cannot return an error. */
bool contig_call_allowed_or_say(const char *call, enum call_need need);
void contig_callbacks_wrap(void);

/* threads.c: see there. */
#define CALL_STOP 1u     /* the world stops */
#define CALL_SCAN 2u     /* a collection claims stacks */
#define CALL_POISON 4u   /* the goroutine that runs next finds its guard poisoned */
#define CALL_TIMER 8u    /* a goroutine sleeps until a time comes */
#define CALL_SHARE 16u   /* what is in the common queue is for all */
#define CALL_EXCESS 32u  /* more threads run than shall */
#define CALL_SLEEPER 64u /* times the number of threads that sleep, and could run */
enum contig_error contig_threads_start(uint32_t procs, char *message);
void contig_threads_stop(void);
/* A goroutine that m runs; sleeps until there is one.  NULL, for the first thread: nobody can run; for the others: the
 * runtime stops. */
struct g *contig_find_runnable(struct m *m);
/* Does what `calls` says before g, which m took from its queue, or which goes on, runs.  Who runs then: g, or another
 * one if m slept, or NULL as contig_find_runnable. */
struct g *contig_attend(struct m *m, struct g *g, bool all);
/* CALL_* that is not CALL_SLEEPER, on or off.  With the lock. */
void contig_call(uint32_t call, bool on);
/* The guard of the goroutine that a thread runs at this moment, poisoned or not; 0: none. */
uint64_t contig_thread_guard_of(uint32_t number);
/* The next prologue of the goroutine that a thread runs, if it runs one at this moment, finds its guard poisoned. */
void contig_thread_ask(uint32_t number);
/* timer.c.  With the lock: */
void contig_timers_fire(void);     /* those whose time has come become runnable here */
uint64_t contig_timers_wait(void); /* nanoseconds until the first one, or SYNC_FOR_EVER */
/* Without: */
void contig_timers_look(void); /* fires, if a time has come */
bool contig_timer_sleep(struct m *m, struct g *g, uint64_t nanoseconds); /* false: no memory */
struct g *
contig_timers_next(struct p *p); /* one thread: sleeps until somebody wakes; NULL: nobody sleeps */
bool contig_timers_any(void);
void contig_timers_stop(void);
/* monitor.c */
bool contig_monitor_start(void);
/* While contig_run runs, the monitor and the threads with nothing to run look at the clock. */
void contig_threads_look(bool looks);
void contig_monitor_stop(void);
/* proc.c: runs goroutines that contig_find_runnable finds. */
void contig_thread_run(struct m *m);
/* From contig_world_stop until contig_world_go_on no other thread runs: all goroutines are stopped between two
 * requests, and their registers are saved.  By a thread that has no lock and owns no other goroutine's stack. */
void contig_world_stop(void);
void contig_world_go_on(void);
/* The same for a call that looks at goroutine `id`, or 0: at all; false, after a sentence: it may not.  A callback may
 * look at the goroutine that moves, and at no other: a collection owns its stack while it calls back. */
bool contig_look_begin(const char *call, uint64_t id);
void contig_look_end(void);
/* Stands still while another thread has stopped the world, or while *word is `value`: C code that takes long calls this
 * where it could be stopped. */
void contig_stand_by(void);
void contig_stand_while(const uint32_t *word, uint32_t value);

/* The P of the thread that is here. */
static inline struct p *contig_p(void)
{
    return contig_m->p;
}

static inline struct contig_statistics *contig_counts(void)
{
    return &contig_m->p->statistics;
}

static inline void contig_g_status(struct g *g, enum g_status status)
{
    SYNC_WRITE(&g->status, (uint8_t)status);
}

/* The queue of a P is its thread's alone. */
static inline struct g *contig_runq_get(struct p *p)
{
    struct g *g = p->run_first;
    if (g != NULL) {
        p->run_first = g->next;
        p->run_count--;
    }
    return g;
}

/* g runs after all that are queued there. */
static inline void contig_runq_put(struct p *p, struct g *g)
{
    contig_g_status(g, G_RUNNABLE);
    g->held = false;
    g->next = NULL;
    if (p->run_first != NULL)
        p->run_last->next = g;
    else
        p->run_first = g;
    p->run_last = g;
    p->run_count++;
}

/* Sums over all P's, while no other thread runs. */
uint64_t contig_alive(void);
uint64_t contig_waiting(void);
struct contig_statistics contig_counts_sum(void);
bool contig_any_runnable(void);

/* OWN-1: makes the stack of g, which waits, the caller's, until contig_g_release; false: it does not wait. */
bool contig_g_claim(struct g *g);
/* The same for a collection: of g that waits or is runnable; false: neither, or another thread has claimed it. */
bool contig_g_claim_to_scan(struct g *g);
void contig_g_release(struct g *g);
/* g, which waits, becomes runnable; at once, or when who owns its stack releases it. */
void contig_g_wake(struct g *g);

/* records.c */
bool contig_records_ok(void); /* each record is on exactly one list, waits, runs or is held */

/* sites.c: rows of the function table, and where a return address belongs. */
enum contig_error contig_sites_start(char *message);
bool contig_sites_position(uint64_t return_pc, struct source_position *position);
/* Of that, only what a growth must know; 0 if nothing is known. */
bool contig_sites_frame_bytes(uint64_t return_pc, uint64_t *frame_bytes);
const char *contig_function_name(uint64_t entry);

/* proc.c */
struct g *contig_g_at(uint64_t index);
void contig_g_end(struct g *g, enum contig_error error);
void contig_g_discard_all(void);
void contig_poison(struct g *g); /* as contig_poison_next_prologue wanted, if nobody else did it */
/* Called when a goroutine that runs C is over; set by src/c. */
extern void (*contig_g_c_over)(struct g *g, enum contig_error error);
/* Called when the operation panics that C on g's stack asked for: g goes on with an answer; set by src/c. */
extern void (*contig_g_c_panics)(struct g *g, const char *sentence);
/* What src/c gives back to the system stack where a goroutine that runs C stops; NULL without src/c. */
extern uint64_t *contig_c_kept;

/* stack.c: the runtime's calls into the core, with lock, fault injection, trace and checks. */
enum contig_error contig_g_stack_allocate(struct g *g, uint64_t size_bytes);
void contig_g_stack_free(struct g *g);
enum contig_error contig_newstack(struct g *g);
/* The same, for a prologue that says how large its frame is. */
enum contig_error contig_newstack_for(struct g *g, uint64_t frame_bytes);
/* Moves g to a stack with frame_bytes more; with forced, to one of the same size.  An error leaves g as it was. */
enum contig_error contig_g_grow(struct g *g, uint64_t frame_bytes, bool forced,
                                struct stack_fault *fault);

/* traceback.c */
void contig_report_error(struct g *g, enum contig_error error, const struct stack_fault *fault,
                         const char *thrown);

/* trace.c: lines of spec/trace.md; nothing without options.trace. */
static inline bool contig_tracing(void)
{
    return contig_sched.options.trace != NULL;
}

/* Does somebody look at each operation?  Asked in line where an operation is short. */
static inline bool contig_watched(void)
{
    return contig_tracing() || contig_sched.options.check;
}

enum contig_error contig_trace_start(char *message);
void contig_trace_stop(void);
void contig_trace_allocate(uint64_t size_bytes, uint64_t lo);
void contig_trace_before(void);
void contig_trace_free(uint64_t lo, uint64_t size_bytes);
void contig_trace_phase(int phase);
void contig_trace_clear(uint32_t p);
void contig_trace_free_spans(void);
void contig_trace_go_line(const struct g *g);
void contig_trace_dead_line(const struct g *g);
void contig_trace_starting_size(void);
void contig_trace_maximum(void);
void contig_trace_grow(const struct g *g, const struct goroutine_stack *before,
                       uint32_t frame_bytes, bool forced);
void contig_trace_preempt(const struct g *g, bool shrink);
void contig_trace_no_shrink(const struct g *g);
void contig_trace_shrink_refused(const struct g *g, const char *reason);
void contig_trace_shrink(const struct g *g, const struct goroutine_stack *before);
void contig_trace_scan(const struct g *g);
void contig_trace_overflow(const struct g *g, uint32_t frame_bytes);
void contig_trace_after_clear(void);
void contig_trace_after_free_spans(void);

static inline void contig_trace_go(const struct g *g)
{
    if (contig_tracing())
        contig_trace_go_line(g);
}

static inline void contig_trace_dead(const struct g *g)
{
    if (contig_tracing())
        contig_trace_dead_line(g);
}

/* trace_moves.c: version 1.1 of the format; nothing without options.trace_moves. */
bool contig_trace_before_move(const struct g *g); /* false: no memory for what it was before */
void contig_trace_move(const struct g *g, const struct goroutine_stack *before);
void contig_trace_moves_stop(void);

/* check.c: nothing without options.check */
bool contig_check_before_move(const struct g *g); /* false: no memory for the comparison */
void contig_check_after_move(const struct g *g, const struct goroutine_stack *before);
void contig_check_operation(const struct g *g, const char *operation);

static inline void contig_check_after_operation(const struct g *g, const char *operation)
{
    if (contig_sched.options.check)
        contig_check_operation(g, operation);
}

bool contig_g_stack_ok(const struct g *g);
void contig_check_stop(void);

#endif
