/* no_unwind_table.S: CFRAME-26.  A function that the unwind table does not know.
 *
 * refused: bare: the unwind table has another frame here than the code; compile it with
 *   -fasynchronous-unwind-tables, and give assembly its .cfi directives */
#include "src/c/check/test/cases/cases.h"

    .globl bare
    .type bare, @function
bare:
    push %rax
    call outside
    pop %rcx
    ret
    .size bare, . - bare
