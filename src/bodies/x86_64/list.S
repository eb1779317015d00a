/* list.S: nodes of a list in the frames.  See bodies.h. */
#include "src/bodies/x86_64/slots.h"

    CONTIG_FILE "src/bodies/x86_64/list.S"

/* ---- list: nodes {next, value} in the frames ----
 * arguments: 0 the list so far   1 levels left   2 body
 * slots:     0-2 outgoing   4 next   5 value   (6 copy of slot 4's address, a number for the map)
 */
    FUNCTION list, 64, 3, "0"
    mov ARGUMENT(0), %rax
    mov %rax, SLOT(4)
    mov ARGUMENT(1), %rax
    mov %rax, SLOT(5)
    test %rax, %rax
    jz 2f
    POINT 0, 4
    dec %rax
    mov %rax, SLOT(1)
    mov ARGUMENT(2), %rdx
    mov %rdx, SLOT(2)
    CALL list, pointers="0,4"
    RETURN
2:  lea SLOT(4), %rcx
    xor %eax, %eax
3:  add 8(%rcx), %rax
    mov (%rcx), %rcx
    test %rcx, %rcx
    jnz 3b
    mov ARGUMENT(2), %rdx
    mov %rax, BODY_RESULT(%rdx)
    RETURN
    END_FUNCTION list

    FUNCTION body_list, 32
    mov %rdx, SLOT(2)
    movq $0, SLOT(0)
    mov BODY_ARGUMENT(%rdx), %rax
    mov %rax, SLOT(1)
    CALL list, pointers="0"
    RETURN
    END_FUNCTION body_list
