/* bare.h: what rbp is in a bare frame, and at its borders.
 *
 *      return address
 *      the caller's rbp        data, in the place of a saved frame pointer
 *      context
 *      rbp's word              data: an address in the frame or beside it, when the body began
 *      unused
 *      slots of the script     integers
 *
 * As in compiled C rbp is any register, and so that it carries no pointer, who enters another kind of frame or the
 * runtime makes it 0 and loads it again behind the call (src/c/arch/x86_64/adapters.S does the same).
 * Called by body.c, channels.c and compile.c. */
#ifndef CONTIG_FRAMES_BARE_H
#define CONTIG_FRAMES_BARE_H

#include <stdbool.h>

/* When the frame is made. */
void frames_register_begin(void);

/* The code leaves the body if rbp does not hold its word. */
void frames_register_check(void);

/* Before a call in which the goroutine may stop, and behind it; `bare`: the callee is a bare function. */
void frames_border_leave(bool bare);
void frames_border_return(bool bare);

#endif
