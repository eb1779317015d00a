/* cases.h: what the cases have in common.  rules_test.py compiles each and reads what it says of itself. */
#ifndef CONTIG_C_CHECK_TEST_CASES_CASES_H
#define CONTIG_C_CHECK_TEST_CASES_CASES_H

/* clang-format off */
#ifdef __ASSEMBLER__

    .section .note.GNU-stack, "", @progbits
    .text

.macro FUNCTION name
    .globl \name
    .type \name, @function
    .p2align 4, 0xcc
\name:
    .cfi_startproc
.endm

/* As clang 14 writes it for a frame of less than 256 bytes. */
.macro CHECK name
    cmp %fs:0x70, %rsp
    jbe .Lslow_\name
.Lbody_\name:
.endm

.macro SLOW name, frame, arguments=0
    .cfi_def_cfa %rsp, 8
.Lslow_\name:
    mov $\frame, %r10d
    mov $\arguments, %r11d
    call __morestack
    ret
    jmp .Lbody_\name
.endm

.macro END name
    .cfi_endproc
    .size \name, . - \name
.endm

#else

/* Of the system stack. */
long outside(long a, ...);

#endif
#endif
