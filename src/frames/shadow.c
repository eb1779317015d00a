/* shadow.c: the arrays that stand beside the stacks of compiled frames, and the model that compares the two. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include "src/frames/shadow.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "src/core/move/site_table.h"

static struct frame_context contexts[SCRIPT_GOROUTINES_MAX];
static uint8_t *shadows;

bool frames_shadows_map(char *message)
{
    void *mapping = mmap(NULL, SCRIPT_GOROUTINES_MAX * SHADOW_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
        snprintf(message, 200, "no memory for the shadows of stacks");
        return false;
    }
    shadows = mapping;
    return true;
}

static uint64_t shadow_high(uint32_t number)
{
    return (uint64_t)(uintptr_t)shadows + (number + 1) * SHADOW_BYTES;
}

static uint64_t *words_at(uint64_t address)
{
    return (uint64_t *)(uintptr_t)address;
}

/* The first function's caller is contig_goexit, with four words of zero. */
struct frame_context *frames_context(uint32_t number)
{
    struct frame_context *context = &contexts[number];
    uint64_t high = shadow_high(number);
    memset(words_at(high - 32), 0, 32);
    *words_at(high - 40) = (uint64_t)(uintptr_t)contig_goexit_return;
    *context = (struct frame_context){.shadow = high - 32, .depth = 255, .pace = &frames_pace};
    context->outside.defers = context->records;
    context->outside.sudogs = &context->waiting;
    return context;
}

void frames_attach(struct g *g, uint32_t number)
{
    contexts[number].outside.stktopsp = contig_g_stack(g)->hi - 32;
    contig_g_set_outside(g, &contexts[number].outside);
}

uint64_t frames_shadow_of(const struct g *g, const struct frame_context *context, uint64_t address)
{
    const struct goroutine_stack *stack = contig_g_stack(g);
    return stack->lo <= address && address < stack->hi
               ? shadow_high((uint32_t)(context - contexts)) - (stack->hi - address)
               : address;
}

bool frames_word_agrees(uint64_t address, uint64_t shadow)
{
    uint64_t word = *words_at(address), wanted = *words_at(shadow);
    if (word == wanted || word - wanted == address - shadow)
        return true;
    return (wanted & 1) != 0 && wanted >> 32 != 0 && word == 0;
}

static const char *frame_model(const uint32_t *list, uint64_t sp, uint64_t distance)
{
    for (uint32_t i = 1; i <= list[0]; i++)
        if (!frames_word_agrees(sp + 8 * list[i], sp + 8 * list[i] - distance))
            return "a slot does not hold what its shadow holds";
    return NULL;
}

/* Where the walk over the frames of a stack is. */
struct walk {
    uint64_t sp, pc;
    /* what led from the frame before, or from the register */
    uint64_t frame_pointer;
    /* false: nothing did, since that frame is bare */
    bool led;
};

/* The frame at this site, and then the one that called it. */
static const char *frame_walk(struct walk *at, int32_t site, uint64_t high, uint64_t distance)
{
    const uint32_t *list = frames_made_slots(site);
    uint64_t saved = at->sp + 8 * (uint64_t)sites[site].frame_words;
    if (list == NULL || saved + 16 > high - 32)
        return "a frame is none that was compiled";
    /* morestack makes a frame pointer for a function that has no frame yet. */
    bool bare = sites[site].bare != 0, has_frame = sites[site].frame_words != 0;
    if (at->led && at->frame_pointer != (bare && has_frame ? 0 : saved))
        return bare ? "a register of a bare frame was taken for a frame pointer"
                    : "a saved frame pointer does not lead to the caller's";
    const char *wrong = frame_model(list, at->sp, distance);
    if (wrong != NULL)
        return wrong;
    uint64_t return_address = *words_at(saved + 8);
    if (return_address != *words_at(saved + 8 - distance))
        return "a return address is not the one that was pushed";
    *at = (struct walk){saved + 16, return_address, *words_at(saved), !bare};
    return NULL;
}

const char *frames_model(const struct g *g, uint32_t number)
{
    const struct goroutine_stack *stack = contig_g_stack(g);
    uint64_t high = stack->hi, distance = high - shadow_high(number);
    struct walk at = {stack->sched.sp, stack->sched.pc, stack->sched.bp, true};
    const char *wrong = frames_outside_model(g, &contexts[number]);
    if (wrong == NULL && at.pc == (uint64_t)(uintptr_t)contig_gostart_resume)
        return at.sp == high - 48 ? NULL : "a goroutine that has not begun has frames";
    while (wrong == NULL) {
        int32_t site = site_find(at.pc);
        if (site < 0)
            return "a frame has no site";
        if (sites[site].bottom != 0)
            return at.sp == high - 32 && (!at.led || at.frame_pointer == 0)
                       ? NULL
                       : "the first frame is not at the top, or has a frame pointer";
        wrong = frame_walk(&at, site, high, distance);
    }
    return wrong;
}

bool frames_deliver(uint32_t number, uint64_t word)
{
    struct frame_context *context = &contexts[number];
    if (context->waits_for == 0)
        return false;
    *words_at(context->waiting.element.vu) = word;
    *words_at(context->waits_for) = word;
    context->waits_for = 0;
    context->outside.sudogs_count = 0;
    return true;
}
