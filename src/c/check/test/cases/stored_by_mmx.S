/* stored_by_mmx.S: CFRAME-13.  An address of the stack goes through a register of MMX.
 *
 * refused: old_register: it stores an address of the stack to memory; compile it with the plugin of contig-cc, or keep
 *   it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION old_register
    movq %rsp, %mm0
    movq %mm0, kept(%rip)
    emms
    xor %eax, %eax
    ret
    END old_register
    .comm kept, 16, 16
