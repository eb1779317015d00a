/* script.S: the functions that run a script of src/script.  See bodies.h. */
#include "src/bodies/x86_64/slots.h"

    CONTIG_FILE "src/bodies/x86_64/script.S"

/* ---- script: asks C for one operation after the other, and checks its frame after each ----
 * arguments: 0 pointer to the caller's slot 4   1 pointer to the caller's list node (slots 6, 7)   2 body
 * slots:     0-2 outgoing   3 pointer to slot 4   4 magic: levels * 8 + identity   5 operation
 *            6 next node   7 levels   8 the address of slot 4 as a number   9 its complement
 *            10 pointer to the object at 12   11 unused   12-13 the object {pointer to slot 4, not written}
 */
.macro SCRIPT name, locals
    FUNCTION \name, \locals, 3, "0,1"
    mov ARGUMENT(2), %rdx
    incq BODY_LEVELS(%rdx)
    mov BODY_LEVELS(%rdx), %rax
    mov %rax, SLOT(7)
    shl $3, %rax
    add BODY_IDENTITY(%rdx), %rax
    mov %rax, SLOT(4)
    POINT 3, 4
    mov %rcx, SLOT(8)
    mov %rcx, SLOT(12)
    not %rcx
    mov %rcx, SLOT(9)
    mov ARGUMENT(1), %rax
    mov %rax, SLOT(6)
    lea SLOT(12), %rax
    mov %rax, SLOT(10)
1:  mov ARGUMENT(2), %rsi
    mov BODY_CALL(%rsi), %rdi
    CONTIG_CALL __LINE__, contig_systemstack, "3,6,10", "12,13"
    movzbl %al, %ecx
    mov %rax, SLOT(5)
    cmp $1, %ecx
    jb 7f
    je 3f
    cmp $3, %ecx
    jb 2f
    je 4f
    cmp $4, %ecx
    je 5f
    jmp 6f
2:  CONTIG_CALL __LINE__, contig_yield, "3,6,10", "12,13"
    jmp 6f
3:  shr $8, %rax
    and $(8 - 1), %eax
    POINT 0, 4
    POINT 1, 6
    mov ARGUMENT(2), %rdx
    mov %rdx, SLOT(2)
    lea script_functions(%rip), %rcx
    movslq (%rcx, %rax, 4), %rax
    add %rcx, %rax
    CONTIG_CALL __LINE__, *%rax, "0,1,3,6,10", "12,13"
    jmp 6f
4:  mov $1, %edi
    CONTIG_CALL __LINE__, contig_park, "3,6,10", "12,13"
    jmp 6f
5:  CONTIG_CALL __LINE__, contig_exit, "3,6,10", "12,13"
6:  mov SLOT(3), %rcx
    lea SLOT(4), %rax
    cmp %rax, %rcx
    jne 8f
    mov SLOT(8), %rax
    not %rax
    cmp %rax, SLOT(9)
    jne 8f
    mov SLOT(10), %rax
    cmp (%rax), %rcx
    jne 8f
    mov ARGUMENT(2), %rdx
    mov SLOT(7), %rax
    cmp %rax, BODY_LEVELS(%rdx)
    jne 8f
    shl $3, %rax
    add BODY_IDENTITY(%rdx), %rax
    cmp %rax, (%rcx)
    jne 8f
    sub $8, %rax
    mov ARGUMENT(0), %rcx
    cmp %rax, (%rcx)
    jne 8f
    mov SLOT(6), %rcx
    mov 8(%rcx), %rax
    inc %rax
    cmp %rax, SLOT(7)
    jne 8f
    jmp 1b
7:  mov ARGUMENT(2), %rdx
    decq BODY_LEVELS(%rdx)
    RETURN
8:  FAIL "\name: a frame of the script does not hold what it held"
    END_FUNCTION \name
    .pushsection contig_script_functions, "a", @progbits
    .long \name - script_functions
    .popsection
.endm

    .pushsection contig_script_functions, "a", @progbits
    .balign 4
script_functions:
    .popsection

    SCRIPT script_112, 112
    SCRIPT script_128, 128
    SCRIPT script_240, 240
    SCRIPT script_1008, 1008
    SCRIPT script_4080, 4080
    SCRIPT script_4096, 4096
    SCRIPT script_16k, 16384
    SCRIPT script_64k, 65536

    FUNCTION body_script, 64
    mov %rdx, SLOT(2)
    mov BODY_IDENTITY(%rdx), %rax
    mov %rax, SLOT(4)
    movq $0, SLOT(6)
    movq $0, SLOT(7)
    movq $0, BODY_LEVELS(%rdx)
    POINT 0, 4
    POINT 1, 6
    CALL script_112, pointers="0,1,6"
    RETURN
    END_FUNCTION body_script
