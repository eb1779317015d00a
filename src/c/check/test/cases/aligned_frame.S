/* aligned_frame.S: CFRAME-5.  A frame that is aligned to 64 bytes.
 *
 * refused: aligned: the stack pointer is not at a known distance from where it began; use no alignment above 16
 *   for locals, and no vectors that are indexed by a variable */
#include "src/c/check/test/cases/cases.h"

    FUNCTION aligned
    CHECK aligned
    push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbp, -16
    and $-64, %rsp
    call outside
    ud2
    SLOW aligned, 8
    END aligned
