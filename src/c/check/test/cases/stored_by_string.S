/* stored_by_string.S: CFRAME-13.  The same by a string instruction.
 *
 * refused: fills: it stores an address of the stack to memory; compile it with the plugin of contig-cc, or keep it
 *   on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION fills
    mov %rsp, %rax
    mov $kept, %edi
    mov $2, %ecx
    rep stosq
    xor %eax, %eax
    ret
    END fills
    .comm kept, 16, 16
