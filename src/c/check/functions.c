/* functions.c: every rule for every function, one function after the other; and the sites that come of it. */
#include <stdlib.h>

#include "src/c/check/rules.h"

static bool add_site(struct sites *sites, uint64_t pc, int32_t function, int32_t frame_words)
{
    if (sites->count == sites->room) {
        size_t room = 2 * sites->room + 256;
        struct site *more = realloc(sites->rows, room * sizeof *more);
        if (more == NULL)
            return false;
        sites->rows = more;
        sites->room = room;
    }
    sites->rows[sites->count++] = (struct site){pc, function, frame_words};
    return true;
}

/* CFRAME-28: each call, and the slow path, whose frame is the return address alone. */
static bool add_sites(const struct analysis *analysis, struct sites *sites)
{
    const struct function *function = analysis->function;
    int32_t number = (int32_t)(function - analysis->program->functions);
    for (size_t i = 0; i < function->count; i++) {
        const struct instruction *instruction = &function->code[i];
        int64_t frame = WORD_BYTES - analysis->states[i].registers[RSP].offset;
        if (!analysis->reached[i] || instruction->kind != INSTRUCTION_CALL)
            continue;
        bool slow = function->links[i].callee == CALLEE_MORESTACK;
        if (!add_site(sites, instruction->address + instruction->length, number,
                      slow ? 0 : FRAME_WORDS(frame)))
            return false;
    }
    return true;
}

/* CFRAME-25: the slow path clobbers r10 and r11. */
static void check_entry(const struct analysis *analysis)
{
    for (unsigned i = R10; i <= R11; i++)
        if (analysis->function->checked &&
            read_at_entry(analysis->program, analysis->function, (struct item){ITEM_REGISTER, i}))
            REFUSE(analysis, 0,
                   "it expects something in %s, which __morestack does not keep; use C's calling "
                   "convention",
                   i == R10 ? "r10" : "r11");
}

/* A jump whose places are not known; from a frame that is still there it is no tail call. */
static bool is_lost(const struct analysis *analysis, size_t index)
{
    const struct instruction *instruction = &analysis->function->code[index];
    const struct link *link = &analysis->function->links[index];
    return instruction->kind == INSTRUCTION_JUMP &&
           instruction->operands[0].kind != OPERAND_IMMEDIATE && link->edge_count == 0 &&
           (!link->tail || analysis->states[index].registers[RSP].offset != 0);
}

static void check_flow(const struct analysis *analysis, size_t index)
{
    const struct function *function = analysis->function;
    bool call = function->code[index].kind == INSTRUCTION_CALL;
    if (is_lost(analysis, index))
        REFUSE(analysis, index,
               "it jumps by a table or a pointer that the checker cannot read; compile it with "
               "-fno-pie, or with -fno-jump-tables");
    if (function->links[index].out && !(call && index + 1 == function->count))
        REFUSE(analysis, index,
               "it runs on behind its last instruction; keep it on the system stack");
}

static void check_function(const struct analysis *analysis)
{
    const struct function *function = analysis->function;
    check_entry(analysis);
    for (size_t i = 0; i < function->count; i++) {
        if (analysis->contradicted[i] && !analysis->reached[i])
            REFUSE(analysis, i,
                   "the unwind table has another frame here than the code that comes here; give "
                   "assembly its .cfi directives");
        if (!analysis->reached[i])
            continue;
        check_flow(analysis, i);
        check_memory(analysis, i);
        check_call(analysis, i);
        if (function->code[i].kind == INSTRUCTION_RETURN)
            check_return(analysis, i);
    }
    check_depth(analysis);
}

static int by_pc(const void *a, const void *b)
{
    const struct site *left = a, *right = b;
    return left->pc < right->pc ? -1 : left->pc > right->pc;
}

bool check_functions(struct program *program, struct unwind *unwind, struct sites *sites)
{
    for (size_t i = 0; i < program->function_count; i++) {
        struct analysis analysis = {
            .program = program, .function = &program->functions[i], .unwind = unwind};
        bool fits = data_flow(&analysis);
        if (fits) {
            check_function(&analysis);
            fits = add_sites(&analysis, sites);
        }
        data_flow_free(&analysis);
        if (!fits)
            return false;
    }
    check_chains(program, unwind);
    if (sites->rows != NULL)
        qsort(sites->rows, sites->count, sizeof *sites->rows, by_pc);
    return true;
}
