/* call_into_function.S: CFRAME-3.  A call of a place within another function.
 *
 * refused: enters: it leads into the middle of a function; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION enters
    CHECK enters
    push %rax
    .cfi_adjust_cfa_offset 8
    call entered + 2
    pop %rax
    .cfi_adjust_cfa_offset -8
    ret
    SLOW enters, 8
    END enters

    FUNCTION entered
    xor %eax, %eax
    ret
    END entered
