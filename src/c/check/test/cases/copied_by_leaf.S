/* copied_by_leaf.S: CFRAME-14.  memcpy from a frame that holds an address of the stack.
 *
 * refused: hands_over: memcpy@GLIBC_2.14 may copy the address of the stack in 8(%rsp); compile it with the plugin
 *   of contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION hands_over
    CHECK hands_over
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    mov %rsp, 8(%rsp)
    mov %rsp, %rsi
    mov $kept, %edi
    mov $16, %edx
    call memcpy
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    xor %eax, %eax
    ret
    SLOW hands_over, 24
    END hands_over
    .comm kept, 16, 16
