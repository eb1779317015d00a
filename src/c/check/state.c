/* state.c: values, and words of the stack. */
#include <string.h>

#include "src/c/check/state.h"

static const struct value OTHER = {VALUE_OTHER, 0};
static const struct value SOMEWHERE = {VALUE_STACK_SOMEWHERE, 0};

void state_entry(struct state *state)
{
    memset(state, 0, sizeof *state);
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        if ((CALLEE_SAVED & REGISTER_BIT(i)) != 0)
            state->registers[i] = (struct value){VALUE_ENTRY, (int32_t)i};
    state->registers[RSP] = (struct value){VALUE_STACK, 0};
}

static struct value join(struct value a, struct value b)
{
    if (same_value(a, b))
        return a;
    return is_stack(a) || is_stack(b) ? SOMEWHERE : OTHER;
}

static void word_remove(struct state *state, uint32_t at)
{
    state->word_count--;
    memmove(&state->words[at], &state->words[at + 1],
            (state->word_count - at) * sizeof *state->words);
}

static uint32_t word_find(const struct state *state, int64_t offset)
{
    uint32_t at = 0;
    while (at < state->word_count && state->words[at].offset < offset)
        at++;
    return at;
}

static void word_set(struct state *state, int64_t offset, struct value value)
{
    uint32_t at = word_find(state, offset);
    bool there = at < state->word_count && state->words[at].offset == offset;
    if (value.kind == VALUE_OTHER) {
        if (there)
            word_remove(state, at);
        return;
    }
    if (!there) {
        if (state->word_count == WORDS_MAX) {
            state->overflow = true;
            return;
        }
        memmove(&state->words[at + 1], &state->words[at],
                (state->word_count - at) * sizeof *state->words);
        state->word_count++;
    }
    state->words[at] = (struct word){(int32_t)offset, value};
}

static struct value word_at(const struct state *state, int64_t offset)
{
    uint32_t at = word_find(state, offset);
    return at < state->word_count && state->words[at].offset == offset ? state->words[at].value
                                                                       : OTHER;
}

static bool join_words(struct state *state, const struct state *other)
{
    bool changed = other->overflow && !state->overflow;
    state->overflow |= other->overflow;
    for (uint32_t i = 0; i < state->word_count;) {
        struct word *word = &state->words[i];
        struct value joined = join(word->value, word_at(other, word->offset));
        bool same = same_value(joined, word->value);
        changed |= !same;
        word->value = joined;
        if (joined.kind == VALUE_OTHER)
            word_remove(state, i);
        else
            i++;
    }
    for (uint32_t i = 0; i < other->word_count; i++) {
        const struct word *word = &other->words[i];
        if (is_stack(word->value) && !is_stack(word_at(state, word->offset))) {
            word_set(state, word->offset, SOMEWHERE);
            changed = true;
        }
    }
    return changed;
}

bool state_join(struct state *state, const struct state *other)
{
    bool changed = (other->stack_vectors & ~state->stack_vectors) != 0;
    state->stack_vectors |= other->stack_vectors;
    for (unsigned i = 0; i < REGISTER_COUNT; i++) {
        struct value joined = join(state->registers[i], other->registers[i]);
        changed |= !same_value(joined, state->registers[i]);
        state->registers[i] = joined;
    }
    return join_words(state, other) || changed;
}

static bool overlaps(const struct word *word, struct place place)
{
    return word->offset < place.offset + place.bytes && place.offset < word->offset + WORD_BYTES;
}

struct value state_load(const struct state *state, struct place place)
{
    if (place.kind == PLACE_OUTSIDE)
        return OTHER;
    if (place.kind == PLACE_STACK && place.bytes == WORD_BYTES && place.offset % WORD_BYTES == 0)
        return word_at(state, place.offset);
    for (uint32_t i = 0; i < state->word_count; i++)
        if (is_stack(state->words[i].value) &&
            (place.kind == PLACE_STACK_SOMEWHERE || overlaps(&state->words[i], place)))
            return SOMEWHERE;
    return OTHER;
}

void state_store(struct state *state, struct place place, struct value value)
{
    if (place.kind != PLACE_STACK)
        return;
    for (uint32_t i = 0; i < state->word_count;) {
        const struct word *word = &state->words[i];
        bool whole =
            place.offset <= word->offset && place.offset + place.bytes >= word->offset + WORD_BYTES;
        bool partly_stack = overlaps(word, place) && !whole && is_stack(word->value);
        if (overlaps(word, place) && !partly_stack)
            word_remove(state, i);
        else
            i++;
    }
    if (value.kind == VALUE_OTHER)
        return;
    if (place.bytes == WORD_BYTES && place.offset % WORD_BYTES == 0)
        word_set(state, place.offset, value);
    else if (is_stack(value))
        for (int64_t at = place.offset & -WORD_BYTES; at < place.offset + place.bytes;
             at += WORD_BYTES)
            word_set(state, at, SOMEWHERE);
}

void state_forget_below(struct state *state, int64_t offset)
{
    while (state->word_count > 0 && state->words[0].offset < offset)
        word_remove(state, 0);
}

int state_stack_word(const struct state *state, int64_t offset)
{
    for (uint32_t i = 0; i < state->word_count; i++)
        if (state->words[i].offset >= offset && is_stack(state->words[i].value))
            return (int)i;
    return -1;
}
