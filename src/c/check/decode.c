/* decode.c: one instruction by Zydis, and by Capstone, which must see the same length and the same registers.
 *
 * Called by function.c for each instruction of goroutine C. */
#include <Zydis/Zydis.h>
#include <capstone/capstone.h>
#include <string.h>

#include "src/c/check/code.h"

static ZydisDecoder zydis;
static csh capstone;
static cs_insn *capstone_instruction;

bool decode_begin(void)
{
    if (!ZYAN_SUCCESS(ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
        return false;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &capstone) != CS_ERR_OK)
        return false;
    cs_option(capstone, CS_OPT_DETAIL, CS_OPT_ON);
    capstone_instruction = cs_malloc(capstone);
    return capstone_instruction != NULL;
}

void decode_end(void)
{
    if (capstone_instruction != NULL)
        cs_free(capstone_instruction, 1);
    capstone_instruction = NULL;
    cs_close(&capstone);
}

static uint8_t general_register(ZydisRegister name)
{
    ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);
    if (whole < ZYDIS_REGISTER_RAX || whole > ZYDIS_REGISTER_R15)
        return NO_REGISTER;
    return (uint8_t)(whole - ZYDIS_REGISTER_RAX);
}

static uint8_t vector_register(ZydisRegister name)
{
    if (name >= ZYDIS_REGISTER_XMM0 && name <= ZYDIS_REGISTER_XMM31)
        return (uint8_t)(name - ZYDIS_REGISTER_XMM0);
    if (name >= ZYDIS_REGISTER_YMM0 && name <= ZYDIS_REGISTER_YMM31)
        return (uint8_t)(name - ZYDIS_REGISTER_YMM0);
    if (name >= ZYDIS_REGISTER_ZMM0 && name <= ZYDIS_REGISTER_ZMM31)
        return (uint8_t)(name - ZYDIS_REGISTER_ZMM0);
    /* Masks, and those of MMX and the x87 unit, hold 64 bits too: one place for all of them. */
    if ((name >= ZYDIS_REGISTER_K0 && name <= ZYDIS_REGISTER_K7) ||
        (name >= ZYDIS_REGISTER_MM0 && name <= ZYDIS_REGISTER_MM7) ||
        (name >= ZYDIS_REGISTER_ST0 && name <= ZYDIS_REGISTER_ST7))
        return 31;
    return NO_REGISTER;
}

/* A register xor itself, or minus itself, in the forms that compilers use. */
static bool zeroes(const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands)
{
    switch (decoded->mnemonic) {
    case ZYDIS_MNEMONIC_XOR:
    case ZYDIS_MNEMONIC_PXOR:
    case ZYDIS_MNEMONIC_XORPS:
    case ZYDIS_MNEMONIC_XORPD:
        return operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER && operands[0].size >= 32 &&
               operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
               operands[0].reg.value == operands[1].reg.value;
    default: return false;
    }
}

static uint8_t kind_of(const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands)
{
    switch (decoded->mnemonic) {
    case ZYDIS_MNEMONIC_MOV: return INSTRUCTION_MOVE;
    case ZYDIS_MNEMONIC_LEA: return INSTRUCTION_ADDRESS;
    case ZYDIS_MNEMONIC_ADD: return INSTRUCTION_ADD;
    case ZYDIS_MNEMONIC_SUB: return INSTRUCTION_SUBTRACT;
    case ZYDIS_MNEMONIC_CMP:
    case ZYDIS_MNEMONIC_TEST: return INSTRUCTION_COMPARE;
    case ZYDIS_MNEMONIC_PUSH: return INSTRUCTION_PUSH;
    case ZYDIS_MNEMONIC_POP: return INSTRUCTION_POP;
    case ZYDIS_MNEMONIC_LEAVE: return INSTRUCTION_LEAVE;
    case ZYDIS_MNEMONIC_CALL: return INSTRUCTION_CALL;
    case ZYDIS_MNEMONIC_JMP: return INSTRUCTION_JUMP;
    case ZYDIS_MNEMONIC_RET: return INSTRUCTION_RETURN;
    case ZYDIS_MNEMONIC_UD0:
    case ZYDIS_MNEMONIC_UD1:
    case ZYDIS_MNEMONIC_UD2:
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_HLT: return INSTRUCTION_STOP;
    default: break;
    }
    if (zeroes(decoded, operands))
        return INSTRUCTION_ZERO;
    switch (decoded->meta.category) {
    case ZYDIS_CATEGORY_NOP:
    case ZYDIS_CATEGORY_WIDENOP:
    case ZYDIS_CATEGORY_PREFETCH: return INSTRUCTION_NOTHING;
    case ZYDIS_CATEGORY_COND_BR: return INSTRUCTION_BRANCH;
    default: return INSTRUCTION_OTHER;
    }
}

