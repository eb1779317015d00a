/* bodies_x86_64.S: the goroutine functions of bodies.h.
 *
 * As in src/bodies/x86_64, only rsp and rbp live over a call; slot numbers name words from rsp up. */
#include "bench/bodies.h"
#include "src/bodies/x86_64/fib.h"
#include "src/bodies/x86_64/slots.h"

    CONTIG_FILE "bench/bodies_x86_64.S"

    FUNCTION bench_count, 16
    incq BENCH_RESULT(%rdx)
    RETURN
    END_FUNCTION bench_count

    FUNCTION bench_spawn, 32
    mov %rdx, SLOT(1)
    mov BENCH_ROUNDS(%rdx), %rax
    mov %rax, SLOT(0)
1:  subq $1, SLOT(0)
    jb 2f
    mov SLOT(1), %rsi
    mov BENCH_CALL(%rsi), %rdi
    CALL contig_systemstack
    CALL contig_yield
    jmp 1b
2:  RETURN
    END_FUNCTION bench_spawn

/* ---- channels ----
 * slots: 0-1 unused   2 body   3 rounds left, which is what is sent   4 the word
 *        5-10 two cases {channel, slot, sends}   11 unused
 */
.macro CHANNEL_LOOP name
    FUNCTION \name, 96
    mov %rdx, SLOT(2)
    mov BENCH_ROUNDS(%rdx), %rax
    mov %rax, SLOT(3)
1:  mov SLOT(2), %rdx
.endm

.macro END_CHANNEL_LOOP name
    subq $1, SLOT(3)
    jnz 1b
    RETURN
    END_FUNCTION \name
.endm

.macro SEND channel
    mov BENCH_CHANNELS + 8 * \channel(%rdx), %rdi
    lea SLOT(3), %rsi
    CALL contig_chansend
.endm

.macro ADD_WORD
    mov SLOT(2), %rdx
    mov SLOT(4), %rax
    add %rax, BENCH_RESULT(%rdx)
.endm

    CHANNEL_LOOP bench_send
    SEND 0
    END_CHANNEL_LOOP bench_send

    CHANNEL_LOOP bench_send_both
    SEND 0
    subq $1, SLOT(3)
    mov SLOT(2), %rdx
    SEND 1
    END_CHANNEL_LOOP bench_send_both

    CHANNEL_LOOP bench_receive
    mov BENCH_CHANNELS(%rdx), %rdi
    lea SLOT(4), %rsi
    CALL contig_chanrecv
    ADD_WORD
    END_CHANNEL_LOOP bench_receive

    CHANNEL_LOOP bench_select
    lea SLOT(4), %rcx
    mov BENCH_CHANNELS(%rdx), %rax
    mov %rax, SLOT(5)
    mov %rcx, SLOT(6)
    movq $0, SLOT(7)
    mov BENCH_CHANNELS + 8(%rdx), %rax
    mov %rax, SLOT(8)
    mov %rcx, SLOT(9)
    movq $0, SLOT(10)
    lea SLOT(5), %rdi
    mov $2, %esi
    CALL contig_selectgo, "6,9"
    ADD_WORD
    END_CHANNEL_LOOP bench_select

/* ---- recursion ----
 * arguments: 0 pointer to the caller's slot 5   1 levels left   2 body
 * slots:     0-2 outgoing   5 levels left   6-25 with `dense`: copies of the pointer to slot 5
 */
.macro LEVEL name, next, locals, pointers="0", dense
    FUNCTION \name, \locals, 3, "0"
    mov ARGUMENT(1), %rax
    mov ARGUMENT(2), %rdx
    mov %rax, SLOT(5)
    lea SLOT(5), %rcx
    .ifnb \dense
    .irp slot, \dense
    mov %rcx, SLOT(\slot)
    .endr
    .endif
    sub $1, %rax
    jb 2f
    mov %rcx, SLOT(0)
    mov %rax, SLOT(1)
    mov %rdx, SLOT(2)
    CONTIG_CALL __LINE__, \next, "\pointers"
1:  mov ARGUMENT(0), %rcx
    mov ARGUMENT(1), %rax
    inc %rax
    cmp %rax, (%rcx)
    jne 9f
    mov ARGUMENT(2), %rdx
    incq BENCH_RESULT(%rdx)
    RETURN
2:  cmpq $BENCH_PARK_DEEPEST, BENCH_PARK(%rdx)
    jne 1b
    mov %rcx, SLOT(0)
    mov $1, %edi
    CONTIG_CALL __LINE__, contig_park, "\pointers"
    jmp 1b
