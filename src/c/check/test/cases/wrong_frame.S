/* wrong_frame.S: CFRAME-26.  The unwind table does not know of the frame.
 *
 * refused: unwinds: the unwind table has another frame here than the code; compile it with
 *   -fasynchronous-unwind-tables, and give assembly its .cfi directives
 * refused: unwinds: the unwind table has another frame here than the code that comes here; give assembly its .cfi
 *   directives */
#include "src/c/check/test/cases/cases.h"

    FUNCTION unwinds
    CHECK unwinds
    push %rax
    call outside
    pop %rcx
    ret
    SLOW unwinds, 8
    END unwinds
