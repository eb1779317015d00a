/* morestack.S: a prologue found too little stack.  PROLOGUE-3, SWITCH-3; Go 1.19 runtime.morestack.
 *
 * Called at the very beginning of a function, before its frame exists.  The word that held the return address
 * into the prologue is reused for the caller's frame pointer, so that the suspended function is a frame like any
 * other, with no locals:
 *
 *      rsp -> return address into the prologue        sched.sp -> saved rbp (a pointer)
 *             return address of the function     =>               return address of the function
 *             arguments                                           arguments
 *
 * The prologue's slow path pops rbp and begins the function anew, so that the check is made again.
 *
 *   rdx   the context, kept in sched.ctxt          rsp, rbp   kept (moved by copystack)
 *   rcx, r8, r11   used                            all others not kept: no function has begun yet
 */
#include "src/runtime/arch/x86_64/layout.h"

    .text
    .balign 16
    .globl contig_morestack
    .protected contig_morestack
    .type contig_morestack, @function
contig_morestack:
    .cfi_startproc
    mov contig_m@gottpoff(%rip), %rcx
    mov %fs:(%rcx), %rcx
    mov M_CURG(%rcx), %r8
    test %r8, %r8
    jz 1f
    .cfi_remember_state
    pop %r11
    .cfi_adjust_cfa_offset -8
    .cfi_register %rip, %r11
    push %rbp
    .cfi_adjust_cfa_offset 8
    mov %r11, G_SCHED_PC(%r8)
    mov %rsp, G_SCHED_SP(%r8)
    mov %rsp, G_SCHED_BP(%r8)
    mov %rdx, G_SCHED_CTXT(%r8)
    movl $REQUEST_MORESTACK, M_REQUEST(%rcx)
    jmp contig_leave
    .cfi_restore_state
/* No goroutine runs.  rbp keeps the caller's stack pointer, so that a debugger can tell who called. */
1:  push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    mov %rsp, %rbp
    .cfi_def_cfa_register %rbp
    and $-16, %rsp
    call contig_morestack_on_system_stack
    ud2
    .cfi_endproc
    .size contig_morestack, . - contig_morestack

    .section .note.GNU-stack, "", @progbits