9:  lea .Llost_pointer(%rip), %rdi
    xor %esi, %esi
    CONTIG_CALL __LINE__, contig_throw
    ud2
    END_FUNCTION \name
.endm

    .pushsection .rodata
.Llost_pointer:
    .asciz "bench: a pointer to the caller's slot does not point to it"
    .popsection

/* slots: 0-2 outgoing   4 rounds left   5 levels + 1   6 body */
.macro RECURSION name, first
    FUNCTION \name, 64
    mov %rdx, SLOT(6)
    mov BENCH_ROUNDS(%rdx), %rax
    mov %rax, SLOT(4)
1:  subq $1, SLOT(4)
    jb 2f
    mov SLOT(6), %rdx
    mov %rdx, SLOT(2)
    mov BENCH_LEVELS(%rdx), %rax
    mov %rax, SLOT(1)
    inc %rax
    mov %rax, SLOT(5)
    POINT 0, 5
    CONTIG_CALL __LINE__, \first, "0"
    jmp 1b
2:  mov SLOT(6), %rdx
    cmpq $BENCH_PARK_LAST, BENCH_PARK(%rdx)
    jne 3f
    mov $1, %edi
    CONTIG_CALL __LINE__, contig_park
3:  RETURN
    END_FUNCTION \name
.endm

#define LOCALS_12 80  /* and the saved frame pointer, and the return address */
#define LOCALS_40 304

    LEVEL level_12, level_12, LOCALS_12
    RECURSION bench_12, level_12

    LEVEL level_40, level_40, LOCALS_40
    RECURSION bench_40, level_40

    LEVEL level_40_dense, level_40_dense, LOCALS_40, \
        "0,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25", \
        "6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25"
    RECURSION bench_40_dense, level_40_dense

    LEVEL turn_0, turn_1, LOCALS_12
    LEVEL turn_1, turn_2, LOCALS_12
    LEVEL turn_2, turn_3, LOCALS_12
    LEVEL turn_3, turn_4, LOCALS_12
    LEVEL turn_4, turn_5, LOCALS_12
    LEVEL turn_5, turn_6, LOCALS_12
    LEVEL turn_6, turn_7, LOCALS_12
    LEVEL turn_7, turn_8, LOCALS_12
    LEVEL turn_8, turn_9, LOCALS_12
    LEVEL turn_9, turn_10, LOCALS_12
    LEVEL turn_10, turn_11, LOCALS_12
    LEVEL turn_11, turn_12, LOCALS_12
    LEVEL turn_12, turn_13, LOCALS_12
    LEVEL turn_13, turn_14, LOCALS_12
    LEVEL turn_14, turn_15, LOCALS_12
    LEVEL turn_15, turn_0, LOCALS_12
    RECURSION bench_12_turns, turn_0

/* ---- frames as compiled C has them: no saved frame pointer, and no word that is a pointer into the stack ----
 * Made to be moved from outside: no room is asked for but by bench_bare.
 */
.macro BARE name, next
    CONTIG_FUNCTION_RECORD __LINE__, \name, 72, 0
    sub $72, %rsp
    .cfi_adjust_cfa_offset 72
    mov %rdx, (%rsp)
    mov $1, %edi
    call \next
.Lreturn_\name:
    mov (%rsp), %rdx
    incq BENCH_RESULT(%rdx)
    add $72, %rsp
    .cfi_adjust_cfa_offset -72
    ret
    END_FRAMELESS_FUNCTION \name
    .set .Largument_mask, 0
    .set .Lframe, 8
    .set .Lspan, 10
    CONTIG_SITE __LINE__, .Lreturn_\name, "", "", SITE_BARE
.endm

    BARE bare_0, contig_park
    BARE bare_1, bare_0
    BARE bare_2, bare_1
    BARE bare_3, bare_2
    BARE bare_4, bare_3
    BARE bare_5, bare_4
    BARE bare_6, bare_5
    BARE bare_7, bare_6
    BARE bare_8, bare_7
    BARE bare_9, bare_8
    BARE bare_10, bare_9
    BARE bare_11, bare_10
    BARE bare_12, bare_11
    BARE bare_13, bare_12
    BARE bare_14, bare_13
    BARE bare_15, bare_14
    BARE bare_16, bare_15

    FUNCTION bare_room, 1600
    RETURN
    END_FUNCTION bare_room

    FUNCTION bench_bare, 16
    mov %rdx, SLOT(1)
    CALL bare_room
    mov SLOT(1), %rdx
    CALL bare_16
    RETURN
    END_FUNCTION bench_bare

