/* kept_over_goto.S: CFRAME-8.  Where a jump through a pointer leads to a place of its function, what is read there is
 * alive before the jump.
 *
 * refused: goes: rbx keeps an address of the stack over a call; compile it with the plugin of contig-cc, or keep it on
 *   the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION goes
    CHECK goes
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbx, -16
    sub $16, %rsp
    .cfi_adjust_cfa_offset 16
    lea 8(%rsp), %rbx
    call outside
    jmp *.Lplace(%rip)
1:  mov (%rbx), %rax
    add $16, %rsp
    .cfi_adjust_cfa_offset -16
    pop %rbx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW goes, 24
    END goes

    .section .rodata
    .balign 8
.Lplace:
    .quad 1b
