/* enter.S: runs a routine on the processor from a state that `machine` says, and writes the state it ends in there.
 *
 *   void enter(void *routine)          System V: rdi = the first instruction
 *
 * The routine ends by going to `landing`.  It may have changed every register, the stack and the base of %fs. */
#include <asm/prctl.h>
#include <asm/unistd.h>

#include "proofs/assembly/acl2/cosim/machine.h"

    .section .note.GNU-stack, "", @progbits
    .bss
    .balign 8
kept_rsp:
    .skip 8
kept_fs:
    .skip 8
kept_words:
    .skip 8
target:
    .skip 8

    .text
    .globl enter
    .type enter, @function
enter:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rdi, target(%rip)
    mov $ARCH_GET_FS, %edi
    lea kept_fs(%rip), %rsi
    mov $__NR_arch_prctl, %eax
    syscall
    stmxcsr kept_words(%rip)
    fnstcw kept_words + 4(%rip)
    mov %rsp, kept_rsp(%rip)
    mov $ARCH_SET_FS, %edi
    mov machine + MACHINE_FS(%rip), %rsi
    mov $__NR_arch_prctl, %eax
    syscall
    ldmxcsr machine + MACHINE_MXCSR(%rip)
    fldcw machine + MACHINE_FPU_CONTROL(%rip)
    push machine + MACHINE_FLAGS(%rip)
    popfq
    mov machine + MACHINE_REGISTER(1)(%rip), %rcx
    mov machine + MACHINE_REGISTER(2)(%rip), %rdx
    mov machine + MACHINE_REGISTER(3)(%rip), %rbx
    mov machine + MACHINE_REGISTER(4)(%rip), %rsp
    mov machine + MACHINE_REGISTER(5)(%rip), %rbp
    mov machine + MACHINE_REGISTER(6)(%rip), %rsi
    mov machine + MACHINE_REGISTER(7)(%rip), %rdi
    mov machine + MACHINE_REGISTER(8)(%rip), %r8
    mov machine + MACHINE_REGISTER(9)(%rip), %r9
    mov machine + MACHINE_REGISTER(10)(%rip), %r10
    mov machine + MACHINE_REGISTER(11)(%rip), %r11
    mov machine + MACHINE_REGISTER(12)(%rip), %r12
    mov machine + MACHINE_REGISTER(13)(%rip), %r13
    mov machine + MACHINE_REGISTER(14)(%rip), %r14
    mov machine + MACHINE_REGISTER(15)(%rip), %r15
    mov machine + MACHINE_REGISTER(0)(%rip), %rax
    jmp *target(%rip)

    .globl landing, contig_morestack_on_system_stack
landing:
contig_morestack_on_system_stack:
    mov %rax, machine + MACHINE_REGISTER(0)(%rip)
    mov %rcx, machine + MACHINE_REGISTER(1)(%rip)
    mov %rdx, machine + MACHINE_REGISTER(2)(%rip)
    mov %rbx, machine + MACHINE_REGISTER(3)(%rip)
    mov %rsp, machine + MACHINE_REGISTER(4)(%rip)
    mov %rbp, machine + MACHINE_REGISTER(5)(%rip)
    mov %rsi, machine + MACHINE_REGISTER(6)(%rip)
    mov %rdi, machine + MACHINE_REGISTER(7)(%rip)
    mov %r8, machine + MACHINE_REGISTER(8)(%rip)
    mov %r9, machine + MACHINE_REGISTER(9)(%rip)
    mov %r10, machine + MACHINE_REGISTER(10)(%rip)
    mov %r11, machine + MACHINE_REGISTER(11)(%rip)
    mov %r12, machine + MACHINE_REGISTER(12)(%rip)
    mov %r13, machine + MACHINE_REGISTER(13)(%rip)
    mov %r14, machine + MACHINE_REGISTER(14)(%rip)
    mov %r15, machine + MACHINE_REGISTER(15)(%rip)
    mov kept_rsp(%rip), %rsp
    pushfq
    pop machine + MACHINE_FLAGS(%rip)
    cld
    stmxcsr machine + MACHINE_MXCSR(%rip)
    fnstcw machine + MACHINE_FPU_CONTROL(%rip)
    ldmxcsr kept_words(%rip)
    fldcw kept_words + 4(%rip)
    mov $ARCH_GET_FS, %edi
    lea machine + MACHINE_FS(%rip), %rsi
    mov $__NR_arch_prctl, %eax
    syscall
    mov $ARCH_SET_FS, %edi
    mov kept_fs(%rip), %rsi
    mov $__NR_arch_prctl, %eax
    syscall
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size enter, . - enter
