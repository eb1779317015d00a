/* unchecked.S: CFRAME-19.  A large frame without a check.
 *
 * refused: large: it has no check of the stack, and with what it calls it takes more than the 672 bytes that a
 *   checked caller leaves; compile it with -fsplit-stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION large
    sub $600, %rsp
    .cfi_adjust_cfa_offset 600
    call outside
    add $600, %rsp
    .cfi_adjust_cfa_offset -600
    ret
    END large