/* ---- frames of other sizes, and with more pointers ---- */
#define LOCALS_OF(words) (8 * (words) - 16)

/* arguments, slots: 0 levels left   1 body */
.macro PLAIN_RECURSION name, first
    FUNCTION \name, 32
    mov BENCH_LEVELS(%rdx), %rax
    mov %rax, SLOT(0)
    mov %rdx, SLOT(1)
    CONTIG_CALL __LINE__, \first
    RETURN
    END_FUNCTION \name
.endm

    FUNCTION level_words_4, LOCALS_OF(4), 2
    mov ARGUMENT(0), %rax
    mov ARGUMENT(1), %rdx
    sub $1, %rax
    jb 2f
    mov %rax, SLOT(0)
    mov %rdx, SLOT(1)
    CALL level_words_4
1:  mov ARGUMENT(1), %rdx
    incq BENCH_RESULT(%rdx)
    RETURN
2:  cmpq $BENCH_PARK_DEEPEST, BENCH_PARK(%rdx)
    jne 1b
    mov $1, %edi
    CALL contig_park
    jmp 1b
    END_FUNCTION level_words_4
    PLAIN_RECURSION bench_words_4, level_words_4

.macro SIZE name, words, pointers="0", dense
    LEVEL level_\name, level_\name, LOCALS_OF(\words), "\pointers", "\dense"
    RECURSION bench_\name, level_\name
.endm

    SIZE words_8, 8
    SIZE words_16, 16
    SIZE words_32, 32
    SIZE words_64, 64
    SIZE words_128, 128
    SIZE words_256, 256
    SIZE words_512, 512

    SIZE pointers_2, 64
    SIZE pointers_16, 64, \
        "0,6,7,8,9,10,11,12,13,14,15,16,17,18,19", \
        "6,7,8,9,10,11,12,13,14,15,16,17,18,19"
    SIZE pointers_32, 64, \
        "0,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35", \
        "6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35"
    SIZE pointers_48, 64, \
        "0,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,\
         35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51", \
        "6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,\
         36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51"
    SIZE pointers_58, 64, \
        "0,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,\
         35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61", \
        "6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,\
         36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61"

/* ---- a leaf that is called again and again from where it may not fit ---- */
    FUNCTION hot_leaf, 256
    movq $0, SLOT(3)
    RETURN
    END_FUNCTION hot_leaf

    FUNCTION hot_level, 48, 2
    mov ARGUMENT(0), %rax
    mov ARGUMENT(1), %rdx
    sub $1, %rax
    jb 1f
    mov %rax, SLOT(0)
    mov %rdx, SLOT(1)
    CALL hot_level
    RETURN
1:  mov BENCH_ROUNDS(%rdx), %rax
    mov %rax, SLOT(0)
2:  subq $1, SLOT(0)
    jb 3f
    CALL hot_leaf
    jmp 2b
3:  RETURN
    END_FUNCTION hot_level
    PLAIN_RECURSION bench_hot, hot_level

/* ---- fib, with the check and without ---- */
/* What FUNCTION writes, but for the comparison with the guard. */
.macro UNCHECKED name, locals
    CONTIG_FUNCTION_RECORD __LINE__, \name, (\locals) + 8, 1
    CONTIG_FRAME_MAKE \locals
    .set .Largument_mask, 0
    .set .Lframe, (\locals) / 8
    .set .Lspan, .Lframe + 3
.endm

/* So many bytes after a cache line begins: how the branches lie in it can cost more than the check. */
.macro FIB place
    .balign 64
    .if \place
    .skip \place
    .endif
    FUNCTION fib_checked_\place, 32, 1
    FIB_STEP __LINE__, fib_checked_\place
    RETURN
    END_FUNCTION fib_checked_\place

    FIB_BODY __LINE__, bench_fib_\place, fib_checked_\place, BENCH_LEVELS, BENCH_RESULT

    .balign 64
    .if \place
    .skip \place
    .endif
    UNCHECKED fib_unchecked_\place, 32
    FIB_STEP __LINE__, fib_unchecked_\place
    RETURN
    END_FRAMELESS_FUNCTION fib_unchecked_\place

    UNCHECKED bench_fib_unchecked_\place, 32
    mov %rdi, SLOT(0)
    CALL fib_unchecked_\place
    RETURN
    END_FRAMELESS_FUNCTION bench_fib_unchecked_\place
.endm

    FIB 0
    FIB 16
    FIB 32
    FIB 48
