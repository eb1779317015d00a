/* shadow.h: what the compiler of frames, their shadows and the records outside of the stack know of each other.
 *
 * Called by the other files of src/frames. */
#ifndef CONTIG_FRAMES_SHADOW_H
#define CONTIG_FRAMES_SHADOW_H

#include "src/frames/frames.h"

/* shadow.c: addresses for the shadows of all goroutines that a script may have. */
bool frames_shadows_map(char *message);

/* shadow.c: what an address in g's stack is in its shadow; any other word is itself. */
uint64_t frames_shadow_of(const struct g *g, const struct frame_context *context, uint64_t address);

/* shadow.c: the word and its shadow agree, as frames_check_word says. */
bool frames_word_agrees(uint64_t address, uint64_t shadow);

/* records.c: on the system stack, for the compiled code of the running goroutine.  Offsets in bytes from slot 0. */
uint64_t frames_wait(uint64_t slot);
uint64_t frames_defer(uint64_t slot);
uint64_t frames_defer_here(uint64_t slot_and_record); /* the record's offset in the high half */
/* 0, or 1: a record or its slot is not what it was */
uint64_t frames_run_deferred(uint64_t unused);

/* compile.c: of the script that is being compiled, or runs. */
extern const struct frame_hooks *frames_hooks;

/* records.c: the goroutine that has this stack. */
struct frame_context *frames_context_of(const struct g *g);

/* channels.c: the part of frames_model that is about slots that wait for a channel. */
const char *frames_offer_model(const struct g *g, const struct frame_context *context);

/* records.c: the part of frames_model that is not in frames. */
const char *frames_outside_model(const struct g *g, const struct frame_context *context);

/* maps.c: the slots that hold something when code stops at this site: a count, then numbers.  NULL: the site is none
 * that was compiled. */
const uint32_t *frames_made_slots(int32_t site);

#endif
