/* registers_probe.S: calls a function whose prologue asks for more stack with every register as the test says, and
 * stores what its body finds. */
#include "src/runtime/arch/x86_64/frame.h"
#include "src/testing/registers.h"

    CONTIG_FILE "src/c/test/registers_probe.S"

#define PROBE_FRAME_BYTES 1000

.macro LOAD_UNLESS_RSP register, address:vararg
    .ifnc \register, %rsp
    mov \address, \register
    .endif
.endm

/* void registers_caller(void *): keeps what C keeps; yields first, so that the test can poison the guard.
 *
 *      CFA     ----------
 *              return address
 *              rbx rbp r12-r15
 *              3 words, two of them arguments of the probe        <- rsp
 */
    CONTIG_FUNCTION_RECORD __LINE__, registers_caller, 0, 0
    PUSH_KEPT
    sub $24, %rsp
    .cfi_adjust_cfa_offset 72
    call contig_c_yield
.Lyielded:
    mov registers_stack_before(%rip), %rax
    mov %rax, (%rsp)
    mov registers_stack_before + 8(%rip), %rax
    mov %rax, 8(%rsp)
    ARGUMENT_VECTORS LOAD_VECTOR, registers_vectors_before
    REGISTERS LOAD_UNLESS_RSP, registers_before
    call registers_probe
.Lprobed:
    add $24, %rsp
    POP_KEPT
    ret
    END_FRAMELESS_FUNCTION registers_caller
    .set .Lframe, 8
    .set .Lspan, 10
    CONTIG_SITE __LINE__, .Lyielded, "", "", SITE_BARE
    CONTIG_SITE __LINE__, .Lprobed, "", "", SITE_BARE

/* A prologue of clang's, whose check always fails. */
    CONTIG_FUNCTION_RECORD __LINE__, registers_probe, PROBE_FRAME_BYTES, 0
    mov $PROBE_FRAME_BYTES, %r10d
    mov $16, %r11d
    call __morestack
.Lasked:
    ret
    REGISTERS STORE_REGISTER, registers_after
    ARGUMENT_VECTORS STORE_VECTOR, registers_vectors_after
    mov 8(%rsp), %rax
    mov %rax, registers_stack_after(%rip)
    mov 16(%rsp), %rax
    mov %rax, registers_stack_after + 8(%rip)
    ret
    END_FRAMELESS_FUNCTION registers_probe
    .set .Lframe, 0
    .set .Lspan, 2
    CONTIG_SITE __LINE__, .Lasked, "", "", SITE_BARE
