/* cosim_run.S: loads a whole machine state, runs one instruction, and stores the state after it.
 *
 * void cosim_run(void): the instruction stands at cosim_code, with a jump to cosim_landed behind it and one to
 * cosim_taken where its branch goes.  State in cosim_in, flags in cosim_flags; after it in cosim_out, cosim_flags and
 * cosim_branch.  With cosim_uses_fs, %fs is cosim_in.fs meanwhile.  Layout: struct state in cosim.h. */
#define STATE_R(n) (8 * (n))
#define STATE_MXCSR 184
#define STATE_FPU_CONTROL 192
#define STATE_FS 200
#define SYS_ARCH_PRCTL 158
#define ARCH_SET_FS 0x1002

    .bss
    .balign 8
host_sp:
    .skip 8

    .section .rodata
    .balign 8
host_mxcsr:
    .long 0x1f80
host_fpu_control:
    .long 0x37f

    .text
    .balign 16
    .globl cosim_run
    .type cosim_run, @function
cosim_run:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, host_sp(%rip)
    cmpl $0, cosim_uses_fs(%rip)
    je 1f
    mov $SYS_ARCH_PRCTL, %eax
    mov $ARCH_SET_FS, %edi
    mov cosim_in+STATE_FS(%rip), %rsi
    syscall
1:  ldmxcsr cosim_in+STATE_MXCSR(%rip)
    fldcw cosim_in+STATE_FPU_CONTROL(%rip)
    pushq cosim_flags(%rip)
    popfq
    mov cosim_in+STATE_R(0)(%rip), %rax
    mov cosim_in+STATE_R(1)(%rip), %rcx
    mov cosim_in+STATE_R(2)(%rip), %rdx
    mov cosim_in+STATE_R(3)(%rip), %rbx
    mov cosim_in+STATE_R(4)(%rip), %rsp
    mov cosim_in+STATE_R(5)(%rip), %rbp
    mov cosim_in+STATE_R(6)(%rip), %rsi
    mov cosim_in+STATE_R(7)(%rip), %rdi
    mov cosim_in+STATE_R(8)(%rip), %r8
    mov cosim_in+STATE_R(9)(%rip), %r9
    mov cosim_in+STATE_R(10)(%rip), %r10
    mov cosim_in+STATE_R(11)(%rip), %r11
    mov cosim_in+STATE_R(12)(%rip), %r12
    mov cosim_in+STATE_R(13)(%rip), %r13
    mov cosim_in+STATE_R(14)(%rip), %r14
    mov cosim_in+STATE_R(15)(%rip), %r15
    jmp *cosim_code(%rip)

    .globl cosim_taken
cosim_taken:
    movl $1, cosim_branch(%rip)
    .globl cosim_landed
cosim_landed:
    mov %rax, cosim_out+STATE_R(0)(%rip)
    mov %rcx, cosim_out+STATE_R(1)(%rip)
    mov %rdx, cosim_out+STATE_R(2)(%rip)
    mov %rbx, cosim_out+STATE_R(3)(%rip)
    mov %rsp, cosim_out+STATE_R(4)(%rip)
    mov %rbp, cosim_out+STATE_R(5)(%rip)
    mov %rsi, cosim_out+STATE_R(6)(%rip)
    mov %rdi, cosim_out+STATE_R(7)(%rip)
    mov %r8, cosim_out+STATE_R(8)(%rip)
    mov %r9, cosim_out+STATE_R(9)(%rip)
    mov %r10, cosim_out+STATE_R(10)(%rip)
    mov %r11, cosim_out+STATE_R(11)(%rip)
    mov %r12, cosim_out+STATE_R(12)(%rip)
    mov %r13, cosim_out+STATE_R(13)(%rip)
    mov %r14, cosim_out+STATE_R(14)(%rip)
    mov %r15, cosim_out+STATE_R(15)(%rip)
    mov host_sp(%rip), %rsp
    pushfq
    popq cosim_flags(%rip)
    stmxcsr cosim_out+STATE_MXCSR(%rip)
    fnstcw cosim_out+STATE_FPU_CONTROL(%rip)
    ldmxcsr host_mxcsr(%rip)
    fldcw host_fpu_control(%rip)
    cmpl $0, cosim_uses_fs(%rip)
    je 1f
    mov $SYS_ARCH_PRCTL, %eax
    mov $ARCH_SET_FS, %edi
    mov cosim_host_fs(%rip), %rsi
    syscall
1:  pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size cosim_run, . - cosim_run

    .section .note.GNU-stack, "", @progbits
