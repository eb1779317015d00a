/* main.S: the first goroutine's function: the program's main, whose arguments stand in memory.  See main.c. */
#include "src/c/arch/x86_64/stub.h"

    CONTIG_FILE "src/c/arch/x86_64/main.S"

/* void contig_c_call_main(void *call): an int and two pointers at rdi. */
    CONTIG_FUNCTION_RECORD __LINE__, contig_c_call_main, 0, 0
    sub $8, %rsp
    .cfi_adjust_cfa_offset 8
    mov 16(%rdi), %rdx
    mov 8(%rdi), %rsi
    mov (%rdi), %edi
    call contig_c_main
.Lmain_returned:
    mov %eax, %edi
    call contig_c_stub_exit
.Lexited:
    ud2
    END_FRAMELESS_FUNCTION contig_c_call_main
    .set .Lframe, 0
    .set .Lspan, 2
    CONTIG_SITE __LINE__, .Lmain_returned, "", "", SITE_BARE
    CONTIG_SITE __LINE__, .Lexited, "", "", SITE_BARE

    STUB exit, 0
