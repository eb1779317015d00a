/* layout_check.c: what the assembly believes about C, checked by the compiler (arch/x86_64/layout.h, frame.h). */
#include <stddef.h>

#include "src/runtime/runtime.h"

#define OFFSET_IS(type, field, value)                \
    _Static_assert(offsetof(type, field) == (value), \
                   #type "." #field " is not where the assembly looks for it")

OFFSET_IS(struct g, stack.sched.sp, G_SCHED_SP);
OFFSET_IS(struct g, stack.sched.pc, G_SCHED_PC);
OFFSET_IS(struct g, stack.sched.bp, G_SCHED_BP);
OFFSET_IS(struct g, stack.sched.ctxt, G_SCHED_CTXT);
OFFSET_IS(struct g, stackguard, G_STACKGUARD);
OFFSET_IS(struct g, ret, G_RET);
OFFSET_IS(struct g, mxcsr, G_MXCSR);
OFFSET_IS(struct g, fpu_control, G_FPU_CONTROL);
OFFSET_IS(struct m, g0_sp, M_G0_SP);
OFFSET_IS(struct m, curg, M_CURG);
OFFSET_IS(struct m, request, M_REQUEST);
OFFSET_IS(struct m, mxcsr, M_MXCSR);
OFFSET_IS(struct m, fpu_control, M_FPU_CONTROL);
OFFSET_IS(struct m, argument_0, M_ARGUMENT_0);
OFFSET_IS(struct m, argument_1, M_ARGUMENT_1);
OFFSET_IS(struct m, host_guard, M_HOST_GUARD);

/* The prologue macros use the numbers without the suffix of C. */
_Static_assert(STACK_SMALL_BYTES == 128 && STACK_BIG_BYTES == 4096,
               "FRAME_SMALL_BYTES, FRAME_BIG_BYTES in frame.h");
