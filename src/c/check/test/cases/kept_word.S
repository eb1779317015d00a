/* kept_word.S: CFRAME-9.  An address of a local lies in a word of the frame over a call, and is used then.
 *
 * refused: spills: the word at 8(%rsp) keeps an address of the stack over a call; compile it with the plugin of
 *   contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION spills
    CHECK spills
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    lea 16(%rsp), %rax
    mov %rax, 8(%rsp)
    call outside
    mov 8(%rsp), %rax
    mov (%rax), %rax
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    ret
    SLOW spills, 24
    END spills
