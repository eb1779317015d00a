/* functions_in_a_table.S: CFRAME-10.  A tail call through an array of functions, behind which a jump table of the
 * function lies: its arguments are judged.
 *
 * refused: calls: it passes an address of the stack in rsi to a pointer; compile it with the plugin of contig-cc, or
 *   keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION calls
    CHECK calls
    cmp $1, %rdi
    ja 2f
    jmp *.Ltable(, %rdi, 8)
1:  lea -8(%rsp), %rsi
    jmp *.Lfunctions(, %rdi, 8)
2:  ret
    SLOW calls, 0
    END calls

    .section .rodata
    .balign 8
.Lfunctions:
    .quad outside
.Ltable:
    .quad 2b, 1b
