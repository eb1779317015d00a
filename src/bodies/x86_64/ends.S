/* ends.S: functions that switch or end: one switch, many, a return, no end, a bad return address.  See bodies.h. */
#include "src/bodies/x86_64/slots.h"

    CONTIG_FILE "src/bodies/x86_64/ends.S"

/* ---- one switch ---- */
    FUNCTION body_park, 32
    mov %rdx, SLOT(2)
    mov %rdx, SLOT(1)
    POINT 0, 1
    mov $1, %edi
    CALL contig_park, pointers="0"
    mov SLOT(0), %rcx
    lea SLOT(1), %rax
    cmp %rax, %rcx
    jne 9f
    mov (%rcx), %rdx
    cmp %rdx, SLOT(2)
    jne 9f
    incq BODY_RESULT(%rdx)
    RETURN
9:  FAIL "park: the pointer to the own slot does not point to it"
    END_FUNCTION body_park

    FUNCTION body_yield, 32
    mov BODY_ARGUMENT(%rdx), %rax
    mov %rax, SLOT(0)
1:  subq $1, SLOT(0)
    jb 2f
    CALL contig_yield
    jmp 1b
2:  RETURN
    END_FUNCTION body_yield

    FUNCTION body_return, 16
    RETURN
    END_FUNCTION body_return

    FUNCTION body_busy, 32
    mov %rdx, SLOT(0)
1:  CALL body_return
    mov SLOT(0), %rdx
    cmpq $0, BODY_ARGUMENT(%rdx)
    jne 1b
    RETURN
    END_FUNCTION body_busy

    FUNCTION endless, 96
    POINT 3, 5
    CALL endless, pointers="3"
    RETURN
    END_FUNCTION endless

    FUNCTION body_overflow, 32
    CALL endless
    RETURN
    END_FUNCTION body_overflow

/* ---- corrupt: the return address of the caller becomes `argument` of the body ---- */
    FUNCTION corrupt_caller, 32, 1
    mov ARGUMENT(0), %rdx
    mov BODY_ARGUMENT(%rdx), %rax
    mov (%rbp), %rcx
    mov %rax, 8(%rcx)
    CALL endless
    RETURN
    END_FUNCTION corrupt_caller

    FUNCTION corrupt, 32, 1
    mov ARGUMENT(0), %rdx
    mov %rdx, SLOT(0)
    CALL corrupt_caller
    RETURN
    END_FUNCTION corrupt

    FUNCTION body_corrupt, 32
    mov %rdx, SLOT(0)
    CALL corrupt
    RETURN
    END_FUNCTION body_corrupt
