/* unreadable_table.S: CFRAME-3.  A jump table of distances, as -fPIE makes them.
 *
 * refused: switches: it jumps by a table or a pointer that the checker cannot read; compile it with -fno-pie, or
 *   with -fno-jump-tables */
#include "src/c/check/test/cases/cases.h"

    FUNCTION switches
    CHECK switches
    push %rax
    .cfi_adjust_cfa_offset 8
    lea .Ltable(%rip), %rcx
    movslq (%rcx, %rdi, 4), %rax
    add %rcx, %rax
    jmp *%rax
1:  pop %rax
    .cfi_adjust_cfa_offset -8
    ret
    SLOW switches, 8
    END switches

    .section .rodata
    .balign 4
.Ltable:
    .long 1b - .Ltable
