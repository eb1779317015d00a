/* runtime_stubs.S: stubs of the runtime's functions that the adapters call themselves. */
#include "src/c/arch/x86_64/stub.h"

    .text
    STUB contig_c_reserve, 0
    STUB contig_c_adopt, 0

    .section .note.GNU-stack, "", @progbits
