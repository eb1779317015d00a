/* status.h: how an operation of the core ended.
 *
 * Every status but STACK_OK means that nothing has changed (ERR-1).  Returned by value by all of src/core. */
#ifndef CONTIG_CORE_STATUS_H
#define CONTIG_CORE_STATUS_H

enum stack_status {
    STACK_OK = 0,
    /* not a power of two, 0, below the fixed size, or above the largest block */
    STACK_BAD_SIZE,
    STACK_NO_MEMORY,   /* the arena has no block left that is large enough */
    STACK_BAD_ADDRESS, /* no live stack of that size begins at that address */
    /* a frame is malformed: unknown pc, frame past the end, frame pointer off the stack */
    STACK_BAD_FRAME,
    STACK_STALE_POINTER, /* a live slot points into the unused part of its own stack */
    /* no size up to the maximum holds the frame and the guard: stack overflow */
    STACK_TOO_LARGE,
    STACK_BAD_SITE, /* the site table is malformed or full */
    /* a pointer outside of the frames is stale, or a slot or bound crosses the end of its stack */
    STACK_BAD_OUTSIDE,
};

#endif
