/* channels.h: a body's channel operations: their code, and what is done around the runtime's part of them.
 *
 * Called by body.c and compile.c. */
#ifndef CONTIG_FRAMES_CHANNELS_H
#define CONTIG_FRAMES_CHANNELS_H

#include <stdbool.h>

#include "src/script/operations.h"

/* Before the first function, and before each body. */
void frames_offers_begin(void);
void frames_cases_begin(void);

/* False: the operation is none on a channel that only a body can do. */
bool frames_channels_compile(struct operation operation);

#endif
