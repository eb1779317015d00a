/* jump_into_instruction.S: CFRAME-3.  A jump to the second byte of an instruction.
 *
 * refused: skips: it jumps into the middle of an instruction; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION skips
    jmp 1f + 1
1:  mov $1, %eax
    ret
    END skips
