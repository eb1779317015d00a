/* register_lost.S: CFRAME-7.  The caller's rbx is not given back.
 *
 * refused: loses: it does not give its caller rbx back as it was; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION loses
    mov %rdi, %rbx
    lea 1(%rbx), %rax
    ret
    END loses
