/* transfer.c: what an instruction does to registers and stack words. */
#include "src/c/check/state.h"

static const struct value OTHER = {VALUE_OTHER, 0};
static const struct value SOMEWHERE = {VALUE_STACK_SOMEWHERE, 0};

static struct value register_value(const struct state *state, unsigned number)
{
    return number == NO_REGISTER ? OTHER : state->registers[number];
}

struct value address_of(const struct state *state, const struct instruction *instruction)
{
    struct value base = register_value(state, instruction->base);
    struct value index = register_value(state, instruction->index);
    if (instruction->segment || instruction->relative)
        return OTHER;
    if (base.kind == VALUE_STACK && instruction->index == NO_REGISTER &&
        !instruction->vector_index) {
        int64_t offset = base.offset + instruction->displacement;
        if (offset == (int32_t)offset)
            return (struct value){VALUE_STACK, (int32_t)offset};
    }
    return is_stack(base) || is_stack(index) ? SOMEWHERE : OTHER;
}

struct place place_of(const struct state *state, const struct instruction *instruction)
{
    struct value address = address_of(state, instruction);
    struct place place = {PLACE_OUTSIDE, address.offset, instruction->memory_bytes};
    if (address.kind == VALUE_STACK)
        place.kind = PLACE_STACK;
    else if (address.kind == VALUE_STACK_SOMEWHERE)
        place.kind = PLACE_STACK_SOMEWHERE;
    return place;
}

struct value operand_value(const struct state *state, const struct instruction *instruction,
                           const struct operand *operand)
{
    switch (operand->kind) {
    case OPERAND_REGISTER: {
        struct value value = state->registers[operand->number];
        if (operand->bytes == WORD_BYTES)
            return value;
        return is_stack(value) ? SOMEWHERE : OTHER;
    }
    case OPERAND_VECTOR:
        return (state->stack_vectors & REGISTER_BIT(operand->number)) != 0 ? SOMEWHERE : OTHER;
    case OPERAND_MEMORY: return state_load(state, place_of(state, instruction));
    default: return OTHER;
    }
}

/* Writes an operand.  A register keeps its upper part if less than half of it is written. */
static void write_operand(struct state *state, const struct instruction *instruction,
                          const struct operand *operand, struct value value)
{
    if (operand->kind == OPERAND_MEMORY) {
        state_store(state, place_of(state, instruction), value);
    } else if (operand->kind == OPERAND_REGISTER) {
        bool kept = operand->bytes < 4 && is_stack(state->registers[operand->number]);
        if (operand->bytes < WORD_BYTES)
            value = kept || is_stack(value) ? SOMEWHERE : OTHER;
        state->registers[operand->number] = value;
    }
}

bool reads_stack_address(const struct state *state, const struct instruction *instruction)
{
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        if ((instruction->reads & REGISTER_BIT(i)) != 0 && is_stack(state->registers[i]))
            return true;
    if ((instruction->vector_reads & state->stack_vectors) != 0)
        return true;
    return instruction->reads_memory && !instruction->string &&
           is_stack(state_load(state, place_of(state, instruction)));
}

bool writes_part(const struct instruction *instruction, unsigned number)
{
    const struct operand *to = &instruction->operands[0];
    return to->kind == OPERAND_REGISTER && to->number == number && to->bytes < 4;
}

/* Whatever it reads may be in whatever it writes. */
static void transfer_other(struct state *state, const struct instruction *instruction)
{
    bool stack = reads_stack_address(state, instruction);
    if (instruction->writes_memory && !instruction->string)
        state_store(state, place_of(state, instruction), stack ? SOMEWHERE : OTHER);
    for (unsigned i = 0; i < REGISTER_COUNT; i++) {
        if ((instruction->writes & REGISTER_BIT(i)) == 0)
            continue;
        /* The registers of a string instruction step on, each for itself. */
        bool own = instruction->string ? is_stack(state->registers[i]) : stack;
        own |= writes_part(instruction, i) && is_stack(state->registers[i]);
        state->registers[i] = own ? SOMEWHERE : OTHER;
    }
    uint32_t written = instruction->vector_writes;
    state->stack_vectors = stack ? state->stack_vectors | written : state->stack_vectors & ~written;
}

