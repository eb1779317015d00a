/* kept_over_setjmp.S: CFRAME-9.  setjmp returns again, to where the address is read, though no way leads there
 * from the call.
 *
 * refused: returns_twice: the word at 8(%rsp) keeps an address of the stack over a call; compile it with the
 *   plugin of contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION returns_twice
    CHECK returns_twice
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
1:  mov 8(%rsp), %rcx
    mov (%rcx), %rax
    xor %eax, %eax
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    ret
    SLOW returns_twice, 24
    END returns_twice
