/* morestack.S: the prologue of a C function found too little stack.  CGO-1, CGO-2.
 *
 * clang's slow path stands behind the function's body:
 *
 *      mov $FRAME, %r10d;  mov $ARGUMENTS, %r11d;  call __morestack;  ret;  jmp BODY
 *
 * so that the return address points to a `ret` of one byte, and the body begins behind it.  The check is not made
 * again.  The word with that return address makes the suspended function a bare frame of no words:
 *
 *      sched.sp -> return address into the slow path, also in sched.pc      data
 *                  return address of the function                           looked up for the caller
 *                  stack arguments                                          part of the caller's frame
 *
 * Nothing is pushed onto the goroutine's stack.  All registers that can hold an argument are saved on the system
 * stack, and growth is served there at once, without the scheduler:
 *
 *      register                      while the stack grows          then
 *      rdi rsi rdx rcx r8 r9 rax     struct c_registers             as they were
 *      xmm0-xmm7                     struct c_registers             as they were (the 16 bytes that the ABI passes)
 *      rbx rbp r12-r15               struct c_registers             as they were: data, never relocated
 *      rsp                           m.g0_sp                        sched.sp of the new stack, + 8
 *      fs:0x70                       m.host_guard                   g.stackguard
 *      r10 r11, flags                not kept
 */
#include "src/c/arch/x86_64/thread.h"

    CONTIG_FILE "src/c/arch/x86_64/morestack.S"

.macro SAVE_REGISTERS at
    movups %xmm0, REGISTERS_XMM + 0(\at)
    movups %xmm1, REGISTERS_XMM + 16(\at)
    movups %xmm2, REGISTERS_XMM + 32(\at)
    movups %xmm3, REGISTERS_XMM + 48(\at)
    movups %xmm4, REGISTERS_XMM + 64(\at)
    movups %xmm5, REGISTERS_XMM + 80(\at)
    movups %xmm6, REGISTERS_XMM + 96(\at)
    movups %xmm7, REGISTERS_XMM + 112(\at)
    mov %rdi, REGISTERS_ARGUMENTS + 0(\at)
    mov %rsi, REGISTERS_ARGUMENTS + 8(\at)
    mov %rdx, REGISTERS_ARGUMENTS + 16(\at)
    mov %rcx, REGISTERS_ARGUMENTS + 24(\at)
    mov %r8, REGISTERS_ARGUMENTS + 32(\at)
    mov %r9, REGISTERS_ARGUMENTS + 40(\at)
    mov %rbx, REGISTERS_KEPT + 0(\at)
    mov %rbp, REGISTERS_KEPT + 8(\at)
    mov %r12, REGISTERS_KEPT + 16(\at)
    mov %r13, REGISTERS_KEPT + 24(\at)
    mov %r14, REGISTERS_KEPT + 32(\at)
    mov %r15, REGISTERS_KEPT + 40(\at)
    mov %r10, REGISTERS_FRAME_BYTES(\at)
.endm

.macro RESTORE_ARGUMENTS at
    movups REGISTERS_XMM + 0(\at), %xmm0
    movups REGISTERS_XMM + 16(\at), %xmm1
    movups REGISTERS_XMM + 32(\at), %xmm2
    movups REGISTERS_XMM + 48(\at), %xmm3
    movups REGISTERS_XMM + 64(\at), %xmm4
    movups REGISTERS_XMM + 80(\at), %xmm5
    movups REGISTERS_XMM + 96(\at), %xmm6
    movups REGISTERS_XMM + 112(\at), %xmm7
    mov REGISTERS_ARGUMENTS + 0(\at), %rdi
    mov REGISTERS_ARGUMENTS + 8(\at), %rsi
    mov REGISTERS_ARGUMENTS + 16(\at), %rdx
    mov REGISTERS_ARGUMENTS + 24(\at), %rcx
    mov REGISTERS_ARGUMENTS + 32(\at), %r8
    mov REGISTERS_ARGUMENTS + 40(\at), %r9
    mov REGISTERS_ARGUMENTS + 48(\at), %rax
.endm

    .balign 16
    .globl __morestack
    .protected __morestack
    .type __morestack, @function
