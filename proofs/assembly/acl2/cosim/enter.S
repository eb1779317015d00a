/* enter.S: runs a routine on the processor from a state that `machine` says, and writes the state it ends in there.
 *
 *   void enter(void *routine)          System V: rdi = the first instruction
 *
 * The routine ends by going to `landing`.  It may have changed every register, the stack and the base of %fs. */
#include <asm/prctl.h>
#include <asm/unistd.h>

#include "proofs/assembly/acl2/cosim/machine.h"
#include "src/testing/registers.h"

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
    PUSH_KEPT
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
    LOAD_REGISTERS machine+MACHINE_REGISTERS
    jmp *target(%rip)

    .globl landing, contig_morestack_on_system_stack
    .globl contig_chan_send_at_once, contig_chan_receive_at_once, contig_chan_select_at_once
landing:
contig_morestack_on_system_stack:
contig_chan_send_at_once:
contig_chan_receive_at_once:
contig_chan_select_at_once:
    STORE_REGISTERS machine+MACHINE_REGISTERS
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
    POP_KEPT
    ret
    .size enter, . - enter
