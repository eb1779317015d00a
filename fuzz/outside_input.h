/* outside_input.h: records outside of a stack, taken off the input, and a model of what a move makes of them that is
 * written down here without the core.  For outside_fuzz.c and copystack_fuzz.c. */
#ifndef CONTIG_FUZZ_OUTSIDE_INPUT_H
#define CONTIG_FUZZ_OUTSIDE_INPUT_H

#include "fuzz/target.h"
#include "src/core/move/outside.h"

#define RECORDS_MAX 6u

static struct defer defers[RECORDS_MAX], old_defers[RECORDS_MAX];
static struct sudog sudogs[RECORDS_MAX], old_sudogs[RECORDS_MAX];

/* An address at, near or in the old stack, or any word. */
static inline uint64_t record_word_take(struct input *input, const struct stack_move *move)
{
    uint8_t code = (uint8_t)input_take(input, 1);
    uint64_t size = move->old_hi - move->old_lo;
    switch (code % 8) {
    case 0: return code;
    case 1: return move->old_lo + code / 8 - 4;
    case 2: return move->old_sp + code / 8 - 4;
    case 3: return move->old_hi + code / 8 - 24;
    case 4: return input_take(input, 8);
    default:
        return move->old_sp +
               8 * (input_take(input, 1) % ((size - (move->old_sp - move->old_lo)) / 8 + 1));
    }
}

static inline bool record_stale(uint64_t word, const struct stack_move *move)
{
    return word >= move->old_lo && word < move->old_sp;
}

static inline uint64_t record_moved(uint64_t word, const struct stack_move *move)
{
    return word >= move->old_sp && word < move->old_hi ? word - move->old_hi + move->new_hi : word;
}

/* A slot that begins in the used part ends in the stack. */
static inline bool slot_good(const struct sudog *sudog, const struct stack_move *move)
{
    uint64_t start = sudog->element.vu;
    if (record_stale(start, move) || record_stale(sudog->element.vp, move))
        return false;
    return start < move->old_sp || start >= move->old_hi ||
           (unsigned __int128)start + sudog->size <= move->old_hi;
}

static inline bool records_good(const struct outside *outside, const struct stack_move *move)
{
    bool good = !record_stale(outside->first_defer, move) && !record_stale(outside->panic, move) &&
                outside->stktopsp >= move->old_sp && outside->stktopsp <= move->old_hi;
    for (uint32_t i = 0; i < outside->defers_count; i++)
        for (uint32_t k = 0; k < sizeof *defers / 8; k++)
            good = good && !record_stale(((const uint64_t *)&defers[i])[k], move);
    for (uint32_t i = 0; i < outside->sudogs_count; i++)
        good = good && slot_good(&sudogs[i], move);
    return good;
}

static inline void records_moved_as_the_model_says(const struct outside *outside,
                                                   const struct outside *old,
                                                   const struct stack_move *move)
{
    require(outside->first_defer == record_moved(old->first_defer, move) &&
                outside->panic == record_moved(old->panic, move),
            "model", "a head was not moved as it should be");
    require(move->new_hi - outside->stktopsp == move->old_hi - old->stktopsp, "model",
            "stktopsp was not moved");
    for (uint32_t i = 0; i < outside->defers_count; i++)
        for (uint32_t k = 0; k < sizeof *defers / 8; k++)
            require(((const uint64_t *)&defers[i])[k] ==
                        record_moved(((const uint64_t *)&old_defers[i])[k], move),
                    "model", "a defer record was not moved as it should be");
    for (uint32_t i = 0; i < outside->sudogs_count; i++)
        require(sudogs[i].element.vu == record_moved(old_sudogs[i].element.vu, move) &&
                    sudogs[i].element.vp == record_moved(old_sudogs[i].element.vp, move) &&
                    sudogs[i].size == old_sudogs[i].size,
                "model", "a sudog was not moved as it should be");
}

static inline struct outside outside_take(struct input *input, const struct stack_move *move)
{
    struct outside outside = {.defers = defers, .sudogs = sudogs};
    outside.defers_count = (uint32_t)input_take(input, 1) % (RECORDS_MAX + 1);
    outside.sudogs_count = (uint32_t)input_take(input, 1) % (RECORDS_MAX + 1);
    outside.first_defer = record_word_take(input, move);
    outside.panic = record_word_take(input, move);
    outside.stktopsp = record_word_take(input, move);
    for (uint32_t i = 0; i < outside.defers_count; i++)
        for (uint32_t k = 0; k < sizeof *defers / 8; k++)
            ((uint64_t *)&defers[i])[k] = record_word_take(input, move);
    for (uint32_t i = 0; i < outside.sudogs_count; i++) {
        sudogs[i].element.vu = record_word_take(input, move);
        uint64_t visible = input_take(input, 1) % 8;
        sudogs[i].element.vp = visible == 7       ? record_word_take(input, move)
                               : visible % 2 == 0 ? 0
                                                  : sudogs[i].element.vu;
        sudogs[i].size =
            input_take(input, 1) % 16 == 0 ? input_take(input, 8) : input_take(input, 1);
    }
    return outside;
}

#endif