__morestack:
    .cfi_startproc
    LOAD_G_ON_ITS_STACK %r11, .Lno_goroutine
    mov %rsp, G_SCHED_SP(%r11)
    mov %rax, G_RET(%r11)           /* not in use while g runs */
    LOAD_M %rax
    mov M_G0_SP(%rax), %rsp
    .cfi_undefined %rip
    push M_HOST_GUARD(%rax)
    pop %fs:GUARD_TLS_OFFSET
    sub $(REGISTERS_BYTES + 8), %rsp    /* m.g0_sp is 8 more than a multiple of 16 */
    SAVE_REGISTERS %rsp
    mov G_RET(%r11), %rdx
    mov %rdx, REGISTERS_ARGUMENTS + 48(%rsp)
    LOAD_SIDE %rdx
    mov %rdx, REGISTERS_SIDE(%rsp)
    SIDE_OF_SYSTEM %rdx
    mov %rax, %rdi
    mov %rsp, %rsi
    call contig_c_morestack
    LOAD_M %rcx
    mov M_CURG(%rcx), %r8
    test %eax, %eax
    jz .Lleave
    mov G_STACKGUARD(%r8), %rdx
    mov %rdx, %fs:GUARD_TLS_OFFSET
    mov REGISTERS_SIDE(%rsp), %rdx
    STORE_SIDE %rdx
    mov G_SCHED_SP(%r8), %r10
    mov %rsp, %r11
    RESTORE_ARGUMENTS %r11          /* the functions of C in between kept the others */
    mov %r10, %rsp
    pop %r11
    inc %r11
    jmp *%r11
/* The goroutine is over, or in the run queue. */
.Lleave:
    movl $REQUEST_SERVED, M_REQUEST(%rcx)
    jmp contig_leave
    .cfi_endproc
/* A signal handler on its own stack, or C on the system stack: there is room. */
.Lno_goroutine:
    .cfi_startproc
    pop %r11
    .cfi_adjust_cfa_offset -8
    .cfi_register %rip, %r11
    lea 1(%r11), %r10
    jmp *%r10
    .cfi_endproc
    .size __morestack, . - __morestack

/* Where a goroutine goes on that was asked to yield in a prologue: contig_c_morestack left its registers on the side
 * stack, and these words on its own:
 *
 *      rsp ->  data
 *              return address into the slow path         of this frame, looked up for the function
 *              data                                      of the function's frame
 *              return address of the function
 *
 * The check is made again: the stack may have been halved meanwhile. */
    CONTIG_FUNCTION_RECORD __LINE__, contig_c_preempted, 0, 0
    .cfi_def_cfa_offset 24
    .cfi_offset %rip, -16
    .cfi_undefined %rbx     /* the function's are on the side stack */
    .cfi_undefined %rbp
    .cfi_undefined %r12
    .cfi_undefined %r13
    .cfi_undefined %r14
    .cfi_undefined %r15
    nop
    .globl contig_c_resume
    .hidden contig_c_resume
contig_c_resume:
    LOAD_M %r11
    mov M_CURG(%r11), %r11
    mov G_C(%r11), %r11
    mov C_SAVED(%r11), %r10
    mov REGISTERS_SIDE(%r10), %rdx
    SIDE_OF_GOROUTINE %rdx, %rax
    mov 8(%rsp), %rax
    mov %rax, 16(%rsp)
    add $16, %rsp
    .cfi_def_cfa_offset 8
    .cfi_offset %rip, -8
    RESTORE_ARGUMENTS %r10
    mov REGISTERS_KEPT + 0(%r10), %rbx
    mov REGISTERS_KEPT + 8(%r10), %rbp
    mov REGISTERS_KEPT + 16(%r10), %r12
    mov REGISTERS_KEPT + 24(%r10), %r13
    mov REGISTERS_KEPT + 32(%r10), %r14
    mov REGISTERS_KEPT + 40(%r10), %r15
    mov REGISTERS_FRAME_BYTES(%r10), %r10
    mov %rsp, %r11
    sub %r10, %r11
    cmp %fs:GUARD_TLS_OFFSET, %r11
    jbe __morestack
    pop %r11
    .cfi_def_cfa_offset 0
    .cfi_register %rip, %r11
    lea 1(%r11), %r10
    jmp *%r10
    END_FRAMELESS_FUNCTION contig_c_preempted
    .set .Lframe, 0
    .set .Lspan, 2
    CONTIG_SITE __LINE__, contig_c_resume, "", "", SITE_BARE
