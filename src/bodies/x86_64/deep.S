/* deep.S: a recursion with pointers into its own and its caller's frame: once, parked, or in a loop.  See bodies.h. */
#include "src/bodies/x86_64/slots.h"

    CONTIG_FILE "src/bodies/x86_64/deep.S"

/* ---- deep ----
 * arguments: 0 pointer to the caller's slot 5   1 levels left   2 body
 * slots:     0-2 outgoing   3 pointer to own slot 5   4 copy of argument 0   5 the levels left, negated   6-11 unused
 *
 * Slots 4 and 5 make a list through all frames.  After each move of the stack the next frame walks it to the end,
 * through the pointers as they are now, and compares each value with the level that it must have.
 */
    FUNCTION deep, 96, 3, "0"
    mov ARGUMENT(1), %rax
    neg %rax
    mov %rax, SLOT(5)
    mov ARGUMENT(0), %rcx
    mov %rcx, SLOT(4)
    POINT 3, 5
    mov ARGUMENT(2), %rdx
    cmpq $0, BODY_MOVED(%rdx)
    je 5f
    movq $0, BODY_MOVED(%rdx)
4:  cmp %rax, (%rcx)
    jne 9f
    dec %rax
    mov -8(%rcx), %rcx
    test %rcx, %rcx
    jnz 4b
    incq BODY_WALKS(%rdx)
5:  mov ARGUMENT(1), %rax
    test %rax, %rax
    jz 2f
    POINT 0, 5
    dec %rax
    mov %rax, SLOT(1)
    mov %rdx, SLOT(2)
    CALL deep, pointers="0,3,4"
    jmp 3f
2:  mov ARGUMENT(2), %rsi
    mov BODY_CALL(%rsi), %rdi
    test %rdi, %rdi
    jz 3f
    CALL contig_systemstack, pointers="3,4"
3:  mov SLOT(3), %rcx
    lea SLOT(5), %rax
    cmp %rax, %rcx
    jne 8f
    mov ARGUMENT(1), %rax
    add (%rcx), %rax
    jnz 8f
    mov ARGUMENT(0), %rcx
    cmp %rcx, SLOT(4)
    jne 9f
    mov ARGUMENT(1), %rax
    inc %rax
    add (%rcx), %rax
    jnz 9f
    mov ARGUMENT(2), %rdx
    incq BODY_RESULT(%rdx)
    RETURN
8:  FAIL "deep: the pointer to the own slot does not point to it"
9:  FAIL "deep: a pointer to a caller's slot does not point to it"
    END_FUNCTION deep

/* rdx: body.  Sets up slots 4 and 5 as the end of the list and calls deep. */
.macro CALL_DEEP
    mov %rdx, SLOT(2)
    mov BODY_ARGUMENT(%rdx), %rax
    mov %rax, SLOT(1)
    inc %rax
    neg %rax
    mov %rax, SLOT(5)
    movq $0, SLOT(4)
    POINT 0, 5
    CONTIG_CALL __LINE__, deep, "0"
.endm

    FUNCTION body_deep, 64
    CALL_DEEP
    RETURN
    END_FUNCTION body_deep

    FUNCTION body_shrink, 64
    mov %rdx, SLOT(6)
    CALL_DEEP
    mov $1, %edi
    POINT 0, 5
    CALL contig_park, pointers="0"
    lea SLOT(5), %rcx
    cmp SLOT(0), %rcx
    jne 9f
    mov SLOT(6), %rdx
    incq BODY_RESULT(%rdx)
    RETURN
9:  FAIL "shrink: the pointer to the own slot does not point to it"
    END_FUNCTION body_shrink

    FUNCTION body_hotsplit, 64
    mov %rdx, SLOT(6)
    mov BODY_LEVELS(%rdx), %rax
    mov %rax, SLOT(7)
1:  mov SLOT(6), %rdx
    CALL_DEEP
    subq $1, SLOT(7)
    ja 1b
    RETURN
    END_FUNCTION body_hotsplit
