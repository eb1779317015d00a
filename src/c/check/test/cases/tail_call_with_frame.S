/* tail_call_with_frame.S: CFRAME-7.  A jump to another function, with the frame still there.
 *
 * refused: jumps: it ends with another stack pointer than it began with; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION jumps
    push %rax
    .cfi_adjust_cfa_offset 8
    jmp outside
    END jumps
