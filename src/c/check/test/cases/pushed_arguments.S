/* pushed_arguments.S: CFRAME-17.  Arguments are pushed below the frame that the check is for.
 *
 * refused: many: it takes 1616 bytes of the stack, and its check is for 256; compile it with -mllvm
 *   -no-x86-call-frame-opt
 * refused: many: it takes 1616 bytes of the stack, and its slow path asks for 8; compile it with contig-cc */
#include "src/c/check/test/cases/cases.h"

    FUNCTION many
    CHECK many
    push %rax
    .cfi_adjust_cfa_offset 8
    .rept 200
    push $1
    .cfi_adjust_cfa_offset 8
    .endr
    call outside
    add $1608, %rsp
    .cfi_adjust_cfa_offset -1608
    ret
    SLOW many, 8
    END many
