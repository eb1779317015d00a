/* named_table.S: CFRAME-3, CFRAME-8.  Other code names the second word of a jump table, as C does that counts from
 * another object: what it leads to is judged all the same.  csmith, seed 222.
 *
 * refused: switches: rbx keeps an address of the stack over a call; compile it with the plugin of contig-cc, or keep
 *   it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION switches
    CHECK switches
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbx, -16
    sub $16, %rsp
    .cfi_adjust_cfa_offset 16
    cmp $1, %rdi
    ja 2f
    jmp *.Ltable(, %rdi, 8)
1:  lea 8(%rsp), %rbx
    call outside
    mov (%rbx), %rax
2:  add $16, %rsp
    .cfi_adjust_cfa_offset -16
    pop %rbx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW switches, 24
    END switches

    FUNCTION names
    mov $.Ltable + 8, %eax
    ret
    END names

    .section .rodata
    .balign 8
.Ltable:
    .quad 2b, 1b
