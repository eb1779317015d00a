/* schedule_probe.S: the switch between two threads of schedule.c, and goroutines that are stopped in their own code. */
#include "src/bodies/x86_64/slots.h"
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

/* Calls a function, and asks the runtime for nothing, until `moved` of the body is not 0.  slots: 0 outgoing   1 body */
    FUNCTION schedule_busy, 32
    mov %rdx, SLOT(1)
1:  call point_of_goroutine
    CALL schedule_leaf
    mov SLOT(1), %rax
    cmpq $0, BODY_MOVED(%rax)
    je 1b
    incq BODY_RESULT(%rax)
    RETURN
    END_FUNCTION schedule_busy
