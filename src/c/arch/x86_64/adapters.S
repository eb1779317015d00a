/* adapters.S: the borders between C, assembly goroutine functions and the runtime.  CGO-3, CGO-4.
 *
 * rbp is any register in C, and the frame pointer in goroutine functions of assembly.  So that it carries no pointer
 * through C frames, who enters C keeps its own rbp in its frame and loads 0; and who leaves C for the runtime saves
 * rbp with the other registers that a C function keeps, as data:
 *
 *      contig_c_entry, contig_call_c            contig_c_yield, contig_c_park: a bare frame
 *      ----------------------------             ------------------------------------------
 *      return address                           return address
 *      saved rbp       relocated                rbx             data
 *      slot 1                                   rbp             data
 *      slot 0          <- rsp                   r12 r13 r14 r15 data
 *      (C's frames: rbp is 0 at each stop)      side stack's pointer   <- rsp
 */
#include "src/c/arch/x86_64/thread.h"

    CONTIG_FILE "src/c/arch/x86_64/adapters.S"

/* Calls the C function rax, whose prologues find a poisoned guard if moves are forced. */
.macro CALL_C locals
    mov contig_c_forced_guard(%rip), %rcx
    test %rcx, %rcx
    jz .Lcall\@
    mov %rcx, %fs:GUARD_TLS_OFFSET
    LOAD_M %rdx
    mov M_CURG(%rdx), %rdx
    mov %rcx, G_STACKGUARD(%rdx)
.Lcall\@:
    xor %ebp, %ebp
    .cfi_def_cfa %rsp, \locals + 16
    CALL *%rax
    lea \locals(%rsp), %rbp
    .cfi_def_cfa %rbp, 16
.endm

/* The first function of a goroutine that runs C; rdx: its struct c_goroutine. */
    FUNCTION contig_c_entry, 16
    mov %rdx, (%rsp)
    mov C_SIDE_TOP(%rdx), %rax
    SIDE_OF_GOROUTINE %rax, %rsi
    mov C_RESERVE(%rdx), %rdi
    test %rdi, %rdi
    jz 1f
    lea contig_c_stub_contig_c_reserve(%rip), %rax
    CALL_C 16
1:  mov (%rsp), %rdx
    mov C_ARGUMENT(%rdx), %rdi
    mov C_FUNCTION(%rdx), %rax
    CALL_C 16
    SIDE_OF_SYSTEM %rdx
    RETURN
    END_FUNCTION contig_c_entry

/* Called by a goroutine function of assembly.  Argument 0: uint64_t (*)(uint64_t) of C, compiled for goroutines;
 * argument 1: its argument.  Result in rax. */
    FUNCTION contig_call_c, 16, 2
    LOAD_M %rdx
    mov M_CURG(%rdx), %rdx
    cmpq $0, G_C(%rdx)
    jne 1f
    lea contig_c_stub_contig_c_adopt(%rip), %rax
    CALL_C 16
    LOAD_M %rdx
    mov M_CURG(%rdx), %rdx
    cmpq $0, G_C(%rdx)
    je 2f
1:  mov G_C(%rdx), %rdx
    mov C_SIDE_TOP(%rdx), %rax
    SIDE_OF_GOROUTINE %rax, %rsi
    mov 24(%rbp), %rdi
    mov 16(%rbp), %rax
    CALL_C 16
    SIDE_OF_SYSTEM %rdx
    RETURN
2:  lea contig_c_no_side_stack(%rip), %rdi
    CALL contig_throw
    ud2
    END_FUNCTION contig_call_c

    .section .rodata
contig_c_no_side_stack:
    .asciz "contig_call_c: there is no memory for a side stack, or the runtime has several threads"
    .text

/* Called by C: saves all that a C function keeps, and makes the request.  Where no goroutine's stack is in use
 * (callbacks of C libraries, signal handlers) `refusal` answers.  With `result` what the request answered is returned,
 * else 0: CONTIG_OK. */
.macro ADAPTER name, request, refusal, result=0
    CONTIG_FUNCTION_RECORD __LINE__, \name, 0, 0
    LOAD_G_ON_ITS_STACK %rax, \refusal
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
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
    LOAD_SIDE %rax
    push %rax
    .cfi_adjust_cfa_offset 8
    SIDE_OF_SYSTEM %rdx
    xor %ebp, %ebp
    call \request
.Lreturn_\name:
    pop %rdx
    .cfi_adjust_cfa_offset -8
    SIDE_OF_GOROUTINE %rdx, %rsi
    pop %r15
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r15
    pop %r14
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r14
    pop %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r13
    pop %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r12
    pop %rbp
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbp
    pop %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbx
    .if \result == 0
    xor %eax, %eax
    .endif
    ret
    END_FRAMELESS_FUNCTION \name
    .set .Lframe, 6
    .set .Lspan, 8
    CONTIG_SITE __LINE__, .Lreturn_\name, "", "", SITE_BARE
.endm

    ADAPTER contig_c_yield, contig_yield, contig_c_refuse_yield
    ADAPTER contig_c_park, contig_park, contig_c_refuse_park
    ADAPTER contig_c_sleep, contig_sleep, contig_c_refuse_sleep
    ADAPTER contig_c_chansend, contig_chansend, contig_c_refuse_send, result=1
    ADAPTER contig_c_chanrecv, contig_chanrecv, contig_c_refuse_receive, result=1
    ADAPTER contig_c_selectgo, contig_selectgo, contig_c_refuse_select, result=1
    ADAPTER contig_c_exit, contig_exit, contig_c_refuse_exit
    ADAPTER contig_c_throw, contig_throw, contig_c_refuse_throw
    ADAPTER contig_c_panicked, contig_panic, contig_c_refuse_panic
