/* live.c: whether something may be read before it is written again. */
#include <stdlib.h>

#include "src/c/check/data_flow.h"

enum use {
    USE_NONE,
    USE_READ,
    USE_GONE, /* written, or the way ends */
};

struct query {
    const struct program *program;
    const struct function *function;
    const struct analysis *analysis; /* NULL: no states, registers only */
    struct item item;
    int budget; /* calls that are followed further; beyond, a callee reads everything */
};

#define CALLS_FOLLOWED 6

static bool entry_reads(const struct program *program, const struct function *function,
                        struct item item, int budget);

static bool is_argument(struct item item)
{
    return item.kind == ITEM_VECTOR ? (ARGUMENT_VECTORS & REGISTER_BIT(item.number)) != 0
                                    : (ARGUMENT_REGISTERS & REGISTER_BIT(item.number)) != 0;
}

static bool callee_reads_within(const struct program *program, const struct link *link,
                                struct item item, int budget)
{
    if (!is_argument(item))
        return false;
    if (link->callee != CALLEE_FUNCTION || budget == 0)
        return true;
    return entry_reads(program, &program->functions[link->function], item, budget - 1);
}

bool callee_reads(const struct program *program, const struct link *link, struct item item)
{
    return callee_reads_within(program, link, item, CALLS_FOLLOWED);
}

static bool survives_call(struct item item)
{
    return item.kind == ITEM_REGISTER && (CALLEE_SAVED & REGISTER_BIT(item.number)) != 0;
}

static enum use register_at_call(const struct query *query, const struct link *link)
{
    if (link->callee == CALLEE_MORESTACK)
        return query->item.kind == ITEM_REGISTER &&
                       (query->item.number == R10 || query->item.number == R11)
                   ? USE_GONE
                   : USE_NONE;
    if (callee_reads_within(query->program, link, query->item, query->budget))
        return USE_READ;
    return survives_call(query->item) && !link->tail ? USE_NONE : USE_GONE;
}

/* Does the jump leave the function, as far as is known?  One through a pointer that still has its frame does not. */
static bool may_leave(const struct query *query, size_t index)
{
    const struct link *link = &query->function->links[index];
    if (!link->tail || link->callee != CALLEE_UNKNOWN || query->analysis == NULL ||
        link->edge_count == 0)
        return link->tail;
    struct value pointer = query->analysis->states[index].registers[RSP];
    return pointer.kind != VALUE_STACK || pointer.offset == 0;
}

static enum use register_use(const struct query *query, size_t index)
{
    const struct instruction *instruction = &query->function->code[index];
    const struct link *link = &query->function->links[index];
    unsigned number = (unsigned)query->item.number;
    uint32_t bit = REGISTER_BIT(number);
    bool vector = query->item.kind == ITEM_VECTOR;
    uint32_t read =
        vector ? instruction->vector_reads : (uint32_t)instruction->reads | instruction->addresses;
    if ((read & bit) != 0)
        return USE_READ;
    if (instruction->kind == INSTRUCTION_CALL || may_leave(query, index))
        return register_at_call(query, link);
    if (instruction->kind == INSTRUCTION_RETURN)
        return ((vector ? RESULT_VECTORS : RESULT_REGISTERS) & bit) != 0 ? USE_READ : USE_GONE;
    uint32_t written = vector ? instruction->vector_writes : instruction->writes;
    /* Nothing expects the rest of a register whose part it writes; but an address may be there still. */
    bool part = query->analysis != NULL && !vector && writes_part(instruction, number);
    return (written & bit) != 0 && !part ? USE_GONE : USE_NONE;
}

static enum use word_at_call(const struct query *query, const struct link *link,
                             const struct state *state)
{
    struct value pointer = state->registers[RSP];
    if (pointer.kind != VALUE_STACK)
        return USE_READ;
    int64_t above = query->item.number - pointer.offset, arguments = STACK_ARGUMENT_BYTES;
    if (above < 0)
        return USE_GONE;
    /* A tail call's arguments begin above the return address. */
    if (link->tail)
        above -= WORD_BYTES;
    if (link->callee == CALLEE_FUNCTION && query->program->functions[link->function].checked)
        arguments = query->program->functions[link->function].argument_bytes;
    if (link->callee == CALLEE_LEAF || link->callee == CALLEE_MORESTACK)
        arguments = 0;
    if (above >= 0 && above < arguments)
        return USE_READ;
    return link->tail ? USE_GONE : USE_NONE;
}

static bool overlap(struct place place, int64_t offset)
{
    return place.kind == PLACE_STACK_SOMEWHERE ||
           (place.kind == PLACE_STACK && place.offset < offset + WORD_BYTES &&
            offset < place.offset + place.bytes);
}

