/* unchecked_loop_of_jumps.S: CFRAME-19.  A circle of jumps takes no stack: nothing is wrong. */
#include "src/c/check/test/cases/cases.h"

    FUNCTION circles
    test %edi, %edi
    jne circles_on
    ret
    END circles

    FUNCTION circles_on
    dec %edi
    jmp circles
    END circles_on
