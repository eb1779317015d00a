/* kept_part.S: CFRAME-8.  A byte of the register is written; the rest is an address of the stack still.
 *
 * refused: part: rbx keeps an address of the stack over a call; compile it with the plugin of contig-cc, or keep it on
 *   the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION part
    CHECK part
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbx, -16
    lea -16(%rsp), %rbx
    mov $0, %bl
    call outside
    mov (%rbx), %rax
    pop %rbx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW part, 8
    END part
