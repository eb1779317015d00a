/* channels.h: what Go's specification says of channels, once more, in its own words; and the runtime is held to it.
 *
 * ORACLE channels: each operation proceeds if it can and waits if it cannot, the one that waits longest is served
 * first, what is received is what was sent, a select takes a case that can proceed, and a close wakes everybody.
 * Called by run.c, before and after each operation. */
#ifndef CONTIG_HARNESS_CHANNELS_H
#define CONTIG_HARNESS_CHANNELS_H

#include "src/frames/frames.h"

/* `found` gets what is wrong.  With `unmap` nothing beside a stack can be touched.  `waits` is how many slots may wait
 * until the core has no number for another one; 0: all.  No goroutine waits yet. */
void channels_begin(bool unmap, uint32_t waits, void (*found)(const char *wrong));

/* Operations of the script that no goroutine does: makes a channel, closes one. */
void channels_make(uint32_t capacity);
void channels_close(uint8_t operand);

/* The hooks of compiled code, with the number of the goroutine that runs. */
bool channels_offer_begins(uint32_t number, struct frame_context *context);
void channels_offer_ended(uint32_t number);

/* After a move of its stack. */
void channels_moved(uint32_t number);

/* A goroutine panicked. */
void channels_panicked(uint32_t number);

/* Whenever an operation of the script is over: who waits should wait, and who was served can run. */
void channels_look(void);

bool channels_waits(uint32_t number);
/* How many wait for a channel. */
uint32_t channels_waiting(void);
/* Closes every channel, so that whoever waits for one goes on. */
void channels_close_all(void);
/* Frees those that nobody waits for, at the end. */
void channels_free_all(void);

#endif
