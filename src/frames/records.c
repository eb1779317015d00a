/* records.c: what compiled frames have outside of their stack: deferred calls, and the slot that waits for a word.
 *
 *   deferred call      its frame's stack pointer, topmost local and one slot; the record is in memory, or lies in six
 *                      slots of the frame; linked from the youngest to the oldest
 *   channel operation  the slot that another goroutine writes
 *
 * Keeps a shadow of every record, in which an address in the stack is one in the shadow: a move relocates the record
 * and not its shadow, so that the two tell whether it did.  OUTSIDE-1..OUTSIDE-4.
 * Called by compiled code, on the system stack, and by the model. */
#include <stddef.h>

#include "src/frames/shadow.h"

struct frame_context *frames_context_of(const struct g *g)
{
    return (struct frame_context *)(void *)((char *)contig_g_stack(g)->outside -
                                            offsetof(struct frame_context, outside));
}

static struct defer *record_at(uint64_t address)
{
    return (struct defer *)(uintptr_t)address;
}

/* Where the shadow of a record is, given the shadow of its address. */
static struct defer *record_shadow(struct frame_context *context, uint64_t shadow)
{
    uint64_t index = (shadow - (uint64_t)(uintptr_t)context->records) / sizeof *context->records;
    return index < FRAME_DEFERS_MAX ? &context->record_shadows[index] : record_at(shadow);
}

uint64_t frames_wait(uint64_t slot)
{
    const struct g *g = contig_g_running();
    struct frame_context *context = frames_context_of(g);
    uint64_t address = contig_g_stack(g)->sched.sp + slot;
    context->waiting = (struct sudog){.element = {.vu = address, .vp = address}, .size = 8};
    context->outside.sudogs_count = 1;
    context->waits_for = frames_shadow_of(g, context, address);
    return 0;
}

/* The youngest record is this one now. */
static void record_push(const struct g *g, uint64_t address, uint64_t slot)
{
    struct frame_context *context = frames_context_of(g);
    const struct gobuf *at = &contig_g_stack(g)->sched;
    uint64_t shadow = frames_shadow_of(g, context, address);
    *record_at(address) = (struct defer){.sp = at->sp,
                                         .varp = at->bp - 8,
                                         .function = at->pc,
                                         .link = context->outside.first_defer,
                                         .function_data = at->sp + slot};
    *record_shadow(context, shadow) = (struct defer){
        .sp = frames_shadow_of(g, context, at->sp),
        .varp = frames_shadow_of(g, context, at->bp - 8),
        .function = at->pc,
        .link = context->first_shadow,
        .function_data = frames_shadow_of(g, context, at->sp + slot),
    };
    context->outside.first_defer = address;
    context->first_shadow = shadow;
}

uint64_t frames_defer(uint64_t slot)
{
    const struct g *g = contig_g_running();
    struct frame_context *context = frames_context_of(g);
    if (context->outside.defers_count < FRAME_DEFERS_MAX)
        record_push(g, (uint64_t)(uintptr_t)&context->records[context->outside.defers_count++],
                    slot);
    return 0;
}

uint64_t frames_defer_here(uint64_t slot_and_record)
{
    const struct g *g = contig_g_running();
    record_push(g, contig_g_stack(g)->sched.sp + (slot_and_record >> 32),
                (uint32_t)slot_and_record);
    return 0;
}

/* What a record, or the word that says where it is, should be and is not. */
static const char *record_model(const struct g *g, struct frame_context *context, uint64_t address,
                                uint64_t shadow)
{
    if (frames_shadow_of(g, context, address) != shadow)
        return "the record of a deferred call is not where it was made";
    const struct defer *record = record_at(address), *wanted = record_shadow(context, shadow);
    if (frames_shadow_of(g, context, record->sp) != wanted->sp ||
        frames_shadow_of(g, context, record->varp) != wanted->varp)
        return "a deferred call has lost its frame";
    if (frames_shadow_of(g, context, record->function_data) != wanted->function_data)
        return "a deferred call has lost its slot";
    if (record->function != wanted->function || record->panic != wanted->panic)
        return "a word of a deferred call changed that is no address in the stack";
    return NULL;
}

static uint64_t fault(struct frame_context *context, uint64_t address, uint64_t found,
                      uint64_t wanted)
{
    context->fault_address = address;
    context->fault_found = found;
    context->fault_wanted = wanted;
    return 1;
}

/* Go 1.19 deferreturn: those of the running frame, the youngest first; each looks at its slot. */
uint64_t frames_run_deferred(uint64_t unused)
{
    const struct g *g = contig_g_running();
    struct frame_context *context = frames_context_of(g);
    (void)unused;
    while (context->first_shadow != 0 &&
           record_shadow(context, context->first_shadow)->sp == context->shadow) {
        uint64_t address = context->outside.first_defer;
        const struct defer *wanted = record_shadow(context, context->first_shadow);
        if (record_model(g, context, address, context->first_shadow) != NULL)
            return fault(context, (uint64_t)(uintptr_t)&context->outside.first_defer, address,
                         context->first_shadow);
        const struct defer *record = record_at(address);
        if (!frames_word_agrees(record->function_data, wanted->function_data))
            return fault(context, record->function_data,
                         *(uint64_t *)(uintptr_t)record->function_data, wanted->function_data);
        if (record >= context->records && record < context->records + FRAME_DEFERS_MAX)
            context->outside.defers_count--;
        context->outside.first_defer = record->link;
        context->first_shadow = wanted->link;
    }
    return 0;
}

const char *frames_outside_model(const struct g *g, const struct frame_context *context)
{
    struct frame_context *own = frames_context_of(g);
    uint64_t address = context->outside.first_defer, shadow = context->first_shadow;
    if (own != context)
        return "a goroutine has what another one has outside of its stack";
    if (context->outside.stktopsp != contig_g_stack(g)->hi - 32)
        return "where unwinding ends did not move with the stack";
    while (shadow != 0) {
        const char *wrong = record_model(g, own, address, shadow);
        if (wrong != NULL)
            return wrong;
        address = record_at(address)->link;
        shadow = record_shadow(own, shadow)->link;
    }
    if (address != 0)
        return "there are more deferred calls than were made";
    if (context->waits_for != 0 &&
        (frames_shadow_of(g, context, context->waiting.element.vu) != context->waits_for ||
         context->waiting.element.vp != context->waiting.element.vu))
        return "the slot that waits for a word is not where it was";
    return frames_offer_model(g, context);
}
