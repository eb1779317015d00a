/* mixed.S: frames of every class of size, in turn.  See bodies.h. */
#include "src/bodies/x86_64/slots.h"

    CONTIG_FILE "src/bodies/x86_64/mixed.S"

/* ---- mixed: each function calls the next larger one, the last the first ----
 * arguments: 0 pointer to the caller's slot 4   1 levels left   2 body
 * slots:     0-2 outgoing   3 pointer to slot 4   4 levels left; the last slot below the saved rbp: pointer to slot 4
 */
.macro MIXED name, next, locals
    FUNCTION \name, \locals, 3, "0"
    mov ARGUMENT(1), %rax
    mov %rax, SLOT(4)
    POINT 3, 4
    mov %rcx, -8(%rbp)
    test %rax, %rax
    jz 2f
    mov %rcx, SLOT(0)
    dec %rax
    mov %rax, SLOT(1)
    mov ARGUMENT(2), %rdx
    mov %rdx, SLOT(2)
    CONTIG_CALL __LINE__, \next, "0,3,(\locals)/8-1"
2:  mov SLOT(3), %rcx
    cmp -8(%rbp), %rcx
    jne 9f
    lea SLOT(4), %rax
    cmp %rax, %rcx
    jne 9f
    mov ARGUMENT(1), %rax
    cmp %rax, (%rcx)
    jne 9f
    inc %rax
    mov ARGUMENT(0), %rcx
    cmp %rax, (%rcx)
    jne 9f
    mov ARGUMENT(2), %rdx
    incq BODY_RESULT(%rdx)
    RETURN
9:  FAIL "\name: a pointer does not point to its slot"
    END_FUNCTION \name
.endm

/* A frame of 16 bytes has no room for outgoing arguments: the callee finds them where its caller's frame has the
 * locals, so that the smallest frame is a leaf that asks for a switch. */
    FUNCTION smallest, 16
    mov %rsp, SLOT(0)
    CALL contig_yield, pointers="0"
    cmp %rsp, SLOT(0)
    jne 9f
    RETURN
9:  FAIL "smallest: the pointer to the own slot does not point to it"
    END_FUNCTION smallest

    MIXED mixed_112, mixed_128, 112
    MIXED mixed_128, mixed_144, 128
    MIXED mixed_144, mixed_4080, 144
    MIXED mixed_4080, mixed_4096, 4080
    MIXED mixed_4096, mixed_64k, 4096
    MIXED mixed_64k, mixed_1m, 65536
    MIXED mixed_1m, mixed_112, 1048576

    FUNCTION body_mixed, 64
    mov %rdx, SLOT(2)
    mov BODY_ARGUMENT(%rdx), %rax
    mov %rax, SLOT(1)
    inc %rax
    mov %rax, SLOT(4)
    POINT 0, 4
    CALL mixed_112, pointers="0"
    CALL smallest
    RETURN
    END_FUNCTION body_mixed
