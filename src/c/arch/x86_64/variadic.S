/* variadic.S: what the prologue of a variadic function calls to copy its stack arguments to the side stack. */
#include "src/c/arch/x86_64/thread.h"

    .text

/* void contig_c_copy_arguments(void *to, const void *from, size_t bytes): no further than the goroutine's stack. */
    .balign 16
    .globl contig_c_copy_arguments
    .protected contig_c_copy_arguments
    .type contig_c_copy_arguments, @function
contig_c_copy_arguments:
    .cfi_startproc
    mov %rdx, %rcx
    LOAD_G_ON_ITS_STACK %rax, 1f
    mov G_STACK_HI(%rax), %rax
    sub %rsi, %rax
    cmp %rax, %rcx
    jbe 1f
    mov %rax, %rcx
1:  rep movsb
    ret
    .cfi_endproc
    .size contig_c_copy_arguments, . - contig_c_copy_arguments

    .section .note.GNU-stack, "", @progbits
