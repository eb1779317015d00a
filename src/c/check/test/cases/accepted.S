/* accepted.S: CFRAME-28.  Nothing is wrong here: calls, saved registers, a tail call, a jump table, a slow
 * path. */
#include "src/c/check/test/cases/cases.h"

    FUNCTION accepted
    CHECK accepted
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbx, -16
    mov %rdi, %rbx
    call outside
    call through
    cmp $3, %rbx
    ja 1f
    jmp *.Ltable(, %rbx, 8)
1:  mov %rbx, %rax
    pop %rbx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW accepted, 8
    END accepted

    FUNCTION through
    CHECK through
    jmp outside
    SLOW through, 0
    END through

    .section .rodata
    .balign 8
.Ltable:
    .quad 1b, 1b, 1b, 1b
