/* thread.h: where the assembly of src/c finds the thread's M, its goroutine and the pointer of the side stack.
 *
 * A goroutine of C runs with three things that the system stack has otherwise: its stack, its guard word, and its side
 * stack, whose pointer clang keeps in __safestack_unsafe_stack_ptr.  While it runs, contig_c_system_side keeps the
 * pointer that the system stack goes on with. */
/* Directives of the assembler from here on. */
/* clang-format off */
#ifndef CONTIG_C_ARCH_X86_64_THREAD_H
#define CONTIG_C_ARCH_X86_64_THREAD_H

#include "src/c/arch/x86_64/c_layout.h"
#include "src/runtime/arch/x86_64/frame.h"

.macro LOAD_M m
    mov %fs:contig_m@tpoff, \m
.endm

/* m: the thread's M; g: the running goroutine.  Goes to `not` if there is none, or the stack pointer is outside of its
 * stack. */
.macro LOAD_M_AND_G_ON_ITS_STACK m, g, not
    LOAD_M \m
    test \m, \m
    jz \not
    mov M_CURG(\m), \g
    test \g, \g
    jz \not
    cmp G_STACK_LO(\g), %rsp
    jb \not
    cmp G_STACK_HI(\g), %rsp
    jae \not
.endm

.macro LOAD_G_ON_ITS_STACK g, not
    LOAD_M_AND_G_ON_ITS_STACK \g, \g, \not
.endm

.macro LOAD_SIDE to
    mov %fs:__safestack_unsafe_stack_ptr@tpoff, \to
.endm

.macro STORE_SIDE from
    mov \from, %fs:__safestack_unsafe_stack_ptr@tpoff
.endm

/* Leaves the goroutine's side stack: the system stack's own pointer again. */
.macro SIDE_OF_SYSTEM scratch
    mov %fs:contig_c_system_side@tpoff, \scratch
    STORE_SIDE \scratch
.endm

/* Enters a goroutine's side stack: the system's pointer is kept. */
.macro SIDE_OF_GOROUTINE from, scratch
    LOAD_SIDE \scratch
    mov \scratch, %fs:contig_c_system_side@tpoff
    STORE_SIDE \from
.endm

#endif
