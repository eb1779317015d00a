/* cosim_run.S: loads a whole machine state, runs one instruction, and stores the state after it.
 *
 * void cosim_run(void): the instruction stands at cosim_code, with a jump to cosim_landed behind it and one to
 * cosim_taken where its branch goes.  State in cosim_in, flags in cosim_flags; after it in cosim_out, cosim_flags and
 * cosim_branch.  With cosim_uses_fs, %fs is cosim_in.fs meanwhile.  Layout: struct state in cosim.h. */
#include "src/testing/registers.h"

#define STATE_R 0
#define STATE_MXCSR 200
#define STATE_FPU_CONTROL 208
#define STATE_FS 216
#define STATE_VECTORS 248
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
    PUSH_KEPT
    mov %rsp, host_sp(%rip)
    cmpl $0, cosim_uses_fs(%rip)
    je 1f
    mov $SYS_ARCH_PRCTL, %eax
    mov $ARCH_SET_FS, %edi
    mov cosim_in+STATE_FS(%rip), %rsi
    syscall
1:  VECTORS LOAD_VECTOR, cosim_in+STATE_VECTORS
    ldmxcsr cosim_in+STATE_MXCSR(%rip)
    fldcw cosim_in+STATE_FPU_CONTROL(%rip)
    pushq cosim_flags(%rip)
    popfq
    LOAD_REGISTERS cosim_in+STATE_R
    jmp *cosim_code(%rip)

    .globl cosim_taken
cosim_taken:
    movl $1, cosim_branch(%rip)
    .globl cosim_landed
cosim_landed:
    STORE_REGISTERS cosim_out+STATE_R
    mov host_sp(%rip), %rsp
    pushfq
    popq cosim_flags(%rip)
    cld
    VECTORS STORE_VECTOR, cosim_out+STATE_VECTORS
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
1:  POP_KEPT
    ret
    .size cosim_run, . - cosim_run

    .section .note.GNU-stack, "", @progbits
