/* code_of_nobody.S: CFRAME-2.  Code without a symbol that has a type and a size.
 *
 * refused: ?: there is code that belongs to no function; give its symbol a type and a size (.type NAME, @function
 *   and .size NAME, . - NAME) */
#include "src/c/check/test/cases/cases.h"

    FUNCTION known
    ret
    END known

    .globl unnamed
unnamed:
    xor %eax, %eax
    ret
