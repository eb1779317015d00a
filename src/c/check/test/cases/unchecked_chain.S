/* unchecked_chain.S: CFRAME-19.  Three functions without a check, each of which would fit alone.
 *
 * refused: first: it has no check of the stack, and with what it calls it takes more than the 672 bytes that a
 *   checked caller leaves; compile it with -fsplit-stack */
#include "src/c/check/test/cases/cases.h"

    .macro LINK name, next
    FUNCTION \name
    sub $200, %rsp
    .cfi_adjust_cfa_offset 200
    call \next
    add $200, %rsp
    .cfi_adjust_cfa_offset -200
    ret
    END \name
    .endm

    LINK first, second
    LINK second, third
    LINK third, outside
