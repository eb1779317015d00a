/* channels.S: a goroutine that sends, receives, selects and closes as C tells it.  See bodies.h. */
#include "src/bodies/x86_64/slots.h"

    CONTIG_FILE "src/bodies/x86_64/channels.S"

/* Recursion, so that the stack grows.  argument: 0 levels left */
    FUNCTION channels_down, 96, 1
    mov ARGUMENT(0), %rax
    sub $1, %rax
    jbe 1f
    mov %rax, SLOT(0)
    CALL channels_down
1:  RETURN
    END_FUNCTION channels_down

/* ---- channels: does one operation after the other ----
 * slots:     0 outgoing   1 body   2 pointer to slot 3   3 magic: the address of the body   4 the element
 *            5 operation   6-17 four cases {channel, slot, sends}   18-21 their elements   22-23 unused
 */
#define LIVE "2"
#define CASE_SLOTS "7,10,13,16"
    FUNCTION body_channels, 192
    mov %rdx, SLOT(1)
    mov %rdx, SLOT(3)
    POINT 2, 3
1:  mov SLOT(1), %rsi
    mov BODY_CALL(%rsi), %rdi
    CALL contig_systemstack, LIVE
    test %rax, %rax
    jz 9f
    mov %rax, SLOT(5)
    mov CHANNELS_VALUE(%rax), %rcx
    mov %rcx, SLOT(4)
    mov CHANNELS_CHANNEL(%rax), %rdi
    lea SLOT(4), %rsi
    mov CHANNELS_KIND(%rax), %ecx
    cmp $CHANNELS_RECEIVE, %ecx
    je 2f
    cmp $CHANNELS_SELECT, %ecx
    je 3f
    cmp $CHANNELS_CLOSE, %ecx
    je 4f
    cmp $CHANNELS_RECURSE, %ecx
    je 5f
    cmp $CHANNELS_SLEEP, %ecx
    je 7f
    CALL contig_chansend, LIVE
    jmp 6f
2:  CALL contig_chanrecv, LIVE
    jmp 6f
3:  .irp k, 0, 1, 2, 3
    mov CHANNELS_CASES + 24 * \k(%rax), %rcx
    mov %rcx, SLOT(6 + 3 * \k)
    mov CHANNELS_CASES + 24 * \k + 8(%rax), %rcx
    mov %rcx, SLOT(18 + \k)
    lea SLOT(18 + \k), %rcx
    mov %rcx, SLOT(7 + 3 * \k)
    mov CHANNELS_CASES + 24 * \k + 16(%rax), %rcx
    mov %rcx, SLOT(8 + 3 * \k)
    .endr
    lea SLOT(6), %rdi
    mov CHANNELS_COUNT(%rax), %rsi
    CALL contig_selectgo, LIVE, CASE_SLOTS
    mov SLOT(5), %rcx
    .irp k, 0, 1, 2, 3
    mov SLOT(18 + \k), %rdx
    mov %rdx, CHANNELS_CASES + 24 * \k + 8(%rcx)
    .endr
    jmp 6f
4:  CALL contig_closechan, LIVE
    jmp 6f
5:  mov CHANNELS_COUNT(%rax), %rcx
    mov %rcx, SLOT(0)
    CALL channels_down, LIVE
    jmp 6f
7:  mov SLOT(4), %rdi
    CALL contig_sleep, LIVE
6:  mov SLOT(5), %rcx
    mov %rax, CHANNELS_RESULT(%rcx)
    mov SLOT(4), %rax
    mov %rax, CHANNELS_VALUE(%rcx)
    mov SLOT(2), %rcx
    lea SLOT(3), %rax
    cmp %rax, %rcx
    jne 8f
    mov SLOT(1), %rax
    cmp %rax, (%rcx)
    je 1b
8:  FAIL "channels: the pointer to the own slot does not point to it"
9:  RETURN
    END_FUNCTION body_channels
