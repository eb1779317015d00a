/* kept_perhaps.S: CFRAME-8.  One way brings an address of the stack, the other that of a variable.
 *
 * refused: perhaps: rbx keeps an address of the stack over a call; compile it with the plugin of contig-cc, or keep it
 *   on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION perhaps
    CHECK perhaps
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbx, -16
    mov $kept, %ebx
    test %edi, %edi
    je 1f
    lea -16(%rsp), %rbx
1:  call outside
    mov (%rbx), %rax
    pop %rbx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW perhaps, 8
    END perhaps
    .comm kept, 16, 16
