/* helpers.S: leaf routines of compiled frames.
 *
 * They run on a goroutine's stack without a check: two return addresses have room in the reserve below the guard.  A
 * word and its shadow agree if they are equal, or if both are addresses at the same distance from where they stand.  A
 * shadow with bit 0 set marks a stale word of a stack object: the word may have become 0.
 *
 *   rdi   address of a slot          rdx   frame_context        rax, rcx, rsi, rdi, r9..r15   not kept
 *   rsi   its shadow                 r8    shadow of the running frame's slot 0
 */
#include "src/frames/layout.h"
#include "src/runtime/arch/x86_64/layout.h"

    .section .note.GNU-stack, "", @progbits
    .text

.macro LEAF name
    .balign 16
    .globl \name
    .hidden \name
    .type \name, @function
\name:
    .cfi_startproc
.endm

.macro END_LEAF name
    .cfi_endproc
    .size \name, . - \name
.endm

/* ZF: the word agrees with its shadow, and so does what it points to, up to four pointers on. */
LEAF frames_check_word
    mov $4, %ecx
1:  mov (%rdi), %rax
    mov (%rsi), %r9
    cmp %rax, %r9
    je 2f
    mov %rdi, %r10
    sub %rsi, %r10
    mov %rax, %r11
    sub %r9, %r11
    cmp %r10, %r11
    jne 3f
    test $7, %r9b
    jnz 2f
    mov %rax, %rdi
    mov %r9, %rsi
    dec %ecx
    jnz 1b
2:  xor %eax, %eax
    ret
3:  test $1, %r9b
    jz 4f
    test %rax, %rax
    jnz 4f
    mov %r9, %r11
    shr $32, %r11
    jnz 2b
4:  mov %rdi, CONTEXT_FAULT_ADDRESS(%rdx)
    mov %rax, CONTEXT_FAULT_FOUND(%rdx)
    mov %r9, CONTEXT_FAULT_WANTED(%rdx)
    or $1, %eax
    ret
END_LEAF frames_check_word

/* Of a bare frame.  ZF: rbp holds what the slot holds. */
LEAF frames_check_register
    cmp (%rdi), %rbp
    je 1f
    mov %rdi, CONTEXT_FAULT_ADDRESS(%rdx)
    mov %rbp, CONTEXT_FAULT_FOUND(%rdx)
    mov (%rdi), %rax
    mov %rax, CONTEXT_FAULT_WANTED(%rdx)
1:  ret
END_LEAF frames_check_register

/* ZF: all slots in the list at r12 (a count, then numbers, of 32 bits each) agree. */
LEAF frames_check_slots
    lea 8(%rsp), %r13
    mov (%r12), %r14d
1:  sub $1, %r14d
    jb 2f
    add $4, %r12
    mov (%r12), %eax
    lea (%r13, %rax, 8), %rdi
    lea (%r8, %rax, 8), %rsi
    call frames_check_word
    jz 1b
    ret
2:  xor %eax, %eax
    ret
END_LEAF frames_check_slots

/* rax, rcx: the word and the shadow that may be stored in a slot of this frame that holds pointers. */
LEAF frames_take_pointer
    mov (%rdi), %rax
    mov (%rsi), %rcx
    cmp %rax, %rcx
    jne 1f
    and $0xfff, %eax
    mov %rax, %rcx
    ret
1:  mov %rdi, %r10
    sub %rsi, %r10
    mov %rax, %r11
    sub %rcx, %r11
    cmp %r10, %r11
    jne 2f
    test $7, %cl
    jnz 2f
    cmp %r8, %rcx
    jb 2f
    ret
2:  xor %eax, %eax
    xor %ecx, %ecx
    ret
END_LEAF frames_take_pointer

/* The same for a slot that holds integers. */
LEAF frames_take_integer
    mov (%rdi), %rax
    mov (%rsi), %rcx
    cmp %rax, %rcx
    je 1f
    mov $7, %eax
    mov %rax, %rcx
1:  ret
END_LEAF frames_take_integer

/* The same for a slot that holds pointers, from where the slot points to. */
LEAF frames_follow
    call frames_take_pointer
    cmp %rax, %rcx
    je 1f
    mov %rax, %rdi
    mov %rcx, %rsi
    jmp frames_take_pointer
1:  ret
END_LEAF frames_follow

/* Writes r12 where the slot points to. */
LEAF frames_store
    call frames_take_pointer
    cmp %rax, %rcx
    je 1f
    mov %r12, (%rax)
    mov %r12, (%rcx)
1:  ret
END_LEAF frames_store

/* Writes the pointer at r12, shadow r13, where the slot points to: if a pointer stands there, and if the new one
 * leads to a frame that lives at least as long. */
LEAF frames_link
    call frames_take_pointer
    cmp %rax, %rcx
    je 1f
    mov %rax, %r14
    mov %rcx, %r15
    mov %rax, %rdi
    mov %rcx, %rsi
    call frames_take_pointer
    cmp %rax, %rcx
    je 1f
    mov %r12, %rdi
    mov %r13, %rsi
    call frames_take_pointer
    cmp %rax, %rcx
    je 1f
    cmp %r15, %rcx
    jb 1f
    mov %rax, (%r14)
    mov %rcx, (%r15)
1:  ret
END_LEAF frames_link

/* Before a call that may nest r12d deep.  ZF: it must not be made. */
LEAF frames_enter
    mov CONTEXT_PACE(%rdx), %r9
    mov CONTEXT_DEPTH(%rdx), %eax
    cmp %r12d, %eax
    cmova %r12d, %eax
    test %eax, %eax
    jz 2f
    cmpl $0, PACE_CALLS_LEFT(%r9)
    je 2f
    decl PACE_CALLS_LEFT(%r9)
    dec %eax
    mov %eax, CONTEXT_DEPTH(%rdx)
    cmpl $0, PACE_EVERY(%r9)
    je 1f
    decl PACE_COUNTDOWN(%r9)
    jnz 1f
    mov PACE_EVERY(%r9), %eax
    mov %eax, PACE_COUNTDOWN(%r9)
    mov PACE_M(%r9), %r10
    mov M_CURG(%r10), %r10
    mov PACE_POISON(%r9), %r11
    mov %r11, G_STACKGUARD(%r10)
    mov %r11, %fs:GUARD_TLS_OFFSET
1:  or $1, %eax
2:  ret
END_LEAF frames_enter

/* What functions without a check may do: use 800 bytes below the stack pointer of their caller.  ZF: they lie in
 * the goroutine's stack. */
LEAF frames_leaf
    mov CONTEXT_PACE(%rdx), %r9
    mov PACE_M(%r9), %r10
    mov M_CURG(%r10), %r10
    lea -792(%rsp), %rax
    cmp (%r10), %rax
    jae 1f
    mov %rax, CONTEXT_FAULT_ADDRESS(%rdx)
    mov %rax, CONTEXT_FAULT_FOUND(%rdx)
    mov (%r10), %rax
    mov %rax, CONTEXT_FAULT_WANTED(%rdx)
    ret
1:  movabs $0x5a5a5a5a5a5a5a5a, %r11
2:  mov %r11, (%rax)
    add $8, %rax
    cmp %rsp, %rax
    jb 2b
    ret
END_LEAF frames_leaf
