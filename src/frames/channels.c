/* channels.c: see channels.h.
 *
 * An operation is three calls: offer_begin, on the system stack, says where its slots are now; the runtime does it, and
 * the goroutine may wait there, while its stack moves; offer_end tells what came of it.  The cases of a select stand in
 * memory, and are read before the goroutine waits. */
#include "src/frames/channels.h"

#include "src/frames/bare.h"
#include "src/frames/body.h"
#include "src/frames/code.h"
#include "src/frames/function.h"
#include "src/frames/maps.h"
#include "src/frames/shadow.h"
#include "src/frames/slots.h"

/* Those of the script, which its code refers to, and the cases for the next select of the body. */
static struct frame_offer offers[SCRIPT_OPERATIONS_MAX];
static uint32_t cases_made;
static struct operation cases[FRAME_CASES_MAX];
static uint32_t case_count;

void frames_offers_begin(void)
{
    cases_made = 0;
}

void frames_cases_begin(void)
{
    case_count = 0;
}

/* A word that tells the operations of a script apart. */
static uint64_t word_beside(void)
{
    return UINT64_C(0x50000000) + frames_now.operation * UINT64_C(0x100) + case_count;
}

/* A slot that can hold no integer is none, nor is one of a bare frame: nothing points there. */
static struct frame_case case_of(struct operation operation, bool sends)
{
    struct frame_case result = {.channel = operation.operands[1], .sends = sends};
    uint32_t slot = frames_slot_number(operation.operands[0]);
    if (operation.operands[0] == OPERAND_BESIDE) {
        result.slot = SLOT_BESIDE;
        result.word = word_beside();
    } else if (!frames_now.function->bare && frames_slot_integer(slot)) {
        result.slot = SLOT_IN_FRAME;
        result.offset = (uint64_t)offset_of(slot);
    }
    return result;
}

static uint64_t offer_begin(uint64_t address)
{
    const struct g *g = contig_g_running();
    struct frame_context *context = frames_context_of(g);
    context->offer = *(const struct frame_offer *)(uintptr_t)address;
    for (uint32_t k = 0; k < context->offer.count; k++) {
        struct frame_case *at = &context->offer.cases[k];
        if (at->slot != SLOT_IN_FRAME)
            continue;
        at->address = contig_g_stack(g)->sched.sp + at->offset;
        at->shadow = frames_shadow_of(g, context, at->address);
        at->word = *(const uint64_t *)(uintptr_t)at->shadow;
    }
    return frames_hooks->offer_begins(context);
}

static uint64_t offer_end(uint64_t unused)
{
    (void)unused;
    frames_hooks->offer_ended(frames_context_of(contig_g_running()));
    return 0;
}

static void offer_compile(const struct frame_offer *offer, void (*runtime)(void))
{
    frames_call_system(offer_begin, (uint64_t)(uintptr_t)offer);
    EMIT_WITH(offer_skip, CODE_LATER);
    uint32_t skip = frames_code_used;
    frames_load();
    frames_border_leave(false);
    EMIT_WITH(offer, code_address(runtime));
    frames_border_return(false);
    frames_load();
    EMIT(offer_result);
    frames_call_system(offer_end, 0);
    frames_code_land(skip);
    frames_check_here();
}

static void do_plain(struct operation operation, void (*runtime)(void))
{
    bool sends = operation.code == OPERATION_CHAN_SEND;
    struct frame_offer *offer = &offers[cases_made++];
    *offer = (struct frame_offer){.code = operation.code, .count = 1};
    if (operation.code == OPERATION_CHAN_CLOSE)
        offer->cases[0] = (struct frame_case){.channel = operation.operands[0]};
    else
        offer->cases[0] = case_of(operation, sends);
    offer_compile(offer, runtime);
}

static void do_select(struct operation operation)
{
    uint32_t count = case_count;
    if (count == 0)
        return;
    struct frame_offer *offer = &offers[cases_made++];
    *offer = (struct frame_offer){.code = operation.code, .count = count};
    for (case_count = 0; case_count < count; case_count++)
        offer->cases[case_count] =
            case_of(cases[case_count], cases[case_count].code == OPERATION_CASE_SEND);
    case_count = 0;
    offer_compile(offer, contig_selectgo);
}

bool frames_channels_compile(struct operation operation)
{
    switch ((enum operation_code)operation.code) {
    case OPERATION_CHAN_SEND: do_plain(operation, contig_chansend); return true;
    case OPERATION_CHAN_RECEIVE: do_plain(operation, contig_chanrecv); return true;
    case OPERATION_CHAN_CLOSE: do_plain(operation, contig_closechan); return true;
    case OPERATION_CASE_SEND:
    case OPERATION_CASE_RECEIVE:
        if (case_count < FRAME_CASES_MAX)
            cases[case_count++] = operation;
        return true;
    case OPERATION_SELECT:
    case OPERATION_SELECT_DEFAULT: do_select(operation); return true;
    default: return false;
    }
}

/* CHAN-2, OUTSIDE-4: where the runtime will read or write an element is where the slot is. */
const char *frames_offer_model(const struct g *g, const struct frame_context *context)
{
    const struct outside *outside = &context->outside;
    if (outside->sudogs == &context->waiting)
        return NULL;
    if (outside->sudogs_count != context->offer.count)
        return "a goroutine does not wait for as many cases as it has";
    for (uint32_t k = 0; k < outside->sudogs_count; k++) {
        const struct frame_case *at = &context->offer.cases[k];
        uint64_t address = outside->sudogs[k].element.vu;
        if (address == 0 && outside->sudogs[k].element.vp == 0)
            continue; /* it was served */
        bool right = at->slot == SLOT_IN_FRAME ? frames_shadow_of(g, context, address) == at->shadow
                                               : address == at->address;
        if (!right || outside->sudogs[k].element.vp != address)
            return "a slot that waits for a channel is not where it was";
    }
    return NULL;
}
