/* never_returns.S: CFRAME-31.  Behind a call of a function that never returns there is nothing of this
 * function: nothing is wrong. */
#include "src/c/check/test/cases/cases.h"

    FUNCTION calls_ending
    CHECK calls_ending
    push %rax
    .cfi_adjust_cfa_offset 8
    test %edi, %edi
    jne 1f
    call ends
1:  pop %rcx
    .cfi_adjust_cfa_offset -8
    jmp ends_too
    SLOW calls_ending, 8
    END calls_ending

    FUNCTION ends
    CHECK ends
    push %rax
    .cfi_adjust_cfa_offset 8
    call ends_too
    SLOW ends, 8
    END ends

    FUNCTION ends_too
    CHECK ends_too
    push %rax
    .cfi_adjust_cfa_offset 8
    call abort
    SLOW ends_too, 8
    END ends_too