static void transfer_sum(struct state *state, const struct instruction *instruction)
{
    const struct operand *to = &instruction->operands[0], *by = &instruction->operands[1];
    struct value value = operand_value(state, instruction, to);
    struct value other = operand_value(state, instruction, by);
    bool subtract = instruction->kind == INSTRUCTION_SUBTRACT;
    if (by->kind == OPERAND_IMMEDIATE && value.kind == VALUE_STACK && to->bytes == WORD_BYTES) {
        int64_t offset = value.offset + (subtract ? -by->value : by->value);
        value =
            offset == (int32_t)offset ? (struct value){VALUE_STACK, (int32_t)offset} : SOMEWHERE;
    } else if (subtract && is_stack(value) && is_stack(other)) {
        value = OTHER; /* a distance */
    } else {
        value = is_stack(value) || is_stack(other) ? SOMEWHERE : OTHER;
    }
    write_operand(state, instruction, to, value);
}

static void move_stack_pointer(struct state *state, int32_t bytes)
{
    struct value *pointer = &state->registers[RSP];
    if (pointer->kind == VALUE_STACK)
        pointer->offset += bytes;
}

static struct place top(const struct state *state)
{
    struct value pointer = state->registers[RSP];
    return (struct place){pointer.kind == VALUE_STACK ? PLACE_STACK : PLACE_STACK_SOMEWHERE,
                          pointer.offset, WORD_BYTES};
}

/* CFRAME-5: a stack pointer that is not known any more is refused at the next call. */
static void transfer_push(struct state *state, const struct instruction *instruction)
{
    const struct operand *operand = &instruction->operands[0];
    struct value value = operand_value(state, instruction, operand);
    if (operand->bytes < WORD_BYTES && operand->kind != OPERAND_IMMEDIATE) {
        state->registers[RSP] = SOMEWHERE;
        return;
    }
    move_stack_pointer(state, -WORD_BYTES);
    state_store(state, top(state), value);
}

static void transfer_pop(struct state *state, const struct instruction *instruction)
{
    const struct operand *operand = &instruction->operands[0];
    struct value value = state_load(state, top(state));
    move_stack_pointer(state, WORD_BYTES);
    if (operand->bytes < WORD_BYTES)
        state->registers[RSP] = SOMEWHERE;
    write_operand(state, instruction, operand, value);
}

static void transfer_leave(struct state *state)
{
    state->registers[RSP] = is_stack(state->registers[RBP]) ? state->registers[RBP] : SOMEWHERE;
    state->registers[RBP] = state_load(state, top(state));
    move_stack_pointer(state, WORD_BYTES);
}

void transfer(struct state *state, const struct instruction *instruction)
{
    const struct operand *operands = instruction->operands;
    switch (instruction->kind) {
    case INSTRUCTION_MOVE:
        write_operand(state, instruction, &operands[0],
                      operand_value(state, instruction, &operands[1]));
        break;
    case INSTRUCTION_ADDRESS:
        write_operand(state, instruction, &operands[0], address_of(state, instruction));
        break;
    case INSTRUCTION_ADD:
    case INSTRUCTION_SUBTRACT: transfer_sum(state, instruction); break;
    case INSTRUCTION_PUSH: transfer_push(state, instruction); break;
    case INSTRUCTION_POP: transfer_pop(state, instruction); break;
    case INSTRUCTION_LEAVE: transfer_leave(state); break;
    case INSTRUCTION_OTHER:
    case INSTRUCTION_BRANCH: /* loop counts in rcx */
    case INSTRUCTION_ZERO: transfer_other(state, instruction); break;
    default: break;
    }
}

void transfer_call(struct state *state, bool leaf, bool returns_address)
{
    bool given = false;
    for (unsigned i = 0; i < REGISTER_COUNT; i++) {
        unsigned bit = REGISTER_BIT(i);
        if ((CALLEE_SAVED & bit) != 0 || i == RSP)
            continue;
        given |= (ARGUMENT_REGISTERS & bit) != 0 && is_stack(state->registers[i]);
        state->registers[i] = OTHER;
    }
    if (leaf && returns_address && given)
        state->registers[RAX] = SOMEWHERE;
    state->stack_vectors = 0;
    if (!leaf && state->registers[RSP].kind == VALUE_STACK)
        state_forget_below(state, state->registers[RSP].offset);
}
