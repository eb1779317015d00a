/* fib.h: the body of fib without its frame, which its users make: fib.S, and bench with and without a check. */
#ifndef CONTIG_BODIES_X86_64_FIB_H
#define CONTIG_BODIES_X86_64_FIB_H

#include "src/bodies/x86_64/slots.h"

/* clang-format off */
/* Argument 0 is n; the result is in rax.  The frame has two slots; `name` is the function itself. */
.macro FIB_STEP line, name
    mov ARGUMENT(0), %rax
    cmp $2, %rax
    jb 1f
    dec %rax
    mov %rax, SLOT(0)
    CONTIG_CALL \line, \name
    mov %rax, SLOT(1)
    mov ARGUMENT(0), %rax
    sub $2, %rax
    mov %rax, SLOT(0)
    CONTIG_CALL \line, \name
    add SLOT(1), %rax
1:
.endm

/* A goroutine function: calls `function` with the context's word at `argument`, and stores the result at `result`. */
.macro FIB_BODY line, name, function, argument, result
    CONTIG_FUNCTION \line, \name, 32
    mov %rdx, SLOT(1)
    mov \argument(%rdx), %rax
    mov %rax, SLOT(0)
    CONTIG_CALL \line, \function
    mov SLOT(1), %rdx
    mov %rax, \result(%rdx)
    RETURN
    END_FUNCTION \name
.endm
/* clang-format on */

#endif
