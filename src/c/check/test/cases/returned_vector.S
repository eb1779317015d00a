/* returned_vector.S: CFRAME-12.  The same in xmm0.
 *
 * refused: gives_vector: it returns an address of the stack in xmm0; compile it with the plugin of contig-cc, or
 *   keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION gives_vector
    movq %rsp, %xmm0
    ret
    END gives_vector
