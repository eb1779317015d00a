/* data_flow.c: the states of a function, as the least fix point over its flow. */
#include <stdlib.h>
#include <string.h>

#include "src/c/check/data_flow.h"
#include "src/c/check/leaves.h"

struct work {
    uint32_t *stack;
    uint8_t *waiting;
    size_t count;
};

static void push_work(struct work *work, uint32_t index)
{
    if (!work->waiting[index]) {
        work->waiting[index] = 1;
        work->stack[work->count++] = index;
    }
}

static bool returns_address(const struct link *link)
{
#define LEAF_ROW(name, returns_address) {#name, returns_address},
    static const struct {
        const char *name;
        bool returns_address;
    } rows[] = {LEAVES(LEAF_ROW)};
    size_t length = strcspn(link->name, "@");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strlen(rows[i].name) == length && memcmp(rows[i].name, link->name, length) == 0)
            return rows[i].returns_address;
    return false;
}

/* The state behind an instruction. */
static void step(const struct analysis *analysis, size_t index, struct state *state)
{
    const struct link *link = &analysis->function->links[index];
    if (analysis->function->code[index].kind != INSTRUCTION_CALL) {
        transfer(state, &analysis->function->code[index]);
    } else if (link->callee == CALLEE_MORESTACK) {
        state->registers[R10] = state->registers[R11] = (struct value){VALUE_OTHER, 0};
    } else {
        transfer_call(state, link->callee == CALLEE_LEAF, returns_address(link));
    }
}

/* CFRAME-26, CFRAME-31: a way that the compiler knows to be impossible - behind a call that never returns, through a
 * hole of a jump table - shows by an unwind table that has another frame there. */
static bool edge_is_open(const struct analysis *analysis, size_t from, size_t to,
                         const struct state *state)
{
    const struct instruction *instruction = &analysis->function->code[from];
    struct value pointer = state->registers[RSP];
    int64_t offset;
    bool doubtful = instruction->kind == INSTRUCTION_CALL ||
                    (instruction->kind == INSTRUCTION_JUMP &&
                     instruction->operands[0].kind != OPERAND_IMMEDIATE);
    if (!doubtful || pointer.kind != VALUE_STACK ||
        !unwind_frame(analysis->unwind, analysis->function->code[to].address, &offset))
        return true;
    return offset == WORD_BYTES - (int64_t)pointer.offset;
}

static void flow_to(struct analysis *analysis, struct work *work, uint32_t to,
                    const struct state *state)
{
    if (!analysis->reached[to]) {
        analysis->reached[to] = 1;
        analysis->states[to] = *state;
        push_work(work, to);
    } else if (state_join(&analysis->states[to], state)) {
        push_work(work, to);
    }
}

static void flow_from(struct analysis *analysis, struct work *work, uint32_t index)
{
    struct function *function = analysis->function;
    const struct link *link = &function->links[index];
    bool call = function->code[index].kind == INSTRUCTION_CALL;
    struct state state = analysis->states[index];
    step(analysis, index, &state);
    if (call && !flow_comes_back(analysis->program, function, index))
        return;
    for (uint32_t i = 0; i < link->edge_count; i++) {
        uint32_t to = function->edges[link->first_edge + i];
        if (edge_is_open(analysis, index, to, &state))
            flow_to(analysis, work, to, &state);
        else
            analysis->contradicted[to] = 1;
    }
}

bool data_flow(struct analysis *analysis)
{
    size_t count = analysis->function->count;
    struct work work = {calloc(count + 1, sizeof *work.stack), calloc(count + 1, 1), 0};
    analysis->states = calloc(count + 1, sizeof *analysis->states);
    analysis->reached = calloc(count + 1, 1);
    analysis->contradicted = calloc(count + 1, 1);
    bool fits = work.stack != NULL && work.waiting != NULL && analysis->states != NULL &&
                analysis->reached != NULL && analysis->contradicted != NULL;
    if (fits && count > 0) {
        analysis->reached[0] = 1;
        state_entry(&analysis->states[0]);
        push_work(&work, 0);
    }
    while (fits && work.count > 0) {
        uint32_t index = work.stack[--work.count];
        work.waiting[index] = 0;
        flow_from(analysis, &work, index);
    }
    free(work.stack);
    free(work.waiting);
    return fits;
}

void data_flow_free(struct analysis *analysis)
{
    free(analysis->states);
    free(analysis->reached);
    free(analysis->contradicted);
}
