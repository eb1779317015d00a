/* threads.c: which threads are in the middle of something.
 *
 * Keeps: num_busy is the number of threads with counted_busy.  Called by shared.h's files, the rules and replay.c. */
#include "src/conform/state.h"

void recount_busy(struct replay *replay, uint32_t id)
{
    struct thread *thread = &replay->threads[id];
    bool in_step = thread->step != STEP_NONE && thread->step != STEP_FREESPANS;
    bool busy = in_step || thread->intent != INTENT_NONE || thread->span_due != NO_ID ||
                thread->span_new != NO_ID;

    if (busy && !thread->counted_busy)
        replay->num_busy++;
    if (!busy && thread->counted_busy)
        replay->num_busy--;
    thread->counted_busy = busy;
}
