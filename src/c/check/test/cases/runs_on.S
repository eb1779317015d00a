/* runs_on.S: CFRAME-4.  The last instruction leads on to whatever comes next.
 *
 * refused: endless: it runs on behind its last instruction; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION endless
    xor %eax, %eax
    END endless