static void take_memory(struct instruction *instruction, const ZydisDecodedOperand *operand)
{
    const ZydisDecodedOperandMem *memory = &operand->mem;
    uint8_t base = general_register(memory->base), index = general_register(memory->index);
    if (base != NO_REGISTER)
        instruction->addresses |= (uint16_t)REGISTER_BIT(base);
    if (index != NO_REGISTER)
        instruction->addresses |= (uint16_t)REGISTER_BIT(index);
    if (memory->type != ZYDIS_MEMOP_TYPE_AGEN) {
        instruction->reads_memory |= (operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
        instruction->writes_memory |= (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    }
    if (operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN)
        return;
    instruction->base = base;
    instruction->index = index;
    instruction->vector_index = memory->type == ZYDIS_MEMOP_TYPE_VSIB;
    instruction->segment =
        memory->segment == ZYDIS_REGISTER_FS || memory->segment == ZYDIS_REGISTER_GS;
    instruction->memory_bytes = (uint16_t)(operand->size / 8);
    instruction->displacement = memory->disp.value;
    instruction->relative = memory->base == ZYDIS_REGISTER_RIP;
    if (instruction->relative)
        instruction->displacement += (int64_t)(instruction->address + instruction->length);
}

static void take_register(struct instruction *instruction, const ZydisDecodedOperand *operand)
{
    bool written = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    /* One that is written on a condition may keep its value. */
    bool read = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0 ||
                (operand->actions & ZYDIS_OPERAND_ACTION_CONDWRITE) != 0;
    uint8_t general = general_register(operand->reg.value);
    uint8_t vector = vector_register(operand->reg.value);
    if (general != NO_REGISTER) {
        instruction->reads |= (uint16_t)(read ? REGISTER_BIT(general) : 0);
        instruction->writes |= (uint16_t)(written ? REGISTER_BIT(general) : 0);
    } else if (vector != NO_REGISTER) {
        instruction->vector_reads |= read ? REGISTER_BIT(vector) : 0;
        instruction->vector_writes |= written ? REGISTER_BIT(vector) : 0;
    }
}

static struct operand operand_of(const struct instruction *instruction,
                                 const ZydisDecodedOperand *decoded)
{
    struct operand operand = {.bytes = (uint16_t)(decoded->size / 8)};
    switch (decoded->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        operand.number = general_register(decoded->reg.value);
        operand.kind = OPERAND_REGISTER;
        if (operand.number == NO_REGISTER) {
            operand.number = vector_register(decoded->reg.value);
            operand.kind = operand.number == NO_REGISTER ? OPERAND_OTHER : OPERAND_VECTOR;
        }
        break;
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        operand.kind = OPERAND_IMMEDIATE;
        operand.value = decoded->imm.value.s;
        if (decoded->imm.is_relative)
            operand.value += (int64_t)(instruction->address + instruction->length);
        break;
    case ZYDIS_OPERAND_TYPE_MEMORY: operand.kind = OPERAND_MEMORY; break;
    default: operand.kind = OPERAND_OTHER; break;
    }
    return operand;
}

/* ja of 8 and 32 bits, and jbe. */
static void take_condition(struct instruction *instruction, const ZydisDecodedInstruction *decoded)
{
    instruction->branch_taken_above = decoded->mnemonic == ZYDIS_MNEMONIC_JNBE;
    instruction->branch_below_or_equal = decoded->mnemonic == ZYDIS_MNEMONIC_JBE;
}

static bool string_category(const ZydisDecodedInstruction *decoded)
{
    return decoded->meta.category == ZYDIS_CATEGORY_STRINGOP ||
           decoded->meta.category == ZYDIS_CATEGORY_IOSTRINGOP;
}

static bool decode_by_zydis(const uint8_t *bytes, size_t count, struct instruction *instruction)
{
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&zydis, bytes, count, &decoded, operands)))
        return false;
    instruction->length = decoded.length;
    instruction->kind = kind_of(&decoded, operands);
    instruction->string = string_category(&decoded);
    take_condition(instruction, &decoded);
    for (unsigned i = 0; i < decoded.operand_count; i++) {
        if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
            take_memory(instruction, &operands[i]);
        else if (operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER)
            take_register(instruction, &operands[i]);
        if (instruction->operand_count < OPERANDS_MAX &&
            operands[i].visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
            instruction->operands[instruction->operand_count++] =
                operand_of(instruction, &operands[i]);
    }
    if (instruction->kind == INSTRUCTION_ZERO) {
        instruction->reads &= (uint16_t)~instruction->writes;
        instruction->vector_reads &= ~instruction->vector_writes;
    }
    return true;
}

