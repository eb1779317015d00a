/* returned.c: CFRAME-12.  A register variable gives the stack pointer to the caller.
 *
 * refused: gives: it returns an address of the stack in rax; compile it with the plugin of contig-cc, or keep it
 *   on the system stack */
#include "src/c/check/test/cases/cases.h"

long gives(void)
{
    long pointer;
    __asm__ volatile("mov %%rsp, %0" : "=r"(pointer));
    return pointer;
}
