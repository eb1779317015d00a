/* slots.h: what the goroutine functions of bodies.h have in common.
 *
 * In every function rbp and rsp are the only registers that live over a call; all else is in slots.  Slot numbers
 * name words from rsp up; the first slots are the outgoing arguments.  Included by the assembly beside it. */
#ifndef CONTIG_BODIES_X86_64_SLOTS_H
#define CONTIG_BODIES_X86_64_SLOTS_H

#include "src/bodies/offsets.h"
#include "src/runtime/arch/x86_64/frame.h"

/* clang-format off */
#define SLOT(n) (8 * (n))(%rsp)
#define ARGUMENT(n) (16 + 8 * (n))(%rbp)

/* The slot becomes a pointer to another one.  Changes rcx. */
.macro POINT slot, to
    lea SLOT(\to), %rcx
    mov %rcx, SLOT(\slot)
.endm

/* Ends the goroutine with a message. */
.macro FAIL message
    .pushsection .rodata
.Lmessage\@:
    .asciz "\message"
    .popsection
    lea .Lmessage\@(%rip), %rdi
    xor %esi, %esi
    CONTIG_CALL __LINE__, contig_throw
    ud2
.endm
/* clang-format on */

#endif
