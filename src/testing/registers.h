/* registers.h: for probes in assembly: the registers that a C function keeps, and a whole machine's.
 *
 * A place holds the sixteen general registers as the processor numbers them, eight bytes each. */
#ifndef CONTIG_TESTING_REGISTERS_H
#define CONTIG_TESTING_REGISTERS_H

/* clang-format off */
.macro PUSH_KEPT
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
.endm

.macro POP_KEPT
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
.endm

/* Calls `each` with a register and its address. */
.macro REGISTERS each, place
    \each %rax, \place+8*0(%rip)
    \each %rcx, \place+8*1(%rip)
    \each %rdx, \place+8*2(%rip)
    \each %rbx, \place+8*3(%rip)
    \each %rsp, \place+8*4(%rip)
    \each %rbp, \place+8*5(%rip)
    \each %rsi, \place+8*6(%rip)
    \each %rdi, \place+8*7(%rip)
    \each %r8, \place+8*8(%rip)
    \each %r9, \place+8*9(%rip)
    \each %r10, \place+8*10(%rip)
    \each %r11, \place+8*11(%rip)
    \each %r12, \place+8*12(%rip)
    \each %r13, \place+8*13(%rip)
    \each %r14, \place+8*14(%rip)
    \each %r15, \place+8*15(%rip)
.endm

.macro LOAD_REGISTER register, address:vararg
    mov \address, \register
.endm

.macro STORE_REGISTER register, address:vararg
    mov \register, \address
.endm

.macro LOAD_REGISTERS place
    REGISTERS LOAD_REGISTER, \place
.endm

.macro STORE_REGISTERS place
    REGISTERS STORE_REGISTER, \place
.endm

/* The same for vector registers, 16 bytes each: those that hold arguments, and all. */
.macro ARGUMENT_VECTORS each, place
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7
    \each \number, \place + 16 * \number(%rip)
    .endr
.endm

.macro VECTORS each, place
    ARGUMENT_VECTORS \each, \place
    .irp number, 8, 9, 10, 11, 12, 13, 14, 15
    \each \number, \place + 16 * \number(%rip)
    .endr
.endm

.macro LOAD_VECTOR number, address:vararg
    movups \address, %xmm\number
.endm

.macro STORE_VECTOR number, address:vararg
    movups %xmm\number, \address
.endm
/* clang-format on */

#endif
