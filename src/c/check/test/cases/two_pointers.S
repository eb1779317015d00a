/* two_pointers.S: CFRAME-5.  Two ways meet with different stack pointers.
 *
 * refused: meets: the stack pointer is not at a known distance from where it began; use no alignment above 16 for
 *   locals, and no vectors that are indexed by a variable */
#include "src/c/check/test/cases/cases.h"

    FUNCTION meets
    CHECK meets
    test %edi, %edi
    je 1f
    sub $16, %rsp
1:  sub $8, %rsp
    call outside
    ud2
    SLOW meets, 24
    END meets