/* Words that push, pop, leave and string instructions use. */
static bool implicit_read(const struct instruction *instruction, const struct state *state,
                          int64_t offset)
{
    if (instruction->string)
        return is_stack(state->registers[RSI]) || is_stack(state->registers[RDI]);
    struct value from = state->registers[instruction->kind == INSTRUCTION_LEAVE ? RBP : RSP];
    if (instruction->kind != INSTRUCTION_POP && instruction->kind != INSTRUCTION_LEAVE)
        return false;
    return from.kind != VALUE_STACK || from.offset == offset;
}

/* A leaf may read at the addresses that it gets, and above. */
static bool leaf_reads(const struct state *state, int64_t offset)
{
    for (unsigned i = 0; i < REGISTER_COUNT; i++) {
        struct value value = state->registers[i];
        if ((ARGUMENT_REGISTERS & REGISTER_BIT(i)) != 0 && is_stack(value) &&
            (value.kind == VALUE_STACK_SOMEWHERE || value.offset < offset + WORD_BYTES))
            return true;
    }
    return false;
}

static enum use word_use(const struct query *query, size_t index)
{
    const struct instruction *instruction = &query->function->code[index];
    const struct link *link = &query->function->links[index];
    const struct state *state = &query->analysis->states[index];
    struct place place = place_of(state, instruction);
    int64_t offset = query->item.number;
    if ((instruction->reads_memory && !instruction->string && overlap(place, offset)) ||
        implicit_read(instruction, state, offset) ||
        (link->callee == CALLEE_LEAF && leaf_reads(state, offset)))
        return USE_READ;
    if (instruction->kind == INSTRUCTION_CALL || may_leave(query, index))
        return word_at_call(query, link, state);
    if (instruction->kind == INSTRUCTION_RETURN)
        return USE_GONE;
    bool covered = instruction->writes_memory && !instruction->string &&
                   place.kind == PLACE_STACK && place.offset <= offset &&
                   place.offset + place.bytes >= offset + WORD_BYTES;
    return covered ? USE_GONE : USE_NONE;
}

static enum use use_at(const struct query *query, size_t index)
{
    if (query->item.kind != ITEM_WORD)
        return register_use(query, index);
    return query->analysis->reached[index] ? word_use(query, index) : USE_GONE;
}

struct walk {
    uint32_t *stack;
    uint8_t *seen;
    size_t count;
};

static void walk_to(struct walk *walk, uint32_t index)
{
    if (!walk->seen[index]) {
        walk->seen[index] = 1;
        walk->stack[walk->count++] = index;
    }
}

static void walk_behind(const struct query *query, struct walk *walk, size_t index)
{
    const struct function *function = query->function;
    const struct link *link = &function->links[index];
    bool call = function->code[index].kind == INSTRUCTION_CALL;
    if (call && function->setjmp && query->item.kind == ITEM_WORD)
        for (size_t i = 0; i + 1 < function->count; i++)
            if (function->links[i].setjmp)
                walk_to(walk, (uint32_t)i + 1);
    if (call && !flow_comes_back(query->program, function, index))
        return;
    for (uint32_t i = 0; i < link->edge_count; i++)
        walk_to(walk, function->edges[link->first_edge + i]);
}

/* From `start` itself, or from behind it. */
static bool read_from(const struct query *query, size_t start, bool behind)
{
    size_t count = query->function->count;
    struct walk walk = {calloc(count + 1, sizeof *walk.stack), calloc(count + 1, 1), 0};
    bool read = walk.stack == NULL || walk.seen == NULL; /* without memory: it may be */
    if (!read && start < count) {
        if (behind)
            walk_behind(query, &walk, start);
        else
            walk_to(&walk, (uint32_t)start);
    }
    while (!read && walk.count > 0) {
        uint32_t index = walk.stack[--walk.count];
        enum use use = use_at(query, index);
        read = use == USE_READ;
        /* A jump that may leave the function ends nothing where it may stay. */
        if (use == USE_NONE || query->function->links[index].tail)
            walk_behind(query, &walk, index);
    }
    free(walk.stack);
    free(walk.seen);
    return read;
}

static bool entry_reads(const struct program *program, const struct function *function,
                        struct item item, int budget)
{
    const struct query query = {program, function, NULL, item, budget};
    return read_from(&query, 0, false);
}

bool read_at_entry(const struct program *program, const struct function *function, struct item item)
{
    return entry_reads(program, function, item, CALLS_FOLLOWED);
}

bool live_after(const struct analysis *analysis, size_t index, struct item item)
{
    const struct query query = {analysis->program, analysis->function, analysis, item,
                                CALLS_FOLLOWED};
    return read_from(&query, index, true);
}
