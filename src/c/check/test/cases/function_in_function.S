/* function_in_function.S: CFRAME-2.  The size of one function reaches into the next.
 *
 * refused: inner: it begins within another function; give each a symbol of its own size */
#include "src/c/check/test/cases/cases.h"

    FUNCTION whole
    xor %eax, %eax
    ret
    .cfi_endproc
    FUNCTION inner
    xor %eax, %eax
    ret
    END inner
    .size whole, . - whole
