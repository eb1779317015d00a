/* offsets.h: where the assembly of this folder finds the fields of struct body (bodies.h asserts that they match). */
#ifndef CONTIG_BODIES_OFFSETS_H
#define CONTIG_BODIES_OFFSETS_H

#define BODY_ARGUMENT 0
#define BODY_RESULT 8
#define BODY_CALL 16
#define BODY_LEVELS 24
#define BODY_IDENTITY 32
#define BODY_MOVED 40
#define BODY_WALKS 48

#define CHANNELS_KIND 0
#define CHANNELS_CHANNEL 8
#define CHANNELS_VALUE 16
#define CHANNELS_RESULT 24
#define CHANNELS_COUNT 32
#define CHANNELS_CASES 40

#define CHANNELS_SEND 0
#define CHANNELS_RECEIVE 1
#define CHANNELS_SELECT 2
#define CHANNELS_CLOSE 3
#define CHANNELS_RECURSE 4
#define CHANNELS_SLEEP 5 /* so many nanoseconds as the value says */

#endif
