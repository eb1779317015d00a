/* contradicted.S: CFRAME-26.  The unwind table changes its mind behind a call.
 *
 * refused: changes: the unwind table has another frame here than the code that comes here; give assembly its .cfi
 *   directives */
#include "src/c/check/test/cases/cases.h"

    FUNCTION changes
    CHECK changes
    push %rax
    .cfi_adjust_cfa_offset 8
    call outside
    .cfi_adjust_cfa_offset 8
    pop %rcx
    .cfi_adjust_cfa_offset -16
    ret
    SLOW changes, 8
    END changes
