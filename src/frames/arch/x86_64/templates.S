/* templates.S: the instructions that compiled frames are made of.
 *
 * A template is a group of instructions with places that depend on the script: its code stands in
 * frames_code_templates, and frames_template_NAME says where, how long it is, and where its fields are.  The compiler
 * copies the code and fills the fields in (code.h).  Data, never run where it stands.  FIELD follows the instruction
 * whose last bytes are the field:
 *
 *   TEMPLATE_WORD      4 bytes: a displacement or an immediate that is sign-extended
 *   TEMPLATE_ADDRESS   8 bytes: an immediate
 *   TEMPLATE_DISTANCE  4 bytes: from behind them to an address
 *
 *   rsp   slot 0 of the running frame          rdx   frame_context, once loaded
 *   rbp   its saved frame pointer              r8    shadow of slot 0, once loaded
 *
 * In a bare frame rbp is data, and 0 wherever the goroutine may stop.
 */
#include "src/frames/layout.h"
#include "src/runtime/arch/x86_64/layout.h"

    .section .note.GNU-stack, "", @progbits
    .section .rodata.frames_templates, "a", @progbits
    .globl frames_code_templates
    .hidden frames_code_templates
frames_code_templates:
    .section .rodata.frames_template_rows, "a", @progbits
    .balign 2
    .globl frames_template_rows
    .hidden frames_template_rows
frames_template_rows:

.macro TEMPLATE name
    .section .rodata.frames_template_rows
    .globl frames_template_\name
    .hidden frames_template_\name
    .type frames_template_\name, @object
frames_template_\name:
    .short 91f - frames_code_templates
    .short 92f - 91f
    .section .rodata.frames_templates
91:
.endm

/* `before`: bytes of another field that end the instruction. */
.macro FIELD kind, bytes, before = 0
93:
    .section .rodata.frames_template_rows
    .byte \kind, 93b - 91b - \bytes - \before
    .section .rodata.frames_templates
.endm
.macro WORD before = 0
    FIELD TEMPLATE_WORD, 4, \before
.endm
.macro ADDRESS
    FIELD TEMPLATE_ADDRESS, 8
.endm
.macro DISTANCE
    FIELD TEMPLATE_DISTANCE, 4
.endm

.macro END_TEMPLATE
92:
    .section .rodata.frames_template_rows
    .byte TEMPLATE_END, 0
    .section .rodata.frames_templates
.endm

/* What stands in a field until it is filled in; distances are too far for a short jump. */
#define LATER TEMPLATE_LATER
#define LATER_ADDRESS TEMPLATE_LATER_ADDRESS
#define FAR_CALL . + 5 + TEMPLATE_LATER
#define FAR_JUMP . + 5 + TEMPLATE_LATER
#define FAR_BRANCH . + 6 + TEMPLATE_LATER

TEMPLATE load
    mov -8(%rbp), %rdx
    mov CONTEXT_SHADOW(%rdx), %r8
END_TEMPLATE

/* Of a bare frame: where the context is. */
TEMPLATE load_bare
    mov LATER(%rsp), %rdx
    WORD
    mov CONTEXT_SHADOW(%rdx), %r8
END_TEMPLATE

/* What rbp is when a bare frame is made: its offset; rbp's own slot, twice. */
TEMPLATE register_begin
    lea LATER(%rsp), %rbp
    WORD
    mov %rbp, LATER(%rsp)
    WORD
    mov %rbp, LATER(%r8)
    WORD
END_TEMPLATE

/* rbp's own slot, the helper, where it goes on if they differ. */
TEMPLATE check_register
    lea LATER(%rsp), %rdi
    WORD
    call FAR_CALL
    DISTANCE
    jne FAR_BRANCH
    DISTANCE
END_TEMPLATE

/* At a border: rbp carries no pointer through it; behind it, in a bare frame and in another one. */
TEMPLATE clear_register
    xor %ebp, %ebp
