/* decoders_disagree.S: CFRAME-1.  Zydis knows this instruction of AVX-512 FP16, and Capstone 4 does not.
 *
 * refused: unknown: Zydis and Capstone disagree about the instruction; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION unknown
    .byte 0x62, 0xf5, 0x7c, 0x48, 0x58, 0xc0
    ret
    END unknown
