/* copied_after_setjmp.S: CFRAME-9.  setjmp returns again, to where memcpy reads the word.
 *
 * refused: copies_later: the word at 8(%rsp) keeps an address of the stack over a call; compile it with the plugin of
 *   contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION copies_later
    CHECK copies_later
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    movq $0, 8(%rsp)
    call setjmp
    test %eax, %eax
    jne 1f
    lea 16(%rsp), %rax
    mov %rax, 8(%rsp)
    call outside
    ud2
1:  mov %rsp, %rsi
    mov $kept, %edi
    mov $16, %edx
    call memcpy
    xor %eax, %eax
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    ret
    SLOW copies_later, 24
    END copies_later
    .comm kept, 16, 16
