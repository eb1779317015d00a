/* copied_by_string.S: CFRAME-14.  A string instruction copies from a frame that holds an address of the stack.
 *
 * refused: copies: it may copy an address of the stack to other memory; compile it with the plugin of contig-cc,
 *   or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION copies
    CHECK copies
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    mov %rsp, 8(%rsp)
    mov %rsp, %rsi
    mov $kept, %edi
    mov $2, %ecx
    rep movsq
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    xor %eax, %eax
    ret
    SLOW copies, 24
    END copies
    .comm kept, 16, 16
