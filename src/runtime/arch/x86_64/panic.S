/* panic.S: goroutines that panic, or quit, run their deferred calls first.  PANIC-1..PANIC-5; Go 1.19 gopanic, Goexit.
 *
 * slots:   0 unused   1 value   2 the panic before   3 recovered   4 quits   5, 6, 7 where the function goes on that
 *          deferred the call that runs now: sp, bp, pc
 *
 * Slots 1 to 7 are the record (struct panic_record, src/runtime/panic.c).  It lies on the stack, so that it moves with
 * it; the goroutine holds the address of the innermost one.
 */
#include "src/runtime/arch/x86_64/frame.h"

    CONTIG_FILE "src/runtime/arch/x86_64/panic.S"

.macro PANIC name, quits
    FUNCTION \name, 64
    mov %rdi, 8(%rsp)
    movq $0, 16(%rsp)
    movq $0, 24(%rsp)
    movq $\quits, 32(%rsp)
    movq $0, 40(%rsp)
    movq $0, 48(%rsp)
    movq $0, 56(%rsp)
    lea 8(%rsp), %rdi
    CALL contig_panic_begin, "2,5,6"
1:  CALL contig_panic_next, "2,5,6"
    .globl \name\()_goes_on
    .hidden \name\()_goes_on
\name\()_goes_on:
    CALL *%rax, "2,5,6"
    .globl \name\()_called
    .hidden \name\()_called
\name\()_called:
    jmp 1b
    END_FUNCTION \name
.endm

    PANIC contig_panic, 0
    PANIC contig_quit, 1

/* The runtime makes a goroutine panic: it goes on here as if it had called this, with the value in rax. */
    .balign 16
    .globl contig_panic_injected
    .hidden contig_panic_injected
    .type contig_panic_injected, @function
contig_panic_injected:
    .cfi_startproc
    mov %rax, %rdi
    jmp contig_panic
    .cfi_endproc
    .size contig_panic_injected, . - contig_panic_injected
