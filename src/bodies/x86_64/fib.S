/* fib.S: the calls of one small function.  See bodies.h. */
#include "src/bodies/x86_64/fib.h"

    CONTIG_FILE "src/bodies/x86_64/fib.S"

/* ---- fib: argument 0 is n; the result is in rax ---- */
    FUNCTION fib, 32, 1
    FIB_STEP __LINE__, fib
    RETURN
    END_FUNCTION fib

    FIB_BODY __LINE__, body_fib, fib, BODY_ARGUMENT, BODY_RESULT
