/* after_jump.S: CFRAME-31.  A function that ends by a jump comes back, and what is done then counts.
 *
 * refused: calls_through: it stores an address of the stack to memory; compile it with the plugin of contig-cc, or keep
 *   it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION calls_through
    CHECK calls_through
    push %rax
    .cfi_adjust_cfa_offset 8
    call through
    mov %rsp, kept(%rip)
    pop %rcx
    .cfi_adjust_cfa_offset -8
    ret
    SLOW calls_through, 8
    END calls_through

    FUNCTION through
    CHECK through
    jmp outside
    SLOW through, 0
    END through
    .comm kept, 16, 16