static uint16_t capstone_mask(const cs_regs names, uint8_t count)
{
    static const struct {
        uint16_t first, second, third, fourth, fifth;
    } rows[REGISTER_COUNT] = {
        {X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH},
        {X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH},
        {X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH},
        {X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH},
        {X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL, 0},
        {X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL, 0},
        {X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL, 0},
        {X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL, 0},
        {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B, 0},
        {X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B, 0},
        {X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B, 0},
        {X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B, 0},
        {X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B, 0},
        {X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B, 0},
        {X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B, 0},
        {X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B, 0},
    };
    uint16_t mask = 0;
    for (uint8_t i = 0; i < count; i++)
        for (unsigned number = 0; number < REGISTER_COUNT; number++)
            if (names[i] == rows[number].first || names[i] == rows[number].second ||
                names[i] == rows[number].third || names[i] == rows[number].fourth ||
                (names[i] != 0 && names[i] == rows[number].fifth))
                mask |= (uint16_t)REGISTER_BIT(number);
    return mask;
}

/* Registers of which Capstone 4 is known to say something wrong: it leaves out, or adds, an implicit write. */
static uint16_t not_compared(const struct instruction *instruction)
{
    switch (capstone_instruction->id) {
    case X86_INS_TEST:
    case X86_INS_CDQ:
    case X86_INS_CQO:
    case X86_INS_CWD:
    case X86_INS_CMPXCHG: return REGISTER_BIT(RAX);
    case X86_INS_SYSCALL: return REGISTER_BIT(RCX) | REGISTER_BIT(R11);
    default: break;
    }
    if (instruction->kind == INSTRUCTION_ZERO)
        return instruction->writes; /* read, and of no account */
    return instruction->kind == INSTRUCTION_NOTHING ? UINT16_MAX : 0;
}

static bool capstone_agrees(const uint8_t *bytes, size_t count,
                            const struct instruction *instruction)
{
    uint64_t address = instruction->address;
    cs_regs read, written;
    uint8_t read_count, written_count;
    if (!cs_disasm_iter(capstone, &bytes, &count, &address, capstone_instruction) ||
        capstone_instruction->size != instruction->length ||
        cs_regs_access(capstone, capstone_instruction, read, &read_count, written,
                       &written_count) != CS_ERR_OK)
        return false;
    unsigned different =
        (capstone_mask(read, read_count) ^ (instruction->reads | instruction->addresses)) |
        (capstone_mask(written, written_count) ^ instruction->writes);
    return (different & ~(unsigned)not_compared(instruction)) == 0;
}

enum decode_status decode(const uint8_t *bytes, size_t count, uint64_t address,
                          struct instruction *instruction)
{
    *instruction =
        (struct instruction){.address = address, .base = NO_REGISTER, .index = NO_REGISTER};
    if (!decode_by_zydis(bytes, count, instruction))
        return DECODE_NO_INSTRUCTION;
    return capstone_agrees(bytes, count, instruction) ? DECODE_OK : DECODE_DISAGREE;
}
