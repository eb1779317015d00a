/* small_request.S: CFRAME-17.  The slow path asks for less than the frame takes.
 *
 * refused: greedy: it takes 320 bytes of the stack, and its slow path asks for 40; compile it with contig-cc */
#include "src/c/check/test/cases/cases.h"

    FUNCTION greedy
    lea -312(%rsp), %r11
    cmp %fs:0x70, %r11
    jbe .Lslow_greedy
.Lbody_greedy:
    sub $312, %rsp
    .cfi_adjust_cfa_offset 312
    call outside
    add $312, %rsp
    .cfi_adjust_cfa_offset -312
    ret
    SLOW greedy, 40
    END greedy
