/* returned_by_leaf.S: CFRAME-12.  memset returns the address that it was given.
 *
 * refused: clears: it returns an address of the stack in rax; compile it with the plugin of contig-cc, or keep it
 *   on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION clears
    CHECK clears
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    mov %rsp, %rdi
    xor %esi, %esi
    mov $16, %edx
    call memset
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    ret
    SLOW clears, 24
    END clears
