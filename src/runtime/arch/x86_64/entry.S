/* entry.S: how a goroutine begins and ends, and the calls that its functions make into the runtime.  LIFE-8.
 *
 * A fresh stack, made by newproc (src/runtime/proc.c):
 *
 *      hi        ----------------------------------------------
 *                4 words that unwinders and probes may read: the bottom frame, part of contig_goexit
 *      hi - 32   return address: contig_goexit_return
 *      hi - 48   saved rbp: 0                                     <- sched.sp;  sched.pc = contig_gostart_resume
 *
 * gogo enters with the first function in rax and its context in rdx.  That function is called, which writes its return
 * address once more: the processor guesses where a function returns to from the calls that it has seen, and a wrong
 * guess costs 5 ns.
 */
#include "src/runtime/arch/x86_64/frame.h"

    CONTIG_FILE "src/runtime/arch/x86_64/entry.S"

    CONTIG_FUNCTION_RECORD __LINE__, contig_gostart, 0, 0
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    nop
    .globl contig_gostart_resume
    .hidden contig_gostart_resume
contig_gostart_resume:
    pop %rbp
    .cfi_def_cfa_offset 8
    .cfi_same_value %rbp    /* .cfi_restore would bring back the rules of the entry, not these */
    lea 8(%rsp), %rsp
    .cfi_undefined %rip     /* its return address is written again by the call */
    jmp contig_goexit
    END_FRAMELESS_FUNCTION contig_gostart
    .set .Lframe, 0
    .set .Lspan, 2
    CONTIG_SITE __LINE__, contig_gostart_resume, "", ""

/* Calls the first function, in rax, and ends the goroutine when that returns.  Its frame is the last: nothing called
 * it. */
    CONTIG_FUNCTION_RECORD __LINE__, contig_goexit, 0, 0
    .cfi_undefined %rip
    call 1f
    .globl contig_goexit_return
    .hidden contig_goexit_return
contig_goexit_return:
    call contig_exit
    ud2
1:  jmp *%rax
    END_FRAMELESS_FUNCTION contig_goexit
    .set .Lframe, 0
    .set .Lspan, 4
    CONTIG_SITE __LINE__, contig_goexit_return, "", "", SITE_BOTTOM

.macro REQUEST name, number
    .balign 16
    .globl \name
    .protected \name
    .type \name, @function
\name:
    .cfi_startproc
    mov $\number, %eax
    jmp contig_mcall
    .cfi_endproc
    .size \name, . - \name
.endm

    REQUEST contig_yield, REQUEST_YIELD
    REQUEST contig_park, REQUEST_PARK
    REQUEST contig_sleep, REQUEST_SLEEP
    REQUEST contig_exit, REQUEST_EXIT
    REQUEST contig_systemstack, REQUEST_CALL
    REQUEST contig_throw, REQUEST_THROW
    REQUEST contig_closechan, REQUEST_CLOSE
    REQUEST contig_deferproc, REQUEST_DEFER
    REQUEST contig_deferprocstack, REQUEST_DEFER_HERE
    REQUEST contig_deferreturn, REQUEST_DEFERRED
    REQUEST contig_panic_begin, REQUEST_PANIC
    REQUEST contig_panic_next, REQUEST_PANIC_NEXT
    REQUEST contig_recover, REQUEST_RECOVER

/* From the system stack, with the return address of the call where it was. */
.macro BACK_TO_GOROUTINE
    mov G_STACKGUARD(%rbx), %rdx
    mov %rdx, %fs:GUARD_TLS_OFFSET
    mov G_SCHED_SP(%rbx), %rsp
    push G_SCHED_PC(%rbx)
.endm

/* Calls a C function on the system stack: uint32_t function(struct g *, argument 0, argument 1).  It says
 *
 *      AT_ONCE_DONE      the goroutine goes on, with g.ret in rax
 *      AT_ONCE_WAITS     it waits, with its control words saved, and may be another thread's already
 *      else              nothing has changed: the scheduler is asked
 *
 * Meanwhile the goroutine is as stopped, but for its control words, under which the function runs.  rbx holds the
 * goroutine, r12 the M, r13 and r14 the arguments: no goroutine function keeps them. */
.macro AT_ONCE name, function, request
    .balign 16
    .globl \name
    .protected \name
    .type \name, @function
\name:
    .cfi_startproc
    mov contig_m@gottpoff(%rip), %r12
    mov %fs:(%r12), %r12
    mov M_CURG(%r12), %rbx
    lea 8(%rsp), %rax
    mov %rax, G_SCHED_SP(%rbx)
    mov (%rsp), %rax
    mov %rax, G_SCHED_PC(%rbx)
    mov %rbp, G_SCHED_BP(%rbx)
    movq $0, G_SCHED_CTXT(%rbx)
    mov %rdi, %r13
    mov %rsi, %r14
    mov %rsi, %rdx
    mov %rdi, %rsi
    mov %rbx, %rdi
    mov M_HOST_GUARD(%r12), %rax
    mov M_G0_SP(%r12), %rsp
    .cfi_undefined %rip
    mov %rax, %fs:GUARD_TLS_OFFSET
    sub $8, %rsp        /* m.g0_sp is 8 more than a multiple of 16 */
    call \function
    cmp $AT_ONCE_DONE, %eax
    jne 1f
    BACK_TO_GOROUTINE
    mov G_RET(%rbx), %rax
    ret
1:  cmp $AT_ONCE_WAITS, %eax
    jne 2f
    mov %r12, %rcx
    fnstcw (%rsp)
    mov (%rsp), %ax
    movl $REQUEST_SERVED, M_REQUEST(%rcx)
    jmp contig_leave_saved
2:  BACK_TO_GOROUTINE
    mov %r13, %rdi
    mov %r14, %rsi
    mov $\request, %eax
    jmp contig_mcall
    .cfi_endproc
    .size \name, . - \name
.endm

    AT_ONCE contig_chansend, contig_chan_send_at_once, REQUEST_SEND
    AT_ONCE contig_chanrecv, contig_chan_receive_at_once, REQUEST_RECEIVE
    AT_ONCE contig_selectgo, contig_chan_select_at_once, REQUEST_SELECT
