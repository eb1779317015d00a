/* frame.h: macros that write a goroutine function: prologue, body, and its rows of the site table.
 *
 * A frame, from the stack pointer up (words; the same for every function, so that one unwinder serves all):
 *
 *        ...                                   caller's locals
 *        argument 1        16 + 8(%rbp)        in the caller's frame: the caller's slot 1
 *        argument 0        16(%rbp)                                   the caller's slot 0
 *        return address     8(%rbp)            looked up in the site table
 *        saved %rbp          (%rbp)            relocated like any pointer
 *        slot N-1
 *        ...
 *        slot 0              (%rsp)            outgoing argument 0
 *
 * Locals are a multiple of 16 bytes, so that the stack pointer is a multiple of 16 at every call.  No register
 * but %rsp and %rbp survives a call; %rdx holds the context when a goroutine's first function begins, and is
 * kept by morestack.
 *
 *   FUNCTION name, locals=BYTES [, args=WORDS] [, argument_pointers="0,2"]
 *   CALL target [, pointers="4,5"] [, objects="10"]      lists of slots that hold pointers when target runs
 *   DEFER_RETURN [pointers] [, objects]        if it deferred calls
 *   RETURN
 *   END_FUNCTION name
 *
 * A slot in `pointers` is live: it must hold a pointer or a small integer.  A slot in `objects` belongs to a
 * stack object: moved live or not, and cleared if it is stale (COPY-7).
 *
 * Rows go to three sections, read once by src/runtime/sites.c:
 *   contig_functions   struct function_record    contig_sites   struct site_record    contig_maps   mask words
 * Addresses in them are relative to their own place, so that they need no dynamic relocation. */
/* Directives of the assembler from here on. */
/* clang-format off */
#ifndef CONTIG_ARCH_X86_64_FRAME_H
#define CONTIG_ARCH_X86_64_FRAME_H

#include "src/runtime/arch/x86_64/layout.h"
#include "spec/platform.h"

/* The assembler knows no `u` suffix: the sizes of spec/platform.h once more, checked in layout_check.c. */
#define FRAME_SMALL_BYTES 128
#define FRAME_BIG_BYTES 4096

/* One row of mask words over .Lspan words: the slots of `list`, the incoming arguments in .Largument_mask (bit 0
 * is argument 0), and the saved frame pointer if .Lframe_bit is 1. */
.macro CONTIG_MASK list
    .set .Lword, 0
    .rept (.Lspan + 31) / 32
    .set .Lmask, 0
    .ifnb \list
    .irp slot, \list
    .if (\slot) / 32 == .Lword
    .set .Lmask, .Lmask | (1 << ((\slot) % 32))
    .endif
    .endr
    .endif
    .set .Lshift, .Lframe + 2 - 32 * .Lword
    .if .Lshift >= 0 && .Lshift < 32
    .set .Lmask, .Lmask | (.Largument_mask << .Lshift)
    .elseif .Lshift < 0 && .Lshift > -32
    .set .Lmask, .Lmask | (.Largument_mask >> -.Lshift)
    .endif
    .if .Lframe / 32 == .Lword
    .set .Lmask, .Lmask | (.Lframe_bit << (.Lframe % 32))
    .endif
    .long .Lmask & 0xffffffff
    .set .Lword, .Lword + 1
    .endr
.endm

/* The row for return address `pc`: a frame of .Lframe words below the saved frame pointer. */
.macro CONTIG_SITE line, pc, pointers, objects, kind=SITE_FRAMED
    .set .Lkept_mask, .Largument_mask
    .pushsection contig_maps, "a", @progbits
    .balign 4
.Lmap\@:
    .set .Lframe_bit, 0
    .if (\kind) == SITE_FRAMED
    .set .Lframe_bit, 1
    .endif
    CONTIG_MASK "\pointers"
    .ifnb \objects
.Lobjects\@:
    .set .Lframe_bit, 0
    .set .Largument_mask, 0
    CONTIG_MASK "\objects"
    .set .Largument_mask, .Lkept_mask
    .endif
    .popsection
    .pushsection contig_sites, "a", @progbits
    .balign 4
    .long \pc - .
    .long .Lfunctions_of_file + .Lfunction_number * FUNCTION_RECORD_BYTES - .
    .long \line
    .long .Lframe
    .long .Lspan
    .long \kind
    .long .Lmap\@ - .
    .ifnb \objects
    .long .Lobjects\@ - .
    .else
    .long 0
    .endif
    .popsection
.endm

/* The row of the function table; entry.S uses it for functions without a frame.
 *
 * In a shared object a call goes straight to a protected name.  A call of any other would go through the loader, which
 * looks the name up when it is first called, on a stack that has no room for that. */
