/* beside.c: slots of channel operations that lie in memory beside a stack: see parties.h.
 *
 * The word there may belong to another stack, or to nobody.  It is borrowed while an operation is done that may read or
 * write it, and is afterwards what it was. */
#include "src/core/heap/stackalloc.h"
#include "src/harness/parties.h"

#define BORROWED_MAX (SCRIPT_GOROUTINES_MAX * FRAME_CASES_MAX)

static struct {
    uint64_t *at, was;
} borrowed[BORROWED_MAX];
static uint32_t borrowed_count;
static bool unmapping;

void beside_begin(bool unmap)
{
    unmapping = unmap;
    borrowed_count = 0;
}

void beside_return(void)
{
    while (borrowed_count > 0) {
        borrowed_count--;
        *borrowed[borrowed_count].at = borrowed[borrowed_count].was;
    }
}

static void borrow_of(const struct party *party)
{
    const struct frame_offer *offer = &party->context->offer;
    for (uint32_t k = 0; k < offer->count; k++) {
        if (offer->cases[k].slot != SLOT_BESIDE)
            continue;
        uint64_t *at = word_at(offer->cases[k].address);
        borrowed[borrowed_count].at = at;
        borrowed[borrowed_count++].was = *at;
        *at = offer->cases[k].word;
    }
}

/* Whether a slot in a frame of the party is a word that was borrowed. */
static bool slot_is_borrowed(const struct party *party)
{
    const struct frame_offer *offer = &party->context->offer;
    for (uint32_t k = 0; k < offer->count; k++)
        for (uint32_t i = 0; i < borrowed_count && offer->cases[k].slot == SLOT_IN_FRAME; i++)
            if (borrowed[i].at == word_at(slot_now(party, &offer->cases[k])))
                return true;
    return false;
}

bool beside_borrow(const bool *part)
{
    bool good = true;
    for (uint32_t i = 0; i < SCRIPT_GOROUTINES_MAX; i++)
        if (part[i])
            borrow_of(&parties[i]);
    for (uint32_t i = 0; i < SCRIPT_GOROUTINES_MAX; i++)
        good = good && !(part[i] && slot_is_borrowed(&parties[i]));
    if (!good)
        beside_return();
    return good;
}

static bool beside_taken(uint64_t address)
{
    for (const struct party *party = parties; party < parties + SCRIPT_GOROUTINES_MAX; party++)
        for (uint32_t k = 0; party->phase == PARTY_WAITS && k < party->context->offer.count; k++)
            if (party->context->offer.cases[k].slot == SLOT_BESIDE &&
                party->context->offer.cases[k].address == address)
                return true;
    return false;
}

void beside_find(struct party *party)
{
    uint64_t low = contig_g_stack(party->g)->lo;
    bool taken = unmapping || low == arena_base || beside_taken(low - 8);
    for (uint32_t k = 0; k < party->context->offer.count; k++) {
        struct frame_case *at = &party->context->offer.cases[k];
        if (at->slot != SLOT_BESIDE)
            continue;
        at->address = taken ? (uint64_t)(uintptr_t)&party->aside[k] : low - 8;
        taken = true;
    }
}

const char *beside_moved(struct party *party)
{
    struct outside *outside = &party->context->outside;
    for (uint32_t k = 0; k < outside->sudogs_count; k++) {
        struct frame_case *at = &party->context->offer.cases[k];
        if (at->slot != SLOT_BESIDE || outside->sudogs[k].element.vu == 0)
            continue;
        if (outside->sudogs[k].element.vu != at->address)
            return "a slot beside a stack moved with it";
        at->address = (uint64_t)(uintptr_t)&party->aside[k];
        outside->sudogs[k].element.vu = outside->sudogs[k].element.vp = at->address;
    }
    return NULL;
}
