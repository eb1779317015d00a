/* fib.S: the calls of one small function.  See bodies.h. */
#include "src/bodies/x86_64/fib.h"

    CONTIG_FILE "src/bodies/x86_64/fib.S"

/* ---- fib: argument 0 is n; the result is in rax ---- */
    FUNCTION fib, 32, 1
    FIB_STEP __LINE__, fib
    RETURN
    END_FUNCTION fib

    FUNCTION body_fib, 32
    mov %rdx, SLOT(1)
    mov BODY_ARGUMENT(%rdx), %rax
    mov %rax, SLOT(0)
    CALL fib
    mov SLOT(1), %rdx
    mov %rax, BODY_RESULT(%rdx)
    RETURN
    END_FUNCTION body_fib
