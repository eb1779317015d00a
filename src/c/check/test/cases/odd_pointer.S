/* odd_pointer.S: CFRAME-6.  A call with a stack pointer that is no multiple of 16.
 *
 * refused: odd: the stack pointer is no multiple of 16 at a call; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION odd
    CHECK odd
    sub $16, %rsp
    .cfi_adjust_cfa_offset 16
    call outside
    add $16, %rsp
    .cfi_adjust_cfa_offset -16
    ret
    SLOW odd, 16
    END odd
