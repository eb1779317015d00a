/* rules.c: what is asked of each instruction of goroutine C.  The reasons are in spec/cframe.md. */
#include <stdlib.h>

#include "src/c/check/rules.h"

static const char *const register_names[REGISTER_COUNT] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                                           "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                                           "r12", "r13", "r14", "r15"};

#define ESCAPE "compile it with the plugin of contig-cc, or keep it on the system stack"

static bool sound_pointer(const struct analysis *analysis, size_t index, int64_t *offset)
{
    struct value pointer = analysis->states[index].registers[RSP];
    *offset = pointer.offset;
    if (pointer.kind == VALUE_STACK)
        return true;
    REFUSE(analysis, index,
           "the stack pointer is not at a known distance from where it began; use no alignment "
           "above 16 for locals, and no vectors that are indexed by a variable");
    return false;
}

/* CFRAME-8: registers that are kept over a call. */
static void check_kept(const struct analysis *analysis, size_t index)
{
    const struct state *state = &analysis->states[index];
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        if ((CALLEE_SAVED & REGISTER_BIT(i)) != 0 && is_stack(state->registers[i]) &&
            live_after(analysis, index, (struct item){ITEM_REGISTER, i}))
            REFUSE(analysis, index, "%s keeps an address of the stack over a call; %s",
                   register_names[i], i == RBP ? "compile it with -fomit-frame-pointer" : ESCAPE);
}

/* Bytes of stack arguments that a callee may read. */
static int64_t argument_bytes(const struct analysis *analysis, const struct link *link)
{
    const struct function *callee = &analysis->program->functions[link->function];
    return link->callee == CALLEE_FUNCTION && callee->checked ? callee->argument_bytes
                                                              : STACK_ARGUMENT_BYTES;
}

/* CFRAME-9, CFRAME-11: words that are read after the call, or by the callee. */
static void check_words(const struct analysis *analysis, size_t index, int64_t offset, bool back)
{
    const struct state *state = &analysis->states[index];
    const struct link *link = &analysis->function->links[index];
    for (uint32_t i = 0; i < state->word_count; i++) {
        const struct word *word = &state->words[i];
        int above = (int)(word->offset - offset);
        if (above < 0 || !is_stack(word->value))
            continue;
        if (back && live_after(analysis, index, (struct item){ITEM_WORD, word->offset}))
            REFUSE(analysis, index,
                   "the word at %d(%%rsp) keeps an address of the stack over a call; " ESCAPE,
                   above);
        else if (above < argument_bytes(analysis, link))
            REFUSE(analysis, index, "it passes an address of the stack at %d(%%rsp) to %s; " ESCAPE,
                   above, link->name);
    }
}

/* CFRAME-10: registers that the callee reads. */
static void check_arguments(const struct analysis *analysis, size_t index)
{
    const struct state *state = &analysis->states[index];
    const struct link *link = &analysis->function->links[index];
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        if ((ARGUMENT_REGISTERS & REGISTER_BIT(i)) != 0 && is_stack(state->registers[i]) &&
            callee_reads(analysis->program, link, (struct item){ITEM_REGISTER, i}))
            REFUSE(analysis, index, "it passes an address of the stack in %s to %s; " ESCAPE,
                   register_names[i], link->name);
    for (unsigned i = 0; i < 8; i++)
        if ((state->stack_vectors & REGISTER_BIT(i)) != 0 &&
            callee_reads(analysis->program, link, (struct item){ITEM_VECTOR, i}))
            REFUSE(analysis, index, "it passes an address of the stack in xmm%u to %s; " ESCAPE, i,
                   link->name);
}

/* CFRAME-14: a leaf that gets an address of the stack could copy another one from there, or from above. */
static void check_leaf(const struct analysis *analysis, size_t index, int64_t offset)
{
    const struct state *state = &analysis->states[index];
    for (unsigned i = 0; i < REGISTER_COUNT; i++) {
        struct value value = state->registers[i];
        if ((ARGUMENT_REGISTERS & REGISTER_BIT(i)) == 0 || !is_stack(value))
            continue;
        int64_t from = value.kind == VALUE_STACK ? value.offset - (WORD_BYTES - 1) : offset;
        int at = state_stack_word(state, from);
        if (at >= 0)
            REFUSE(analysis, index, "%s may copy the address of the stack in %d(%%rsp); " ESCAPE,
                   analysis->function->links[index].name, (int)(state->words[at].offset - offset));
    }
}

