/* dead_word.S: CFRAME-9.  The same word, which nobody reads again: nothing is wrong. */
#include "src/c/check/test/cases/cases.h"

    FUNCTION forgets
    CHECK forgets
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    lea 16(%rsp), %rax
    mov %rax, 8(%rsp)
    call takes_none
    movq $0, 8(%rsp)
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    jmp takes_none
    SLOW forgets, 24
    END forgets

    FUNCTION takes_none
    CHECK takes_none
    jmp outside
    SLOW takes_none, 0
    END takes_none