END_TEMPLATE

TEMPLATE register_again
    mov LATER(%rsp), %rbp
    WORD
END_TEMPLATE

TEMPLATE frame_pointer_again
    lea LATER(%rsp), %rbp
    WORD
END_TEMPLATE

/* The slot, the word, the slot, the word. */
TEMPLATE store_word
    movq $LATER, LATER(%rsp)
    WORD 4
    WORD
    movq $LATER, LATER(%r8)
    WORD 4
    WORD
END_TEMPLATE

/* Where it points, the slot; the same in the shadow. */
TEMPLATE store_address
    lea LATER(%rsp), %rax
    WORD
    mov %rax, LATER(%rsp)
    WORD
    lea LATER(%r8), %rax
    WORD
    mov %rax, LATER(%r8)
    WORD
END_TEMPLATE

/* An integer that looks like a pointer: the slot's address in the slot, and the same word in its shadow. */
TEMPLATE store_lookalike
    lea LATER(%rsp), %rax
    WORD
    mov %rax, LATER(%rsp)
    WORD
    mov %rax, LATER(%r8)
    WORD
END_TEMPLATE

/* rdi and rsi: a slot and its shadow. */
TEMPLATE point_to
    lea LATER(%rsp), %rdi
    WORD
    lea LATER(%r8), %rsi
    WORD
END_TEMPLATE

/* r12 and r13: the same. */
TEMPLATE point_to_second
    lea LATER(%rsp), %r12
    WORD
    lea LATER(%r8), %r13
    WORD
END_TEMPLATE

/* What a helper left in rax and rcx. */
TEMPLATE store_taken
    mov %rax, LATER(%rsp)
    WORD
    mov %rcx, LATER(%r8)
    WORD
END_TEMPLATE

TEMPLATE call
    call FAR_CALL
    DISTANCE
END_TEMPLATE

TEMPLATE call_with_word
    mov $LATER, %r12
    WORD
    call FAR_CALL
    DISTANCE
END_TEMPLATE

TEMPLATE fail_unless_equal
    jne FAR_BRANCH
    DISTANCE
END_TEMPLATE

TEMPLATE test_result
    test %eax, %eax
END_TEMPLATE

/* The list, the helper, where it goes on if a slot does not agree. */
TEMPLATE check_slots
    movabs $LATER_ADDRESS, %r12
    ADDRESS
    call FAR_CALL
    DISTANCE
    jne FAR_BRANCH
    DISTANCE
END_TEMPLATE

/* On the system stack: the function, its argument, contig_systemstack. */
TEMPLATE call_system
    movabs $LATER_ADDRESS, %rdi
    ADDRESS
    movabs $LATER_ADDRESS, %rsi
    ADDRESS
    call FAR_CALL
    DISTANCE
END_TEMPLATE

TEMPLATE call_host
    movabs $LATER_ADDRESS, %rdi
    ADDRESS
    mov $LATER, %esi
    WORD
    call FAR_CALL
    DISTANCE
END_TEMPLATE

TEMPLATE park
    mov $LATER, %edi
    WORD
    call FAR_CALL
    DISTANCE
END_TEMPLATE

/* An offer that was not begun is left out. */
TEMPLATE offer_skip
    test %eax, %eax
    je FAR_BRANCH
    DISTANCE
END_TEMPLATE

/* The runtime's channel operation. */
TEMPLATE offer
    mov CONTEXT_OFFER_ARGUMENTS(%rdx), %rdi
    mov CONTEXT_OFFER_ARGUMENTS + 8(%rdx), %rsi
    call FAR_CALL
    DISTANCE
END_TEMPLATE

TEMPLATE offer_result
    mov %rax, CONTEXT_OFFER_RESULT(%rdx)
END_TEMPLATE

TEMPLATE throw
    movabs $LATER_ADDRESS, %rdi
    ADDRESS
    call FAR_CALL
    DISTANCE
