/* static_chain.S: CFRAME-25.  A function that expects something in r10.
 *
 * refused: expects: it expects something in r10, which __morestack does not keep; use C's calling convention */
#include "src/c/check/test/cases/cases.h"

    FUNCTION expects
    CHECK expects
    mov %r10, %rax
    ret
    SLOW expects, 8
    END expects