/* A return address belongs to the call before it, which may be the last instruction. */
static uint64_t unwind_address(const struct instruction *instruction)
{
    return instruction->address + instruction->length - 1;
}

/* CFRAME-26: the unwind table says the same frame as the code. */
static bool check_frame(const struct analysis *analysis, size_t index)
{
    struct value pointer = analysis->states[index].registers[RSP];
    int64_t cfa;
    if (pointer.kind == VALUE_STACK &&
        unwind_frame(analysis->unwind, unwind_address(&analysis->function->code[index]), &cfa) &&
        cfa == WORD_BYTES - (int64_t)pointer.offset)
        return true;
    REFUSE(analysis, index,
           "the unwind table has another frame here than the code; compile it with "
           "-fasynchronous-unwind-tables, and give assembly its .cfi directives");
    return false;
}

/* CFRAME-27: and the same places for the registers that the caller finds again. */
static void check_saved(const struct analysis *analysis, size_t index)
{
    const struct state *state = &analysis->states[index];
    uint64_t place = unwind_address(&analysis->function->code[index]);
    int64_t saved;
    for (unsigned i = 0; i < REGISTER_COUNT; i++) {
        if ((CALLEE_SAVED & REGISTER_BIT(i)) == 0)
            continue;
        struct value value = {VALUE_OTHER, 0}, entry = {VALUE_ENTRY, (int32_t)i};
        enum unwind_place where = unwind_register(analysis->unwind, place, i, &saved);
        if (where == UNWIND_KEPT)
            value = state->registers[i];
        else if (where == UNWIND_SAVED)
            value = state_load(state, (struct place){PLACE_STACK, saved + WORD_BYTES, WORD_BYTES});
        if (!same_value(value, entry))
            REFUSE(analysis, index,
                   "the unwind table says another place for the caller's %s than the code; give "
                   "assembly its .cfi directives",
                   register_names[i]);
    }
}

static void check_inner_call(const struct analysis *analysis, size_t index)
{
    const struct link *link = &analysis->function->links[index];
    int64_t offset;
    if (!sound_pointer(analysis, index, &offset))
        return;
    int64_t frame = WORD_BYTES - offset;
    if (frame < 2 * WORD_BYTES || frame % STACK_ALIGNMENT != 0)
        REFUSE(analysis, index,
               "the stack pointer is no multiple of 16 at a call; keep it on the system stack");
    if (check_frame(analysis, index))
        check_saved(analysis, index);
    if (link->callee == CALLEE_LEAF) {
        check_leaf(analysis, index, offset);
        return;
    }
    check_arguments(analysis, index);
    /* A callee that does not come back leaves nothing alive, but for what setjmp comes back to. */
    bool back =
        flow_comes_back(analysis->program, analysis->function, index) || analysis->function->setjmp;
    if (back)
        check_kept(analysis, index);
    check_words(analysis, index, offset, back);
}

/* CFRAME-7: the caller finds its registers and its stack pointer as they were. */
static void check_end(const struct analysis *analysis, size_t index)
{
    const struct state *state = &analysis->states[index];
    struct value pointer = state->registers[RSP];
    if (pointer.kind != VALUE_STACK || pointer.offset != 0)
        REFUSE(analysis, index,
               "it ends with another stack pointer than it began with; keep it on the system "
               "stack");
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        if ((CALLEE_SAVED & REGISTER_BIT(i)) != 0 &&
            !same_value(state->registers[i], (struct value){VALUE_ENTRY, (int32_t)i}))
            REFUSE(analysis, index,
                   "it does not give its caller %s back as it was; keep it on the system stack",
                   register_names[i]);
}

/* An indirect jump within the function has its frame still. */
static bool leaves(const struct analysis *analysis, size_t index)
{
    const struct link *link = &analysis->function->links[index];
    struct value pointer = analysis->states[index].registers[RSP];
    if (!link->tail)
        return false;
    return link->callee != CALLEE_UNKNOWN || (pointer.kind == VALUE_STACK && pointer.offset == 0);
}

