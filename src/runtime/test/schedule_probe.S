/* schedule_probe.S: the switch between two threads of schedule.c, and goroutines that are stopped in their own code. */
#include "src/runtime/arch/x86_64/frame.h"
#include "src/testing/registers.h"

    CONTIG_FILE "src/runtime/test/schedule_probe.S"

/* void schedule_switch(void **from, void *to): keeps this thread's stack pointer, and goes on with the other's. */
    .balign 16
    .globl schedule_switch
    .type schedule_switch, @function
schedule_switch:
    PUSH_KEPT
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    POP_KEPT
    ret
    .size schedule_switch, . - schedule_switch

/* Another thread may go on while this goroutine runs: the system stack is free below m.g0_sp. */
    .balign 16
    .type point_of_goroutine, @function
point_of_goroutine:
    push %rbp
    mov %rsp, %rbp
    mov contig_m@gottpoff(%rip), %rcx
    mov %fs:(%rcx), %rcx
    mov M_G0_SP(%rcx), %rsp
    and $-16, %rsp
    call schedule_point_of_goroutine
    mov %rbp, %rsp
    pop %rbp
    ret
    .size point_of_goroutine, . - point_of_goroutine

    FUNCTION schedule_leaf, 16
    RETURN
    END_FUNCTION schedule_leaf

#define SLOT(n) (8 * (n))(%rsp)

/* Calls a function, and asks the runtime for nothing, until the first word of the context is not 0; counts that in the
 * second.  slots: 0 outgoing   1 context */
    FUNCTION schedule_busy, 32
    mov %rdx, SLOT(1)
1:  call point_of_goroutine
    CALL schedule_leaf
    mov SLOT(1), %rax
    cmpq $0, (%rax)
    je 1b
    incq 8(%rax)
    RETURN
    END_FUNCTION schedule_busy
