/* shadow.h: between the compiler of frames and their shadows. */
#ifndef CONTIG_FRAMES_SHADOW_H
#define CONTIG_FRAMES_SHADOW_H

#include "src/frames/frames.h"

/* shadow.c: addresses for the shadows of all goroutines that a script may have. */
bool shadows_map(char *message);

/* compile.c: the slots that hold something when code stops at this site: a count, then numbers.  NULL: the site is none
 * that was compiled. */
const uint32_t *made_slots(int32_t site);

#endif
