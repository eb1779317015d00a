/* panic_probe.S: see panic_probe.h. */
#include "src/runtime/arch/x86_64/frame.h"
#include "src/runtime/test/panic_probe.h"

#define SLOT(n) (8 * (n))(%rsp)

    CONTIG_FILE "src/runtime/test/panic_probe.S"

/* Tells C a number, if it is one. */
.macro LOG line, number
    mov \number, %rsi
    lea panic_log(%rip), %rdi
    CONTIG_CALL \line, contig_systemstack, "", "4,5,7,8,9"
.endm

/* ---- probe: does what the plan says that is its context ----
 * slots:  0 outgoing   1 plan   2 how many calls were deferred   3 unused   4-10 record of a deferred call
 */
    FUNCTION probe, 96
    mov %rdx, SLOT(1)
    movq $0, SLOT(2)
    movq $0, SLOT(4)
    movq $0, SLOT(5)
    movq $0, SLOT(7)
    movq $0, SLOT(8)
1:  mov SLOT(1), %rax
    mov SLOT(2), %rcx
    cmp PLAN_COUNT(%rax), %rcx
    je 2f
    mov PLAN_DEFERS(%rax), %rax
    incq SLOT(2)
    shl $4, %rcx
    mov (%rax, %rcx), %rdi
    mov 8(%rax, %rcx), %rsi
    CALL contig_deferproc, "", "4,5,7,8,9"
    test %eax, %eax
    jz 1b
    jmp 9f
2:  mov PLAN_FRAME_FUNCTION(%rax), %rcx
    test %rcx, %rcx
    jz 3f
    mov %rcx, SLOT(6)
    mov PLAN_FRAME_CONTEXT(%rax), %rcx
    mov %rcx, SLOT(9)
    lea SLOT(4), %rdi
    CALL contig_deferprocstack, "", "4,5,7,8,9"
    test %eax, %eax
    jnz 9f
3:  mov SLOT(1), %rcx
    mov PLAN_VALUE(%rcx), %rdi
    mov PLAN_ACTION(%rcx), %eax
    cmp $ACTION_PANIC, %eax
    je 4f
    cmp $ACTION_QUIT, %eax
    je 5f
    cmp $ACTION_CALL, %eax
    je 6f
    cmp $ACTION_SEND, %eax
    je 7f
    cmp $ACTION_RECURSE, %eax
    jne 8f
    mov %rdi, SLOT(0)
    CALL probe_recurse, "", "4,5,7,8,9"
    jmp 8f
4:  CALL contig_panic, "", "4,5,7,8,9"
5:  CALL contig_quit, "", "4,5,7,8,9"
6:  mov %rdi, %rdx
    CALL probe, "", "4,5,7,8,9"
    jmp 8f
7:  lea SLOT(0), %rsi
    CALL contig_chansend, "", "4,5,7,8,9"
8:  mov SLOT(1), %rax
    LOG __LINE__, PLAN_AFTER(%rax)
9:  DEFER_RETURN "", "4,5,7,8,9"
    mov SLOT(1), %rax
    LOG __LINE__, PLAN_DONE(%rax)
    RETURN
    END_FUNCTION probe

/* argument: 0 levels left */
    FUNCTION probe_recurse, 96, 1
    mov 16(%rbp), %rax
    sub $1, %rax
    jbe 1f
    mov %rax, SLOT(0)
    CALL probe_recurse
1:  RETURN
    END_FUNCTION probe_recurse

/* A deferred call: tells C its context. */
    FUNCTION probe_log, 32
    mov %rdx, %rsi
    lea panic_log(%rip), %rdi
    CALL contig_systemstack
    RETURN
    END_FUNCTION probe_log

/* A deferred call: recovers, and tells C the value, or 1 if there was none.  slot 1: the value */
    FUNCTION probe_recover, 32
    movq $0, SLOT(1)
    lea SLOT(1), %rdi
    CALL contig_recover
    mov SLOT(1), %rsi
    test %eax, %eax
    jnz 1f
    mov $1, %esi
1:  lea panic_log(%rip), %rdi
    CALL contig_systemstack
    RETURN
    END_FUNCTION probe_recover

/* A deferred call whose callee tries to recover. */
    FUNCTION probe_recover_below, 32
    CALL probe_recover
    RETURN
    END_FUNCTION probe_recover_below
