/* switch.S: the system stack enters a goroutine, and a goroutine leaves for the system stack.  SWITCH-1..SWITCH-5.
 *
 *   register         in contig_execute                      in contig_mcall, contig_leave
 *   rsp              system stack: m.g0_sp; then sched.sp   sched.sp; then m.g0_sp
 *   rip              sched.pc                               sched.pc = the caller's return address
 *   rbp              pushed; then sched.bp                  sched.bp; then popped
 *   rbx r12-r15      pushed                                 popped (no goroutine function keeps them)
 *   mxcsr            m.mxcsr; then g.mxcsr                  g.mxcsr; then m.mxcsr
 *   x87 cw           m.fpu_control; g's if it differs       g.fpu_control; m's if it differs
 *   rdx              sched.ctxt                             not kept (only morestack keeps a context)
 *   rax              g.ret                                  the request
 *   fs:0x70          m.host_guard; then g.stackguard        m.host_guard: 0, unless the host has split stacks
 *   all others       not kept                               not kept
 *
 * mxcsr is written without a comparison: to read back what stmxcsr has just stored takes longer than to write
 * (docs/cost.md, A switch).  The x87 control word is compared, since fldcw takes longer than that.
 *
 * The guard word changes before the stack pointer on the way in, and after it on the way out: a signal between
 * the two never finds a goroutine's stack under the host's guard.
 */
#include "src/runtime/arch/x86_64/layout.h"

    .text

/* uint32_t contig_execute(struct m *m, struct g *g): runs g until it wants something; returns the request. */
    .balign 16
    .globl contig_execute
    .type contig_execute, @function
contig_execute:
    .cfi_startproc
    push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    push %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r12, 0
    push %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r13, 0
    push %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r14, 0
    push %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r15, 0
    stmxcsr M_MXCSR(%rdi)
    fnstcw M_FPU_CONTROL(%rdi)
    mov %rsp, M_G0_SP(%rdi)
    mov %rsi, M_CURG(%rdi)
    ldmxcsr G_MXCSR(%rsi)
    mov G_FPU_CONTROL(%rsi), %ax
    cmp M_FPU_CONTROL(%rdi), %ax
    je 1f
    fldcw G_FPU_CONTROL(%rsi)
1:  mov %fs:GUARD_TLS_OFFSET, %rax
    mov %rax, M_HOST_GUARD(%rdi)
    mov G_STACKGUARD(%rsi), %rax
    mov %rax, %fs:GUARD_TLS_OFFSET
    mov G_SCHED_BP(%rsi), %rbp
    mov G_SCHED_CTXT(%rsi), %rdx
    mov G_RET(%rsi), %rax
    mov G_SCHED_SP(%rsi), %rsp
    .cfi_undefined %rip     /* the stack is the goroutine's: nothing on it leads back to the caller */
    jmp *G_SCHED_PC(%rsi)
    .cfi_endproc
    .size contig_execute, . - contig_execute

/* Called by a goroutine function: eax holds the request, rdi and rsi its arguments (no pointers into the own
 * stack: they are not relocated).  Returns when the scheduler resumes the goroutine, with g.ret in rax. */
    .balign 16
    .globl contig_mcall
    .hidden contig_mcall
    .type contig_mcall, @function
contig_mcall:
    .cfi_startproc
    mov contig_m@gottpoff(%rip), %rcx
    mov %fs:(%rcx), %rcx
    mov M_CURG(%rcx), %r8
    pop %r9
    .cfi_adjust_cfa_offset -8
    .cfi_register %rip, %r9
    mov %r9, G_SCHED_PC(%r8)
    mov %rsp, G_SCHED_SP(%r8)
    mov %rbp, G_SCHED_BP(%r8)
    movq $0, G_SCHED_CTXT(%r8)
    mov %eax, M_REQUEST(%rcx)
    mov %rdi, M_ARGUMENT_0(%rcx)
    mov %rsi, M_ARGUMENT_1(%rcx)
    jmp contig_leave
    .cfi_endproc
    .size contig_mcall, . - contig_mcall

/* The goroutine r8 of the M rcx is saved but for its control words: back to the system stack. */
    .balign 16
    .globl contig_leave
    .hidden contig_leave
    .type contig_leave, @function
contig_leave:
    .cfi_startproc
    .cfi_undefined %rip
    stmxcsr G_MXCSR(%r8)
    fnstcw G_FPU_CONTROL(%r8)
    mov G_FPU_CONTROL(%r8), %ax
/* The same, once they are saved: ax holds the x87 one, and the goroutine may be another thread's already. */
    .globl contig_leave_saved
    .hidden contig_leave_saved
contig_leave_saved:
    ldmxcsr M_MXCSR(%rcx)
    cmp M_FPU_CONTROL(%rcx), %ax
    je 1f
    fldcw M_FPU_CONTROL(%rcx)
1:  mov M_G0_SP(%rcx), %rsp
    mov M_HOST_GUARD(%rcx), %rax
    mov %rax, %fs:GUARD_TLS_OFFSET
    mov M_REQUEST(%rcx), %eax
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    pop %rdx        /* not ret: the return that the processor predicts is the goroutine's, always wrong here */
    jmp *%rdx
    .cfi_endproc
    .size contig_leave, . - contig_leave

/* void contig_control_save(struct g *g): the thread's control words are those of g, which is about to wait. */
    .balign 16
    .globl contig_control_save
    .hidden contig_control_save
    .type contig_control_save, @function
contig_control_save:
    .cfi_startproc
    stmxcsr G_MXCSR(%rdi)
    fnstcw G_FPU_CONTROL(%rdi)
    ret
    .cfi_endproc
    .size contig_control_save, . - contig_control_save

    .section .note.GNU-stack, "", @progbits
