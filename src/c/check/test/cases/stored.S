/* stored.S: CFRAME-13.  An address of the stack goes to a global variable.
 *
 * refused: stores: it stores an address of the stack to memory; compile it with the plugin of contig-cc, or keep
 *   it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION stores
    mov %rsp, kept(%rip)
    xor %eax, %eax
    ret
    END stores
    .comm kept, 16, 16
