/* fault.c: a side stack that overflows touches its guard: the goroutine ends, not the program.  CGO-8.
 *
 * The handler runs on a stack of its own.  It lets the thread go on at contig_c_side_overflow, on the system stack, as
 * if the goroutine had asked to be ended.  Where the goroutine had called a library, or the fault is no guard's, the
 * program's own handler runs instead, or the system's.
 *
 * The trace begins at the innermost call that the stack still shows: the first word above the stack pointer that is a
 * return address whose frames reach the goroutine's first.  The function that faulted is named by its code. */
#define _GNU_SOURCE /* REG_RIP */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "src/c/runtime/c_runtime.h"
#include "src/core/move/unwind.h"

#define HANDLER_STACK_BYTES (UINT64_C(64) << 10)

static struct sigaction before; /* the program's own, for faults that are not ours */

void contig_c_side_overflow(void); /* arch/x86_64/overflow.S */

/* Do the frames from this one on reach the first? */
static bool reaches_the_first(const struct g *g, uint64_t sp, uint64_t pc)
{
    struct unwound frame = unwind_first(contig_sched.arena, g->stack.lo, g->stack.hi, sp, pc);
    while (frame.status == STACK_OK && !frame.last)
        frame = unwind_next(contig_sched.arena, g->stack.hi, frame);
    return frame.status == STACK_OK;
}

/* The innermost frame that is certain becomes the one that the goroutine is stopped in. */
static void stop_at_a_call(struct g *g, uint64_t sp)
{
    for (uint64_t at = (sp + 7) / 8 * 8; at + 8 < g->stack.hi; at += 8) {
        uint64_t pc = contig_sched.arena[(at - arena_base) / 8];
        if (site_find(pc) >= 0 && reaches_the_first(g, at + 8, pc)) {
            g->stack.sched.sp = at + 8;
            g->stack.sched.pc = pc;
            g->stack.sched.bp = 0;
            g->stack.sched.ctxt = 0;
            return;
        }
    }
}

/* Also called by contig_c_side_overflow, on the system stack; the goroutine is as stopped. */
void contig_c_end_overflowed(void)
{
    char reason[100];
    struct g *g = contig_m->curg;
    __safestack_unsafe_stack_ptr = contig_c_system_side;
    snprintf(reason, sizeof reason, "side stack exceeds %" PRIu64 " bytes (CONTIG_SIDE_STACK)",
             g->c->side_top - g->c->side_low);
    contig_report_error(g, CONTIG_STACK_OVERFLOW, NULL, reason);
    contig_g_end(g, CONTIG_STACK_OVERFLOW);
}

static bool of_a_running_goroutine(const siginfo_t *information, uint64_t sp)
{
    const struct g *g = contig_m == NULL ? NULL : contig_m->curg;
    return g != NULL && g->c != NULL && g->stack.lo <= sp && sp < g->stack.hi &&
           contig_c_side_of_guard((uint64_t)(uintptr_t)information->si_addr) == g->c;
}

static void on_fault(int number, siginfo_t *information, void *context)
{
    ucontext_t *stopped = context;
    greg_t *registers = stopped->uc_mcontext.gregs;
    uint64_t sp = (uint64_t)registers[REG_RSP];
    if (of_a_running_goroutine(information, sp)) {
        stop_at_a_call(contig_m->curg, sp);
        registers[REG_RIP] = (greg_t)(uintptr_t)contig_c_side_overflow;
        return;
    }
    if ((before.sa_flags & SA_SIGINFO) != 0)
        before.sa_sigaction(number, information, context);
    else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
        before.sa_handler(number);
    else
        signal(number, SIG_DFL); /* the fault comes again, and ends the program */
}

void contig_c_faults_start(void)
{
    static bool started;
    if (started)
        return;
    started = true;
    stack_t stack = {.ss_size = HANDLER_STACK_BYTES}, old;
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    if (sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE) != 0) {
        stack.ss_sp =
            mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) != 0)
            return;
    }
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &before);
}

/* The program's sigaction: a handler never runs on a goroutine's stack, and that of a fault comes after ours. */
int contig_c_sigaction(int number, const struct sigaction *action, struct sigaction *old);
int contig_c_sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    struct sigaction wanted;
    contig_c_faults_start();
    if (number == SIGSEGV) {
        if (old != NULL)
            *old = before;
        if (action != NULL)
            before = *action;
        return 0;
    }
    if (action == NULL)
        return sigaction(number, NULL, old);
    wanted = *action;
    wanted.sa_flags |= SA_ONSTACK;
    return sigaction(number, &wanted, old);
}

/* And its signal, which is BSD's as in glibc. */
void (*contig_c_signal(int number, void (*handler)(int)))(int);
void (*contig_c_signal(int number, void (*handler)(int)))(int)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;
    sigemptyset(&action.sa_mask);
    return contig_c_sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}
