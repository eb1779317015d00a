/* passed_vector.S: CFRAME-10.  An address of the stack goes to another function in a vector register.
 *
 * refused: passes_vector: it passes an address of the stack in xmm0 to outside; compile it with the plugin of
 *   contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION passes_vector
    CHECK passes_vector
    push %rax
    .cfi_adjust_cfa_offset 8
    movq %rsp, %xmm0
    call outside
    pop %rcx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW passes_vector, 8
    END passes_vector
