/* c_layout.h: what the assembly of src/c knows of struct g, of struct c_goroutine and of saved registers.
 *
 * Every offset is checked against the C structures by static assertions in src/c/runtime/side.c. */
#ifndef CONTIG_C_ARCH_X86_64_C_LAYOUT_H
#define CONTIG_C_ARCH_X86_64_C_LAYOUT_H

/* struct g, beside what src/runtime/arch/x86_64/layout.h has of it */
#define G_STACK_LO 0
#define G_STACK_HI 8
#define G_ID 88
#define G_C 136

/* struct c_goroutine */
#define C_FUNCTION 0
#define C_ARGUMENT 8
#define C_SIDE_TOP 16
#define C_RESERVE 24
#define C_SAVED 32

/* struct c_registers */
#define REGISTERS_XMM 0
#define REGISTERS_ARGUMENTS 128 /* rdi rsi rdx rcx r8 r9 rax */
#define REGISTERS_KEPT 184      /* rbx rbp r12 r13 r14 r15 */
#define REGISTERS_FRAME_BYTES 232
#define REGISTERS_SIDE 240
#define REGISTERS_BYTES 256

/* Stack arguments that a stub copies at most.  src/c/plugin refuses calls with more. */
#define STUB_ARGUMENT_BYTES 512

#endif
