/* embed.S: the goroutine functions of embed.c, written with the prologue macros of frame.h.
 *
 * Each frame of add_level holds a pointer to a word of the first frame.  When the stack moves, the site tables that
 * CALL writes say so, and the pointer follows. */
#include "src/runtime/arch/x86_64/frame.h"

    CONTIG_FILE "examples/embed.S"

/* arguments: 0 a number   1 pointer to the total, on this stack */
    FUNCTION add_level, 16, 2, "1"
    mov 16(%rbp), %rax
    test %rax, %rax
    jz 1f
    dec %rax
    mov %rax, (%rsp)
    mov 24(%rbp), %rcx
    mov %rcx, 8(%rsp)
    CALL add_level, pointers="1"
    mov 16(%rbp), %rax
    mov 24(%rbp), %rcx
    add %rax, (%rcx)
1:  RETURN
    END_FUNCTION add_level

/* slots: 0, 1 arguments of add_level   2 the total   3 the job, which is not on the stack */
    FUNCTION sum, 32
    mov %rdx, 24(%rsp)
    movq $0, 16(%rsp)
    mov (%rdx), %rax
    mov %rax, (%rsp)
    lea 16(%rsp), %rcx
    mov %rcx, 8(%rsp)
    CALL add_level, pointers="1"
    mov 24(%rsp), %rdx
    mov 16(%rsp), %rax
    mov %rax, 8(%rdx)
    RETURN
    END_FUNCTION sum
