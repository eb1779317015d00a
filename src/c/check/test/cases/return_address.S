/* return_address.S: CFRAME-15.  A function that returns somewhere else.
 *
 * refused: diverts: it overwrites its return address; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION diverts
    mov %rdi, (%rsp)
    xor %eax, %eax
    ret
    END diverts
