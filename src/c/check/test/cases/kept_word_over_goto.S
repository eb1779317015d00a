/* kept_word_over_goto.S: CFRAME-9.  The same of a word of the frame.
 *
 * refused: goes: the word at 8(%rsp) keeps an address of the stack over a call; compile it with the plugin of
 *   contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION goes
    CHECK goes
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    lea 16(%rsp), %rax
    mov %rax, 8(%rsp)
    call takes_none
    jmp *.Lplace(%rip)
1:  mov 8(%rsp), %rax
    mov (%rax), %rax
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    ret
    SLOW goes, 24
    END goes

    FUNCTION takes_none
    CHECK takes_none
    jmp outside
    SLOW takes_none, 0
    END takes_none

    .section .rodata
    .balign 8
.Lplace:
    .quad 1b
