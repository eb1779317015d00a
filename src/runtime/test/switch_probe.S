/* switch_probe.S: sets every register to what the test says, switches, and looks at what came back. */
#include "src/runtime/arch/x86_64/frame.h"
#include "src/runtime/test/switch_probe.h"
#include "src/testing/registers.h"

    CONTIG_FILE "src/runtime/test/switch_probe.S"

/* uint32_t machine_execute(struct m *m, struct g *g, struct machine *before, struct machine *after) */
    .balign 16
    .globl machine_execute
    .type machine_execute, @function
machine_execute:
    PUSH_KEPT
    push %rcx
    mov %rsp, MACHINE_RSP(%rdx)
    ldmxcsr MACHINE_MXCSR(%rdx)
    fldcw MACHINE_FPU_CONTROL(%rdx)
    mov MACHINE_RBX(%rdx), %rbx
    mov MACHINE_RBP(%rdx), %rbp
    mov MACHINE_R12(%rdx), %r12
    mov MACHINE_R13(%rdx), %r13
    mov MACHINE_R14(%rdx), %r14
    mov MACHINE_R15(%rdx), %r15
    call contig_execute
    mov %rsp, %rdx
    pop %rcx
    mov %rdx, MACHINE_RSP(%rcx)
    mov %rbx, MACHINE_RBX(%rcx)
    mov %rbp, MACHINE_RBP(%rcx)
    mov %r12, MACHINE_R12(%rcx)
    mov %r13, MACHINE_R13(%rcx)
    mov %r14, MACHINE_R14(%rcx)
    mov %r15, MACHINE_R15(%rcx)
    stmxcsr MACHINE_MXCSR(%rcx)
    fnstcw MACHINE_FPU_CONTROL(%rcx)
    POP_KEPT
    ret
    .size machine_execute, . - machine_execute

#define SLOT(n) (8 * (n))(%rsp)

/* Counts an error in the probe (rbx) unless the condition holds. */
.macro EXPECT condition
    j\condition 77f
    incq PROBE_ERRORS(%rbx)
77:
.endm

.macro EXPECT_ALIGNED_ENTRY
    incq PROBE_ENTRIES(%rbx)
    test $15, %rsp
    EXPECT z
.endm

/* As the probe says; the slots hold them, and where the stack is. */
.macro SET_CONTROL_WORDS
    mov PROBE_MXCSR(%rbx), %eax
    mov %rax, SLOT(6)
    ldmxcsr SLOT(6)
    movzwl PROBE_FPU_CONTROL(%rbx), %eax
    mov %rax, SLOT(7)
    fldcw SLOT(7)
    mov %rsp, SLOT(3)
    mov %rbp, SLOT(4)
.endm

/* The stack pointer, the frame pointer and the control words are those of the slots. */
.macro EXPECT_KEPT
    mov SLOT(2), %rbx
    cmp %rsp, SLOT(3)
    EXPECT e
    cmp %rbp, SLOT(4)
    EXPECT e
    stmxcsr SLOT(5)
    mov SLOT(6), %eax
    cmp %eax, SLOT(5)
    EXPECT e
    fnstcw SLOT(5)
    mov SLOT(7), %ax
    cmp %ax, SLOT(5)
    EXPECT e
.endm

/* argument 0: the probe.  Begins through morestack whenever the test has poisoned the guard. */
    FUNCTION probe_leaf, 32, 1
    mov 16(%rbp), %rbx
    EXPECT_ALIGNED_ENTRY
    cmp PROBE_CONTEXT(%rbx), %rdx
    EXPECT e
    RETURN
    END_FUNCTION probe_leaf

/* slots: 0 outgoing   1 unused   2 probe   3 own rsp   4 own rbp   5 control words read back   6 MXCSR   7 x87 cw */
    FUNCTION probe_loop, 64
    mov %rdx, SLOT(2)
    mov %rdx, %rbx
    EXPECT_ALIGNED_ENTRY
1:  SET_CONTROL_WORDS
    mov PROBE_GARBAGE+0(%rbx), %rax
    mov PROBE_GARBAGE+8(%rbx), %rcx
    mov PROBE_GARBAGE+16(%rbx), %rdx
    mov PROBE_GARBAGE+24(%rbx), %rsi
    mov PROBE_GARBAGE+32(%rbx), %rdi
    mov PROBE_GARBAGE+40(%rbx), %r8
    mov PROBE_GARBAGE+48(%rbx), %r9
    mov PROBE_GARBAGE+56(%rbx), %r10
    mov PROBE_GARBAGE+64(%rbx), %r11
    mov PROBE_GARBAGE+72(%rbx), %r12
    mov PROBE_GARBAGE+80(%rbx), %r13
    mov PROBE_GARBAGE+88(%rbx), %r14
    mov %rax, %r15
    mov %rcx, %rbx
    CALL contig_yield, pointers="3,4"
    EXPECT_KEPT
    mov %rbx, SLOT(0)
    mov PROBE_CONTEXT(%rbx), %rdx
    CALL probe_leaf, pointers="3,4"
    mov SLOT(2), %rbx
    cmp %rsp, SLOT(3)
    EXPECT e
    cmp %rbp, SLOT(4)
    EXPECT e
    jmp 1b
    END_FUNCTION probe_loop

/* The same slots.  Operations that wait, and operations that do not, under control words of its own. */
    FUNCTION probe_operation, 64
    mov %rdx, SLOT(2)
    mov %rdx, %rbx
1:  SET_CONTROL_WORDS
    mov PROBE_ARGUMENT_0(%rbx), %rdi
    mov PROBE_ARGUMENT_1(%rbx), %rsi
    mov PROBE_OPERATION(%rbx), %rax
    CALL *%rax, pointers="3,4"
    EXPECT_KEPT
    incq PROBE_ENTRIES(%rbx)
    decq PROBE_ROUNDS(%rbx)
    jnz 1b
    RETURN
    END_FUNCTION probe_operation
