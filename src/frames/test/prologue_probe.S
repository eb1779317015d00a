/* prologue_probe.S: functions with frames at the bounds of each class of prologues, made by the macros of frame.h, and
 * a way to enter any goroutine function on any stack under any guard.  PROLOGUE-1. */
#include "src/runtime/arch/x86_64/frame.h"
#include "src/testing/registers.h"

    CONTIG_FILE "src/frames/test/prologue_probe.S"

/* A function that only makes its frame, and its row in the table that prologue_test.c reads. */
.macro PROBE bytes
    FUNCTION probe_\bytes, \bytes
    RETURN
    END_FUNCTION probe_\bytes
    .pushsection .data.rel.ro, "aw", @progbits
    .quad probe_\bytes, \bytes
    .popsection
.endm

    .pushsection .data.rel.ro, "aw", @progbits
    .balign 8
    .globl probes
probes:
    .popsection
.irp bytes, 0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 256, 512, 1024, 2048
    PROBE \bytes
.endr
.irp bytes, 4048, 4064, 4080, 4096, 4112, 4128
    PROBE \bytes
.endr
.irp bytes, 8192, 16384, 32752, 65520, 65536, 131072, 524272, 524288, 524304, 1048576, 2097152
    PROBE \bytes
.endr
    .pushsection .data.rel.ro, "aw", @progbits
    .quad 0, 0
    .popsection

/* uint32_t prologue_passes(contig_function *function, uint64_t sp, uint64_t guard, void *context)
 * System V: rdi, rsi, rdx, rcx; result in eax.  Enters the function with its return address at sp: 1 if it returns, 0
 * if it asks for more stack in its place.  All that the caller may keep in registers is on its own stack meanwhile. */
    .balign 16
    .globl prologue_passes
    .type prologue_passes, @function
prologue_passes:
    PUSH_KEPT
    push %fs:GUARD_TLS_OFFSET
    mov %rsp, .Lhost_sp(%rip)
    mov %rsi, .Lprobe_sp(%rip)
    mov %rdx, %fs:GUARD_TLS_OFFSET
    lea .Lpassed(%rip), %rax
    mov %rax, (%rsi)
    mov %rcx, %rdx
    mov %rsi, %rsp
    jmp *%rdi
.Lpassed:
    mov .Lprobe_sp(%rip), %rcx
    add $8, %rcx
    mov $1, %eax
    jmp .Lback

/* Stands for contig_morestack: the slow path called it before the function had a frame, so that the word below the
 * return address is the one that was pushed last. */
    .globl __wrap_contig_morestack
    .type __wrap_contig_morestack, @function
__wrap_contig_morestack:
    mov .Lprobe_sp(%rip), %rcx
    sub $8, %rcx
    xor %eax, %eax
.Lback:
    cmp %rsp, %rcx
    jne .Lelsewhere
    mov .Lhost_sp(%rip), %rsp
    pop %fs:GUARD_TLS_OFFSET
    POP_KEPT
    ret
.Lelsewhere:
    ud2
    .size prologue_passes, . - prologue_passes

    .local .Lhost_sp
    .comm .Lhost_sp, 8, 8
    .local .Lprobe_sp
    .comm .Lprobe_sp, 8, 8
