/* layout.h: where the assembly finds the fields of struct m and struct g, and what it asks the scheduler for.
 *
 * The only knowledge that C and assembly share.  Every offset is checked against the C structures by static
 * assertions in src/runtime/layout_check.c.  Included by the .S files of this folder and by runtime.h. */
#ifndef CONTIG_ARCH_X86_64_LAYOUT_H
#define CONTIG_ARCH_X86_64_LAYOUT_H

/* struct g */
#define G_SCHED_SP 16
#define G_SCHED_PC 24
#define G_SCHED_BP 32
#define G_SCHED_CTXT 40
#define G_STACKGUARD 56
#define G_RET 64
#define G_MXCSR 72
#define G_FPU_CONTROL 76

/* struct m */
#define M_G0_SP 0
#define M_CURG 8
#define M_REQUEST 16
#define M_MXCSR 20
#define M_FPU_CONTROL 24
#define M_ARGUMENT_0 32
#define M_ARGUMENT_1 40
#define M_HOST_GUARD 48

/* Where a prologue finds the guard: the word that gcc's and clang's split-stack prologues compare with, so
 * that assembly and compiled C share one check (glibc: tcbhead_t.__private_ss). */
#define GUARD_TLS_OFFSET 0x70

/* A row of contig_functions. */
#define FUNCTION_RECORD_BYTES 28

/* Kinds of rows in contig_sites. */
#define SITE_FRAMED 0 /* saves %rbp below its return address */
#define SITE_BOTTOM 1 /* the goroutine's first frame */
#define SITE_BARE 2   /* compiled C: saves no frame pointer there */

/* What a goroutine wants when contig_execute returns. */
#define REQUEST_MORESTACK 1 /* its prologue found too little stack */
#define REQUEST_YIELD 2     /* go to the end of the run queue */
#define REQUEST_PARK 3      /* wait until contig_ready; argument 0: an enum contig_wait_reason */
#define REQUEST_EXIT 4      /* the goroutine is done */
#define REQUEST_CALL 5      /* run the C function argument 0 with argument 1 on the system stack */
#define REQUEST_THROW 6     /* end the goroutine with an error; argument 0: address of a C string */
#define REQUEST_SEND 7      /* argument 0: a channel, argument 1: address of the slot */
#define REQUEST_RECEIVE 8   /* the same */
#define REQUEST_SELECT 9 /* argument 0: address of the cases, argument 1: their number and flags */
#define REQUEST_CLOSE 10 /* argument 0: a channel */
#define REQUEST_DEFER 11 /* argument 0: a goroutine function, argument 1: its context */
#define REQUEST_DEFER_HERE 12 /* argument 0: address of a record in the caller's frame */
#define REQUEST_DEFERRED 13   /* the youngest deferred call of the caller */
#define REQUEST_PANIC 14      /* argument 0: address of the panic's record */
#define REQUEST_PANIC_NEXT 15 /* the next deferred call of a goroutine that panics */
#define REQUEST_RECOVER 16    /* argument 0: address of a slot for the value, or 0 */
#define REQUEST_SERVED 17     /* nothing more: it is queued or over already */
#define REQUEST_SLEEP 18      /* wait for a time; argument 0: nanoseconds */

/* What a C function of entry.S says that was called at once: the goroutine goes on, or waits. */
#define AT_ONCE_DONE 0
#define AT_ONCE_WAITS 1

#endif