.macro CONTIG_FUNCTION_RECORD line, name, bytes, args
    .pushsection contig_functions, "a", @progbits
    .balign 4
    .set .Lfunction_number, .Lfunction_number + 1
    .long .Lbegin_\name - .
    .long .Lend_\name - .
    .long .Lname_\name - .
    .long .Lfile_name - .
    .long \line
    .long \bytes
    .long \args
    .popsection
    .pushsection contig_names, "aMS", @progbits, 1
.Lname_\name:
    .asciz "\name"
    .popsection
    .text
    .balign 16
    .globl \name
    .protected \name
    .type \name, @function
\name:
.Lbegin_\name:
    .cfi_startproc
.endm

/* The frame, once there is room for it. */
.macro CONTIG_FRAME_MAKE locals
    push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbp, -16
    mov %rsp, %rbp
    .cfi_def_cfa_register %rbp
    sub $(\locals), %rsp
.endm

/* Prologue, in Go's three classes (1.19 cmd/internal/obj/x86 stacksplit).  The frame is what stands below the
 * return address.  PROLOGUE-1..3. */
.macro CONTIG_FUNCTION line, name, locals, args=0, argument_pointers
    .if (\locals) % 16
    .error "locals of \name are not a multiple of 16 bytes"
    .endif
    .set .Lbytes, (\locals) + 8
    .set .Largument_mask, 0
    .ifnb \argument_pointers
    .irp argument, \argument_pointers
    .set .Largument_mask, .Largument_mask | (1 << (\argument))
    .endr
    .endif
    CONTIG_FUNCTION_RECORD \line, \name, .Lbytes, \args
    .if .Lbytes <= FRAME_SMALL_BYTES
    cmp %fs:GUARD_TLS_OFFSET, %rsp
    jbe .Lmore_\name
    .elseif .Lbytes <= FRAME_BIG_BYTES
    lea -(.Lbytes - FRAME_SMALL_BYTES)(%rsp), %r11
    cmp %fs:GUARD_TLS_OFFSET, %r11
    jbe .Lmore_\name
    .else
    mov %rsp, %r11
    sub $(.Lbytes - FRAME_SMALL_BYTES), %r11
    jb .Lmore_\name
    cmp %fs:GUARD_TLS_OFFSET, %r11
    jbe .Lmore_\name
    .endif
    CONTIG_FRAME_MAKE \locals
    .set .Lframe, 0
    .set .Lspan, 2 + \args
    CONTIG_SITE \line, .Lresume_\name, "", ""
    .set .Lframe, (\locals) / 8
    .set .Lspan, .Lframe + 2 + \args
.endm

.macro CONTIG_CALL line, target, pointers, objects
    call \target
.Lsite\@:
    CONTIG_SITE \line, .Lsite\@, "\pointers", "\objects"
.endm

/* The calls that the function deferred, youngest first; before RETURN. */
.macro CONTIG_DEFER_RETURN line, pointers, objects
.Ldeferred\@:
    CONTIG_CALL \line, contig_deferreturn, "\pointers", "\objects"
    test %rax, %rax
    jz .Lreturned\@
    CONTIG_CALL \line, *%rax, "\pointers", "\objects"
    jmp .Ldeferred\@
.Lreturned\@:
.endm

.macro RETURN
    leave
    .cfi_remember_state
    .cfi_def_cfa %rsp, 8
    .cfi_restore %rbp
    ret
    .cfi_restore_state
.endm

/* The slow path stands behind the body, out of the way of the instruction cache. */
.macro END_FUNCTION name
    .cfi_def_cfa %rsp, 8
    .cfi_restore %rbp
.Lmore_\name:
    call contig_morestack
.Lresume_\name:
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    pop %rbp
    .cfi_restore %rbp
    .cfi_def_cfa_offset 8
    jmp \name
    END_FRAMELESS_FUNCTION \name
.endm

.macro END_FRAMELESS_FUNCTION name
.Lend_\name:
    .cfi_endproc
    .size \name, . - \name
.endm

/* Opens a file of goroutine functions; its name is shown in stack traces. */
.macro CONTIG_FILE name
    .set .Largument_mask, 0
    .set .Lfunction_number, -1
    .pushsection contig_functions, "a", @progbits
    .balign 4
.Lfunctions_of_file:
    .popsection
    .pushsection contig_names, "aMS", @progbits, 1
.Lfile_name:
    .asciz "\name"
    .popsection
    .section .note.GNU-stack, "", @progbits
    .text
.endm

#define FUNCTION CONTIG_FUNCTION __LINE__,
#define CALL CONTIG_CALL __LINE__,
#define DEFER_RETURN CONTIG_DEFER_RETURN __LINE__,

#endif
