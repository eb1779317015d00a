/* stub.h: a goroutine of C calls a function that was not compiled for goroutines: the system stack runs it.  CGO-5.
 *
 *   STUB name, stack=0      all arguments are in registers
 *   STUB name, stack=1      stack arguments, too: up to STUB_ARGUMENT_BYTES of them, as far as the stack reaches
 *
 * defines contig_c_stub_NAME.  Where no goroutine's stack is in use it goes on in `name` itself.  Else the goroutine is
 * as stopped at the place that called the stub: its stack may be looked at and moved (contig_stack, contig_gc), for
 * which rbp counts as 0.  Who is called keeps rbx rbp r12-r15 as every C function does.
 *
 * The side stack stays the goroutine's: variables of callbacks lie below its own.
 *
 *      system stack, from m.g0_sp down:    the goroutine's record | copied arguments | the function's frames
 */
/* Directives of the assembler from here on. */
/* clang-format off */
#ifndef CONTIG_C_ARCH_X86_64_STUB_H
#define CONTIG_C_ARCH_X86_64_STUB_H

#include "src/c/arch/x86_64/thread.h"

/* The stack arguments of the stopped goroutine r10, in place on the system stack.  Keeps all arguments, and al. */
.macro COPY_ARGUMENTS
    mov G_SCHED_SP(%r10), %r11
    mov G_STACK_HI(%r10), %r10
    sub $STUB_ARGUMENT_BYTES, %rsp
    sub %r11, %r10
    cmp $STUB_ARGUMENT_BYTES, %r10
    jbe .Lcopy\@
    mov $STUB_ARGUMENT_BYTES, %r10d
.Lcopy\@:
    movups -16(%r11, %r10), %xmm8
    movups %xmm8, -16(%rsp, %r10)
    sub $16, %r10
    ja .Lcopy\@
.endm

/* Call frame information: the caller goes on at the word `offset` bytes behind r10. */
.macro RETURN_ADDRESS_AT_R10 offset
    .cfi_escape 0x10, 16, 2, 0x7a, \offset    /* DW_CFA_expression, the return address, 2 bytes: DW_OP_breg10 */
.endm

.macro STUB name, stack
    .globl contig_c_stub_\name
    .protected contig_c_stub_\name
    .type contig_c_stub_\name, @function
    .balign 16
contig_c_stub_\name:
    .cfi_startproc
    LOAD_M_AND_G_ON_ITS_STACK %r11, %r10, \name
    pop G_SCHED_PC(%r10)
    .cfi_adjust_cfa_offset -8
    RETURN_ADDRESS_AT_R10 G_SCHED_PC
    mov %rsp, G_SCHED_SP(%r10)
    movq $0, G_SCHED_BP(%r10)
    movq $0, G_SCHED_CTXT(%r10)
    mov M_G0_SP(%r11), %rsp
    .cfi_undefined %rip
    mov M_HOST_GUARD(%r11), %r11
    mov %r11, %fs:GUARD_TLS_OFFSET
    push %r10
    .if \stack
    COPY_ARGUMENTS
    .endif
    call \name
    .if \stack
    add $STUB_ARGUMENT_BYTES, %rsp
    .endif
    pop %r10
    mov G_STACKGUARD(%r10), %r11
    mov %r11, %fs:GUARD_TLS_OFFSET
    mov G_SCHED_SP(%r10), %rsp
    push G_SCHED_PC(%r10)
    ret
    .cfi_endproc
    .size contig_c_stub_\name, . - contig_c_stub_\name
.endm

#endif
