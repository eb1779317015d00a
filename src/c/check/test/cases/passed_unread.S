/* passed_unread.S: CFRAME-10.  The callee is known, and does not read the register: nothing is wrong. */
#include "src/c/check/test/cases/cases.h"

    FUNCTION passes_stale
    CHECK passes_stale
    push %rax
    .cfi_adjust_cfa_offset 8
    lea 8(%rsp), %rcx
    call reads_first
    pop %rcx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW passes_stale, 8
    END passes_stale

    FUNCTION reads_first
    lea 1(%rdi), %rax
    ret
    END reads_first
