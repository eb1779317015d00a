/* passed_by_tail_call.S: CFRAME-10.  The address of a local goes to another function by a jump.
 *
 * refused: passes_on: it passes an address of the stack in rdi to outside; compile it with the plugin of
 *   contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION passes_on
    CHECK passes_on
    lea 8(%rsp), %rdi
    jmp outside
    SLOW passes_on, 0
    END passes_on
