/* passed_register.c: CFRAME-10.  The address of the frame goes to another function.
 *
 * refused: passes: it passes an address of the stack in rdi to outside; compile it with the plugin of contig-cc,
 *   or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

long passes(void)
{
    long pointer;
    __asm__ volatile("mov %%rsp, %0" : "=r"(pointer));
    return outside(pointer) + 1;
}
