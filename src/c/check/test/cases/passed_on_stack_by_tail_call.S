/* passed_on_stack_by_tail_call.S: CFRAME-11.  The same by a jump.
 *
 * refused: pushes_on: it passes an address of the stack in its stack arguments to outside; compile it with the
 *   plugin of contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION pushes_on
    CHECK pushes_on
    lea 16(%rsp), %rax
    mov %rax, 8(%rsp)
    jmp outside
    SLOW pushes_on, 0, 8
    END pushes_on
