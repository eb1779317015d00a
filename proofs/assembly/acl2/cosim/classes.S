/* classes.S: a goroutine function of each of the three frame classes, and at their edges. */
#include "src/runtime/arch/x86_64/frame.h"

    CONTIG_FILE "proofs/assembly/acl2/cosim/classes.S"

    FUNCTION frame_smallest, 0
    RETURN
    END_FUNCTION frame_smallest

    FUNCTION frame_small, 112
    RETURN
    END_FUNCTION frame_small

    FUNCTION frame_middle, 128
    RETURN
    END_FUNCTION frame_middle

    FUNCTION frame_big, 4096
    RETURN
    END_FUNCTION frame_big
