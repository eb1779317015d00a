/* x86_64.S: the goroutine functions of bodies.h.
 *
 * In every function rbp and rsp are the only registers that live over a call; all else is in slots.  Slot numbers
 * name words from rsp up; the first slots are the outgoing arguments. */
#include "src/bodies/offsets.h"
#include "src/runtime/arch/x86_64/frame.h"

    CONTIG_FILE "src/bodies/x86_64.S"

#define SLOT(n) (8 * (n))(%rsp)
#define ARGUMENT(n) (16 + 8 * (n))(%rbp)

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

/* ---- fib: argument 0 is n; the result is in rax ---- */
    FUNCTION fib, 32, 1
    mov ARGUMENT(0), %rax
    cmp $2, %rax
    jb 1f
    dec %rax
    mov %rax, SLOT(0)
    CALL fib
    mov %rax, SLOT(1)
    mov ARGUMENT(0), %rax
    sub $2, %rax
    mov %rax, SLOT(0)
    CALL fib
    add SLOT(1), %rax
1:  RETURN
    END_FUNCTION fib

    FUNCTION body_fib, 32
    mov %rdx, SLOT(1)
    mov BODY_ARGUMENT(%rdx), %rax
    mov %rax, SLOT(0)
    CALL fib
    mov SLOT(1), %rdx
    mov %rax, BODY_RESULT(%rdx)
    RETURN
    END_FUNCTION body_fib

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
    lea SLOT(5), %rcx
    mov %rcx, SLOT(3)
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
    lea SLOT(5), %rcx
    mov %rcx, SLOT(0)
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
    lea SLOT(5), %rcx
    mov %rcx, SLOT(0)
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
    lea SLOT(5), %rcx
    mov %rcx, SLOT(0)
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
    lea SLOT(4), %rcx
    mov %rcx, SLOT(0)
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

/* ---- mixed: each function calls the next larger one, the last the first ----
 * arguments: 0 pointer to the caller's slot 4   1 levels left   2 body
 * slots:     0-2 outgoing   3 pointer to slot 4   4 levels left; the last slot below the saved rbp: pointer to slot 4
 */
.macro MIXED name, next, locals
    FUNCTION \name, \locals, 3, "0"
    mov ARGUMENT(1), %rax
    mov %rax, SLOT(4)
    lea SLOT(4), %rcx
    mov %rcx, SLOT(3)
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
    lea SLOT(4), %rcx
    mov %rcx, SLOT(0)
    CALL mixed_112, pointers="0"
    CALL smallest
    RETURN
    END_FUNCTION body_mixed

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
    lea SLOT(8), %rcx
    mov %rcx, SLOT(8)
    lea SLOT(4), %rcx
    mov %rcx, SLOT(9)
    mov %rcx, SLOT(12)
    not %rcx
    mov %rcx, SLOT(10)
    lea SLOT(12), %rcx
    mov %rcx, SLOT(11)
    test %rax, %rax
    jz 2f
    dec %rax
    mov %rax, SLOT(1)
    lea SLOT(8), %rcx
    mov %rcx, SLOT(0)
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
    lea SLOT(8), %rcx
    mov %rcx, SLOT(0)
    CALL odd, pointers="0"
    RETURN
    END_FUNCTION body_odd

/* ---- one switch ---- */
    FUNCTION body_park, 32
    mov %rdx, SLOT(2)
    mov %rdx, SLOT(1)
    lea SLOT(1), %rcx
    mov %rcx, SLOT(0)
    mov $1, %edi
    CALL contig_park, pointers="0"
    mov SLOT(0), %rcx
    lea SLOT(1), %rax
    cmp %rax, %rcx
    jne 9f
    mov (%rcx), %rdx
    cmp %rdx, SLOT(2)
    jne 9f
    incq BODY_RESULT(%rdx)
    RETURN
9:  FAIL "park: the pointer to the own slot does not point to it"
    END_FUNCTION body_park

    FUNCTION body_yield, 32
    mov BODY_ARGUMENT(%rdx), %rax
    mov %rax, SLOT(0)
1:  subq $1, SLOT(0)
    jb 2f
    CALL contig_yield
    jmp 1b
2:  RETURN
    END_FUNCTION body_yield

    FUNCTION body_return, 16
    RETURN
    END_FUNCTION body_return

    FUNCTION endless, 96
    lea SLOT(5), %rcx
    mov %rcx, SLOT(3)
    CALL endless, pointers="3"
    RETURN
    END_FUNCTION endless

    FUNCTION body_overflow, 32
    CALL endless
    RETURN
    END_FUNCTION body_overflow

/* ---- corrupt: the return address of the caller becomes `argument` of the body ---- */
    FUNCTION corrupt_caller, 32, 1
    mov ARGUMENT(0), %rdx
    mov BODY_ARGUMENT(%rdx), %rax
    mov (%rbp), %rcx
    mov %rax, 8(%rcx)
    CALL endless
    RETURN
    END_FUNCTION corrupt_caller

    FUNCTION corrupt, 32, 1
    mov ARGUMENT(0), %rdx
    mov %rdx, SLOT(0)
    CALL corrupt_caller
    RETURN
    END_FUNCTION corrupt

    FUNCTION body_corrupt, 32
    mov %rdx, SLOT(0)
    CALL corrupt
    RETURN
    END_FUNCTION body_corrupt

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
    lea SLOT(4), %rcx
    mov %rcx, SLOT(3)
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
    lea SLOT(4), %rcx
    mov %rcx, SLOT(0)
    lea SLOT(6), %rcx
    mov %rcx, SLOT(1)
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
    lea SLOT(4), %rcx
    mov %rcx, SLOT(0)
    lea SLOT(6), %rcx
    mov %rcx, SLOT(1)
    CALL script_112, pointers="0,1,6"
    RETURN
    END_FUNCTION body_script