static void check_tail_call(const struct analysis *analysis, size_t index)
{
    const struct link *link = &analysis->function->links[index];
    check_end(analysis, index);
    if (link->callee == CALLEE_LEAF)
        return;
    check_arguments(analysis, index);
    int at = state_stack_word(&analysis->states[index], WORD_BYTES);
    if (at >= 0)
        REFUSE(analysis, index,
               "it passes an address of the stack in its stack arguments to %s; " ESCAPE,
               link->name);
}

void check_call(const struct analysis *analysis, size_t index)
{
    const struct link *link = &analysis->function->links[index];
    if (analysis->function->code[index].kind == INSTRUCTION_CALL) {
        if (link->callee != CALLEE_MORESTACK)
            check_inner_call(analysis, index);
        else
            check_frame(analysis, index);
    } else if (leaves(analysis, index)) {
        check_tail_call(analysis, index);
    }
}

void check_return(const struct analysis *analysis, size_t index)
{
    const struct state *state = &analysis->states[index];
    check_end(analysis, index);
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        if ((RESULT_REGISTERS & REGISTER_BIT(i)) != 0 && is_stack(state->registers[i]))
            REFUSE(analysis, index, "it returns an address of the stack in %s; " ESCAPE,
                   register_names[i]);
    for (unsigned i = 0; i < 2; i++)
        if ((state->stack_vectors & REGISTER_BIT(i)) != 0)
            REFUSE(analysis, index, "it returns an address of the stack in xmm%u; " ESCAPE, i);
}

static void check_string(const struct analysis *analysis, size_t index)
{
    const struct state *state = &analysis->states[index];
    const struct instruction *instruction = &analysis->function->code[index];
    bool from_stack =
        instruction->reads_memory && instruction->writes_memory && is_stack(state->registers[RSI]);
    if (from_stack && state_stack_word(state, INT32_MIN) >= 0)
        REFUSE(analysis, index, "it may copy an address of the stack to other memory; " ESCAPE);
    if (instruction->writes_memory && (instruction->reads & REGISTER_BIT(RAX)) != 0 &&
        is_stack(state->registers[RAX]))
        REFUSE(analysis, index, "it stores an address of the stack to memory; " ESCAPE);
}

static bool stores_stack_address(const struct state *state, const struct instruction *instruction)
{
    switch (instruction->kind) {
    case INSTRUCTION_MOVE:
    case INSTRUCTION_ADD:
    case INSTRUCTION_SUBTRACT:
        return is_stack(operand_value(state, instruction, &instruction->operands[1]));
    case INSTRUCTION_OTHER: return reads_stack_address(state, instruction);
    default: return false;
    }
}

static void check_place(const struct analysis *analysis, size_t index, struct place place)
{
    struct value pointer = analysis->states[index].registers[RSP];
    bool writes = analysis->function->code[index].writes_memory;
    if (pointer.kind == VALUE_STACK && place.offset < pointer.offset)
        REFUSE(analysis, index,
               "it uses memory below the stack pointer; compile it with contig-cc, or with "
               "-mno-red-zone");
    if (writes && place.offset < WORD_BYTES && place.offset + place.bytes > 0)
        REFUSE(analysis, index, "it overwrites its return address; keep it on the system stack");
}

void check_memory(const struct analysis *analysis, size_t index)
{
    const struct state *state = &analysis->states[index];
    const struct instruction *instruction = &analysis->function->code[index];
    if (state->overflow)
        REFUSE(analysis, index,
               "it keeps more addresses of the stack than the checker remembers; " ESCAPE);
    if (instruction->string) {
        check_string(analysis, index);
        return;
    }
    if (!instruction->reads_memory && !instruction->writes_memory)
        return;
    if (instruction->kind == INSTRUCTION_PUSH || instruction->kind == INSTRUCTION_POP ||
        instruction->kind == INSTRUCTION_LEAVE || instruction->kind == INSTRUCTION_CALL ||
        instruction->kind == INSTRUCTION_RETURN)
        return;
    struct place place = place_of(state, instruction);
    if (place.kind == PLACE_STACK)
        check_place(analysis, index, place);
    else if (instruction->writes_memory && stores_stack_address(state, instruction))
        REFUSE(analysis, index,
               place.kind == PLACE_OUTSIDE
                   ? "it stores an address of the stack to memory; " ESCAPE
                   : "it stores an address of the stack at a place of the stack that is not "
                     "known; " ESCAPE);
}
