/* depth.c: room on the stack for each function, and for chains of functions without a check.
 *
 * A check that looks N bytes below the stack pointer leaves at least GUARD_BYTES + N below it.  A function of clang's
 * takes up to N + SLACK_BYTES, so that GUARD_BYTES - SLACK_BYTES are left for what it calls without a check. */
#include "src/c/check/rules.h"

#define GUARD_BYTES 928
#define SLACK_BYTES 256
#define CHAIN_BYTES (GUARD_BYTES - SLACK_BYTES)

/* What a stub, an adapter or a leaf may take below its return address; and __morestack. */
#define OUTSIDE_BYTES 80
#define MORESTACK_BYTES 32

static int64_t below(int64_t deepest, int64_t offset)
{
    return -offset > deepest ? -offset : deepest;
}

static int64_t own_depth(const struct analysis *analysis)
{
    const struct function *function = analysis->function;
    int64_t deepest = 0;
    for (size_t i = 0; i < function->count; i++) {
        struct value pointer = analysis->states[i].registers[RSP];
        if (!analysis->reached[i] || pointer.kind != VALUE_STACK)
            continue;
        bool pushes = function->code[i].kind == INSTRUCTION_CALL &&
                      function->links[i].callee != CALLEE_MORESTACK;
        deepest = below(deepest, pointer.offset - (pushes ? WORD_BYTES : 0));
    }
    return deepest;
}

void check_depth(const struct analysis *analysis)
{
    struct function *function = analysis->function;
    function->depth = own_depth(analysis);
    if (!function->checked)
        return;
    if (function->depth > function->check_bytes + SLACK_BYTES)
        REFUSE(analysis, 0,
               "it takes %lld bytes of the stack, and its check is for %lld; compile it with "
               "-mllvm -no-x86-call-frame-opt",
               (long long)function->depth, (long long)function->check_bytes + SLACK_BYTES);
    if (function->depth > function->frame_bytes + SLACK_BYTES)
        REFUSE(analysis, 0,
               "it takes %lld bytes of the stack, and its slow path asks for %lld; compile it with "
               "contig-cc",
               (long long)function->depth, (long long)function->frame_bytes);
}

/* What a call takes below its return address. */
static int64_t callee_bytes(const struct program *program, const struct link *link,
                            int64_t by_pointer)
{
    switch (link->callee) {
    case CALLEE_FUNCTION: return program->functions[link->function].chain;
    case CALLEE_UNKNOWN: return by_pointer > OUTSIDE_BYTES ? by_pointer : OUTSIDE_BYTES;
    case CALLEE_MORESTACK: return MORESTACK_BYTES;
    case CALLEE_NONE: return 0;
    default: return OUTSIDE_BYTES;
    }
}

/* Of a function without a check: the most that it and what it calls take.  A checked one takes what __morestack does,
 * before it has room of its own. */
static int64_t chain_of(const struct program *program, const struct function *function,
                        const struct analysis *analysis, int64_t by_pointer)
{
    int64_t most = function->depth;
    for (size_t i = 0; i < function->count; i++) {
        const struct link *link = &function->links[i];
        struct value pointer = analysis->states[i].registers[RSP];
        if (!analysis->reached[i] || link->callee == CALLEE_NONE || pointer.kind != VALUE_STACK)
            continue;
        int64_t offset = pointer.offset - (link->tail ? 0 : WORD_BYTES);
        int64_t total = callee_bytes(program, link, by_pointer) - offset;
        if (total > most)
            most = total;
    }
    return most;
}

/* One round over all functions without a check; true if a sum grew. */
static bool chain_round(struct program *program, struct unwind *unwind, int64_t *by_pointer)
{
    bool changed = false;
    for (size_t i = 0; i < program->function_count; i++) {
        struct function *function = &program->functions[i];
        struct analysis analysis = {.program = program, .function = function, .unwind = unwind};
        if (function->checked || function->chain > CHAIN_BYTES)
            continue;
        int64_t sum = CHAIN_BYTES + 1;
        if (data_flow(&analysis))
            sum = chain_of(program, function, &analysis, *by_pointer);
        data_flow_free(&analysis);
        changed |= sum > function->chain;
        function->chain = sum > function->chain ? sum : function->chain;
        if (function->chain > *by_pointer)
            *by_pointer = function->chain;
    }
    return changed;
}

void check_chains(struct program *program, struct unwind *unwind)
{
    int64_t by_pointer = 0;
    for (size_t i = 0; i < program->function_count; i++)
        program->functions[i].chain = program->functions[i].checked ? MORESTACK_BYTES : 0;
    while (chain_round(program, unwind, &by_pointer))
        ;
    for (size_t i = 0; i < program->function_count; i++) {
        const struct function *function = &program->functions[i];
        if (function->chain > CHAIN_BYTES)
            refuse(program, function->name, function->begin,
                   "it has no check of the stack, and with what it calls it takes more than the "
                   "%d bytes that a checked caller leaves; compile it with -fsplit-stack",
                   CHAIN_BYTES);
    }
}
