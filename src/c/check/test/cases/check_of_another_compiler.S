/* check_of_another_compiler.S: CFRAME-18.  gcc's check takes its fast path if the two are equal.
 *
 * refused: equal: its check of the stack is not in clang 14's form; compile it with contig-cc, and link it with
 *   GNU ld
 * refused: equal: it calls __morestack without a check of the stack; compile it with contig-cc, and link it with
 *   GNU ld */
#include "src/c/check/test/cases/cases.h"

    FUNCTION equal
    cmp %fs:0x70, %rsp
    jb .Lslow_equal
.Lbody_equal:
    xor %eax, %eax
    ret
    SLOW equal, 8
    END equal
