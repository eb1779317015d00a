/* call.c: which functions of contig.h may be called when, and the program's callbacks.
 *
 * A callback comes in the middle of an operation: what would change the thing being operated on is refused.  CALL-1,
 * CALL-2. */
#include "src/runtime/runtime.h"

bool contig_call_allowed_or_say(const char *call, enum call_need need)
{
    const char *why = contig_call_refusal(need);
    if (why != NULL)
        fprintf(contig_sched.started ? contig_sched.options.report : stderr,
                "contig: %s was called %s: nothing is done\n", call, why);
    return why == NULL;
}

static enum callback_kind enter(enum callback_kind kind)
{
    enum callback_kind outer = contig_m->callback;
    contig_m->callback = kind;
    return outer;
}

static void moving(uint64_t id)
{
    enum callback_kind outer = enter(CALLBACK_STACK);
    contig_sched.wanted.moving(id);
    contig_m->callback = outer;
}

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    enum callback_kind outer = enter(CALLBACK_STACK);
    contig_sched.wanted.moved(id, old_bytes, new_bytes, used_bytes);
    contig_m->callback = outer;
}

static void ended(uint64_t id, enum contig_error error)
{
    enum callback_kind outer = enter(CALLBACK_ENDED);
    contig_sched.wanted.ended(id, error);
    contig_m->callback = outer;
}

static void taken(uint64_t low, uint64_t bytes)
{
    enum callback_kind outer = enter(CALLBACK_STACK);
    contig_sched.wanted.taken(low, bytes);
    contig_m->callback = outer;
}

static void given(uint64_t low, uint64_t bytes)
{
    enum callback_kind outer = enter(CALLBACK_STACK);
    contig_sched.wanted.given(low, bytes);
    contig_m->callback = outer;
}

void contig_callbacks_wrap(void)
{
    struct contig_options *options = &contig_sched.options;
    contig_sched.wanted = *options;
    options->moving = options->moving == NULL ? NULL : moving;
    options->moved = options->moved == NULL ? NULL : moved;
    options->ended = options->ended == NULL ? NULL : ended;
    options->taken = options->taken == NULL ? NULL : taken;
    options->given = options->given == NULL ? NULL : given;
}

bool contig_look_begin(const char *call, uint64_t id)
{
    if (!contig_threads)
        return true;
    if (contig_m != NULL && contig_m->moves != NULL && contig_m->moves->id == id)
        return true;
    if (!contig_call_allowed_or_say(call, CALL_LOOKS))
        return false;
    contig_world_stop();
    return true;
}

void contig_look_end(void)
{
    if (contig_threads && contig_m->callback != CALLBACK_STACK)
        contig_world_go_on();
}
