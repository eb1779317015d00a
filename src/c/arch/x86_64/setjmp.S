/* setjmp.S: setjmp and longjmp for functions whose stack may move in between.  CGO-6.
 *
 * The linker gives these names to every setjmp and longjmp of C that was compiled for goroutines.  In the jmp_buf:
 *
 *      0   rbx rbp r12-r15     data, as in every frame of C
 *      48  rsp                 on a goroutine's stack: hi - rsp; else rsp itself
 *      56  rip
 *      64  goroutine's number  0: the system stack
 *
 * The pointer of the side stack is not here: clang's code behind setjmp puts it right.
 */
#include "src/c/arch/x86_64/thread.h"

#define BUFFER_SP 48
#define BUFFER_PC 56
#define BUFFER_ID 64

    .text

/* int contig_c_setjmp(jmp_buf buffer) */
    .balign 16
    .globl contig_c_setjmp
    .protected contig_c_setjmp
    .type contig_c_setjmp, @function
contig_c_setjmp:
    .cfi_startproc
    mov %rbx, 0(%rdi)
    mov %rbp, 8(%rdi)
    mov %r12, 16(%rdi)
    mov %r13, 24(%rdi)
    mov %r14, 32(%rdi)
    mov %r15, 40(%rdi)
    mov (%rsp), %rdx
    mov %rdx, BUFFER_PC(%rdi)
    lea 8(%rsp), %rdx
    LOAD_G_ON_ITS_STACK %rax, 1f
    mov G_STACK_HI(%rax), %rcx
    sub %rdx, %rcx
    mov %rcx, BUFFER_SP(%rdi)
    mov G_ID(%rax), %rdx
    mov %rdx, BUFFER_ID(%rdi)
    xor %eax, %eax
    ret
1:  mov %rdx, BUFFER_SP(%rdi)
    movq $0, BUFFER_ID(%rdi)
    xor %eax, %eax
    ret
    .cfi_endproc
    .size contig_c_setjmp, . - contig_c_setjmp

/* _Noreturn void contig_c_longjmp(jmp_buf buffer, int value)
 *
 * To a goroutine's own frames from its stack, or from a callback on the system stack, whose frames are forgotten; to
 * the system stack's frames from there. */
    .balign 16
    .globl contig_c_longjmp
    .protected contig_c_longjmp
    .type contig_c_longjmp, @function
contig_c_longjmp:
    .cfi_startproc
    mov BUFFER_SP(%rdi), %rdx
    LOAD_M %rcx
    mov BUFFER_ID(%rdi), %r9
    test %r9, %r9
    jz 2f
    test %rcx, %rcx
    jz 4f
    mov M_CURG(%rcx), %r8
    test %r8, %r8
    jz 4f
    cmp G_ID(%r8), %r9
    jne 4f
    mov G_STACK_HI(%r8), %r9
    sub %rdx, %r9
    mov G_STACKGUARD(%r8), %rcx
    mov %rcx, %fs:GUARD_TLS_OFFSET
    mov %r9, %rdx
1:  mov %esi, %eax
    .cfi_remember_state
    mov 0(%rdi), %rbx
    .cfi_undefined %rbx
    mov 8(%rdi), %rbp
    .cfi_undefined %rbp
    mov 16(%rdi), %r12
    .cfi_undefined %r12
    mov 24(%rdi), %r13
    .cfi_undefined %r13
    mov 32(%rdi), %r14
    .cfi_undefined %r14
    mov 40(%rdi), %r15
    .cfi_undefined %r15
    mov BUFFER_PC(%rdi), %rcx
    mov %rdx, %rsp
    .cfi_undefined %rip
    test %eax, %eax
    jne 3f
    inc %eax
3:  jmp *%rcx
    .cfi_restore_state
2:  LOAD_G_ON_ITS_STACK %r8, 1b
4:  push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    mov %rsp, %rbp
    .cfi_def_cfa_register %rbp
    and $-16, %rsp
    call contig_c_longjmp_refused
    ud2
    .cfi_endproc
    .size contig_c_longjmp, . - contig_c_longjmp

    .section .note.GNU-stack, "", @progbits
