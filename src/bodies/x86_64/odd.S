/* odd.S: words that look like pointers and are none, and pointers that look like none.  See bodies.h. */
#include "src/bodies/x86_64/slots.h"

    CONTIG_FILE "src/bodies/x86_64/odd.S"

/* ---- odd values ----
 * arguments: 0 pointer to the end of the caller's slots 4-7   1 levels left
 * slots:     0-1 outgoing   2 null   3 small number   4-7 an array   8 one past its end   9 the address of slot 4 as
 *            a number   10 its complement   11 pointer to the object at 12   12-13 the object {pointer to slot 4,
 *            never written word}
 * Live pointers: 2, 3, 8, 11.  Object: 12, 13.  The others are numbers and must not change.
 */
    FUNCTION odd, 112, 2, "0"
    movq $0, SLOT(2)
    movq $77, SLOT(3)
    mov ARGUMENT(1), %rax
    mov %rax, SLOT(4)
    mov %rax, SLOT(7)
    POINT 8, 8
    POINT 9, 4
    mov %rcx, SLOT(12)
    not %rcx
    mov %rcx, SLOT(10)
    POINT 11, 12
    test %rax, %rax
    jz 2f
    dec %rax
    mov %rax, SLOT(1)
    POINT 0, 8
    CALL odd, pointers="0,2,3,8,11", objects="12,13"
2:  cmpq $0, SLOT(2)
    jne 9f
    cmpq $77, SLOT(3)
    jne 9f
    lea SLOT(8), %rcx
    cmp %rcx, SLOT(8)
    jne 9f
    mov SLOT(9), %rcx
    not %rcx
    cmp %rcx, SLOT(10)
    jne 9f
    lea SLOT(12), %rcx
    cmp %rcx, SLOT(11)
    jne 9f
    mov SLOT(11), %rcx
    mov (%rcx), %rcx
    mov ARGUMENT(1), %rax
    cmp %rax, (%rcx)
    jne 9f
    inc %rax
    mov ARGUMENT(0), %rcx
    cmp %rax, -8(%rcx)
    jne 9f
    RETURN
9:  FAIL "odd: a word has changed that must not, or a pointer does not point to its slot"
    END_FUNCTION odd

    FUNCTION body_odd, 96
    mov BODY_ARGUMENT(%rdx), %rax
    mov %rax, SLOT(1)
    inc %rax
    mov %rax, SLOT(7)
    POINT 0, 8
    CALL odd, pointers="0"
    RETURN
    END_FUNCTION body_odd
