/* no_instruction.S: CFRAME-1.  A byte that is no instruction in 64-bit code.
 *
 * refused: invalid: there is no instruction that both decoders know; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION invalid
    .byte 0x06
    ret
    END invalid
