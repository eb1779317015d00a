/* leaves.h: functions outside of goroutine C that the checker knows by name.
 *
 * A leaf runs on the goroutine's stack: it takes at most OUTSIDE_BYTES of it, calls nothing, and keeps no address that
 * it is given; so it may get addresses of the stack, too.  Measured depth: 8 bytes.  Read by flow.c and, row by row,
 * by contig-cc, which makes a stub for each other function of libc. */
/* clang-format off */
#ifndef CONTIG_C_CHECK_LEAVES_H
#define CONTIG_C_CHECK_LEAVES_H

/* LEAF(name, returns_address): the result may be, or point into, what an argument points to. */
#define LEAVES(LEAF) \
    LEAF(memcpy, 1) \
    LEAF(memmove, 1) \
    LEAF(memset, 1) \
    LEAF(memcmp, 0) \
    LEAF(bcmp, 0) \
    LEAF(memchr, 1) \
    LEAF(strlen, 0) \
    LEAF(strchr, 1) \
    LEAF(strcmp, 0) \
    LEAF(strncmp, 0) \
    LEAF(contig_c_copy_arguments, 0) \
    LEAF(__errno_location, 0) \
    LEAF(__ctype_b_loc, 0) \
    LEAF(__ctype_tolower_loc, 0) \
    LEAF(__ctype_toupper_loc, 0)

/* Functions outside that do not return, but for a prefix of contig-cc's. */
#define STUB_PREFIX "contig_c_stub_"
#define NO_RETURN_NAMES \
    "abort", "exit", "_exit", "_Exit", "quick_exit", "longjmp", "_longjmp", "siglongjmp", "__longjmp_chk", \
    "__assert_fail", "__stack_chk_fail", "pthread_exit", "contig_c_longjmp", "contig_c_exit", \
    "contig_c_panicked", "contig_c_throw"

#define SETJMP_NAMES "setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "contig_c_setjmp"

#endif
