/* small_check.S: CFRAME-17.  A frame of 320 bytes, with the check for small frames.
 *
 * refused: deep: it takes 320 bytes of the stack, and its check is for 256; compile it with -mllvm
 *   -no-x86-call-frame-opt */
#include "src/c/check/test/cases/cases.h"

    FUNCTION deep
    CHECK deep
    sub $312, %rsp
    .cfi_adjust_cfa_offset 312
    call outside
    add $312, %rsp
    .cfi_adjust_cfa_offset -312
    ret
    SLOW deep, 312
    END deep
