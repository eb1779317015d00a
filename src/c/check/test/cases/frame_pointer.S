/* frame_pointer.S: CFRAME-8.  rbp is a frame pointer.
 *
 * refused: framed: rbp keeps an address of the stack over a call; compile it with -fomit-frame-pointer */
#include "src/c/check/test/cases/cases.h"

    FUNCTION framed
    CHECK framed
    push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbp, -16
    mov %rsp, %rbp
    call outside
    leave
    .cfi_adjust_cfa_offset -8
    ret
    SLOW framed, 8
    END framed
