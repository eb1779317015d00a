/* wrong_register.S: CFRAME-27.  The unwind table says another place for rbx.
 *
 * refused: misplaces: the unwind table says another place for the caller's rbx than the code; give assembly its
 *   .cfi directives */
#include "src/c/check/test/cases/cases.h"

    FUNCTION misplaces
    CHECK misplaces
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbx, -24
    push %rax
    .cfi_adjust_cfa_offset 8
    push %rax
    .cfi_adjust_cfa_offset 8
    call outside
    pop %rcx
    .cfi_adjust_cfa_offset -8
    pop %rcx
    .cfi_adjust_cfa_offset -8
    pop %rbx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW misplaces, 24
    END misplaces