END_TEMPLATE

TEMPLATE trap
    ud2
END_TEMPLATE

/* How deep calls may nest, frames_enter, where it goes on if the call must not be made. */
TEMPLATE enter
    mov $LATER, %r12
    WORD
    call FAR_CALL
    DISTANCE
    je FAR_BRANCH
    DISTANCE
END_TEMPLATE

/* The shadow has the return address, too. */
TEMPLATE call_function
    lea 1f(%rip), %rax
    mov %rax, -8(%r8)
    call FAR_CALL
    DISTANCE
1:
END_TEMPLATE

/* What the callee's frame_make kept below its caller's shadow. */
TEMPLATE restore_depth
    mov LATER(%r8), %eax
    WORD
    mov %eax, CONTEXT_DEPTH(%rdx)
END_TEMPLATE

/* PROLOGUE-1..3: the three classes of frames; the branch leads to the slow path. */
TEMPLATE prologue_small
    cmp %fs:GUARD_TLS_OFFSET, %rsp
    jbe FAR_BRANCH
    DISTANCE
END_TEMPLATE

TEMPLATE prologue_big
    lea LATER(%rsp), %r11
    WORD
    cmp %fs:GUARD_TLS_OFFSET, %r11
    jbe FAR_BRANCH
    DISTANCE
END_TEMPLATE

TEMPLATE prologue_huge_subtract
    mov %rsp, %r11
    sub $LATER, %r11
    WORD
    jb FAR_BRANCH
    DISTANCE
END_TEMPLATE

TEMPLATE prologue_huge_compare
    cmp %fs:GUARD_TLS_OFFSET, %r11
    jbe FAR_BRANCH
    DISTANCE
END_TEMPLATE

/* Bytes of locals, bytes of the whole frame, the topmost slot, which holds the context. */
TEMPLATE frame_make
    push %rbp
    mov %rsp, %rbp
    sub $LATER, %rsp
    WORD
    mov %rdx, -8(%rbp)
    mov CONTEXT_SHADOW(%rdx), %r8
    mov CONTEXT_DEPTH(%rdx), %eax
    mov %rax, -16(%r8)
    sub $LATER, %r8
    WORD
    mov %r8, CONTEXT_SHADOW(%rdx)
    mov %rdx, LATER(%r8)
    WORD
END_TEMPLATE

/* The same of a bare frame: bytes of locals and the saved register, the place of that; bytes of the whole frame; the
 * context's place; in the shadow the place of the saved register, and of the context, which the depth takes. */
TEMPLATE frame_make_bare
    sub $LATER, %rsp
    WORD
    mov %rbp, LATER(%rsp)
    WORD
    mov CONTEXT_SHADOW(%rdx), %r8
    mov CONTEXT_DEPTH(%rdx), %eax
    sub $LATER, %r8
    WORD
    mov %r8, CONTEXT_SHADOW(%rdx)
    mov %rdx, LATER(%rsp)
    WORD
    mov %rbp, LATER(%r8)
    WORD
    mov %rax, LATER(%r8)
    WORD
END_TEMPLATE

TEMPLATE frame_end
    addq $LATER, CONTEXT_SHADOW(%rdx)
    WORD
    leave
    ret
END_TEMPLATE

/* Of a bare frame: bytes of the whole frame; the place of the saved register; bytes up to the return address. */
TEMPLATE frame_end_bare
    addq $LATER, CONTEXT_SHADOW(%rdx)
    WORD
    mov LATER(%rsp), %rbp
    WORD
    add $LATER, %rsp
    WORD
    ret
END_TEMPLATE

/* After the slow path: to the entry. */
TEMPLATE enter_again
    pop %rbp
    jmp FAR_JUMP
    DISTANCE
END_TEMPLATE

    .section .rodata.frames_template_rows
    .globl frames_template_rows_end
    .hidden frames_template_rows_end
frames_template_rows_end:
