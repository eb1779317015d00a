/* overflow.S: where a thread goes on whose goroutine has overflowed its side stack.  See runtime/fault.c. */
#include "src/c/arch/x86_64/thread.h"

    .text

/* void contig_c_side_overflow(void): on the goroutine's stack, which is not touched; its registers are of no use. */
    .balign 16
    .globl contig_c_side_overflow
    .hidden contig_c_side_overflow
    .type contig_c_side_overflow, @function
contig_c_side_overflow:
    .cfi_startproc
    .cfi_undefined %rip
    cld
    LOAD_M %rcx
    mov M_G0_SP(%rcx), %rsp
    push M_HOST_GUARD(%rcx)
    pop %fs:GUARD_TLS_OFFSET
    sub $8, %rsp
    call contig_c_end_overflowed
    LOAD_M %rcx
    mov M_CURG(%rcx), %r8
    movl $REQUEST_SERVED, M_REQUEST(%rcx)
    jmp contig_leave
    .cfi_endproc
    .size contig_c_side_overflow, . - contig_c_side_overflow

    .section .note.GNU-stack, "", @progbits
