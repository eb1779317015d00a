/* channel_check.h: are the tables of channels as they must be?
 *
 * Looks at every row and every channel below the bounds that it is given, once.  Whatever the tables hold, it ends and
 * reads nothing else.  CHECK-6.  Called by the runtime after operations, with options.check. */
#ifndef CONTIG_CORE_CHAN_CHANNEL_CHECK_H
#define CONTIG_CORE_CHAN_CHANNEL_CHECK_H

#include "src/core/chan/channel.h"

#include "spec/checked_channels.acsl"

/* CHECK-6: rows from `rows` on, and channels from `channels` on, were never used. */
/*@ requires bounds:   rows <= WAIT_ROWS_MAX && channels <= CHANNELS_MAX;
    assigns  \nothing;
    exits    \false;
    ensures  decides:  \result <==> channels_checked(rows, channels); */
bool channels_ok(uint32_t rows, uint32_t channels);

#endif
