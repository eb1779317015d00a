/* zydis_decode.c: the second decoder.  Reads lines "ADDRESS HEXBYTES" and prints what Zydis makes of each, one line:
 *
 *   LENGTH MNEMONIC OPERAND...      operands: r:NAME   i:VALUE   m:BYTES:SEGMENT:BASE:INDEX:SCALE:DISPLACEMENT
 *
 * A string instruction has no operands, and with its prefix the name rep_MNEMONIC.  Values are in hexadecimal without
 * a sign; a branch target is an address.  "bad" stands for bytes that are no instruction.  decode.py compares each
 * line with capstone's view of the same bytes. */
#include <Zydis/Zydis.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_INSTRUCTION 15u

static const char *register_name(ZydisRegister name)
{
    return name == ZYDIS_REGISTER_NONE ? "-" : ZydisRegisterGetString(name);
}

static void print_memory(const ZydisDecodedOperand *operand)
{
    const ZydisDecodedOperandMem *memory = &operand->mem;
    printf(" m:%u:%s:%s:%s:%u:%" PRIx64, operand->size / 8u, register_name(memory->segment),
           register_name(memory->base), register_name(memory->index),
           memory->index == ZYDIS_REGISTER_NONE ? 0u : memory->scale, (uint64_t)memory->disp.value);
}

static void print_operand(const ZydisDecodedInstruction *instruction,
                          const ZydisDecodedOperand *operand, uint64_t address)
{
    switch (operand->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER: printf(" r:%s", register_name(operand->reg.value)); break;
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        printf(" i:%" PRIx64, operand->imm.is_relative
                                  ? address + instruction->length + operand->imm.value.u
                                  : operand->imm.value.u);
        break;
    case ZYDIS_OPERAND_TYPE_MEMORY: print_memory(operand); break;
    default: printf(" ?");
    }
}

static void decode(const ZydisDecoder *decoder, uint64_t address, const uint8_t *bytes,
                   size_t count)
{
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(decoder, bytes, count, &instruction, operands))) {
        puts("bad");
        return;
    }
    printf("%u %s%s", instruction.length,
           (instruction.attributes & ZYDIS_ATTRIB_HAS_REP) != 0 ? "rep_" : "",
           ZydisMnemonicGetString(instruction.mnemonic));
    for (unsigned i = 0; i < instruction.operand_count_visible; i++)
        print_operand(&instruction, &operands[i], address);
    putchar('\n');
}

int main(void)
{
    ZydisDecoder decoder;
    char line[128], hex[2 * LONGEST_INSTRUCTION + 1];
    uint64_t address;
    if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
        return 2;
    while (fgets(line, sizeof line, stdin) != NULL) {
        uint8_t bytes[LONGEST_INSTRUCTION];
        size_t count = 0;
        if (sscanf(line, "%" SCNx64 " %30[0-9a-f]", &address, hex) != 2) {
            fprintf(stderr, "zydis_decode: this is not 'ADDRESS HEXBYTES': %s", line);
            return 2;
        }
        for (; count < strlen(hex) / 2; count++) {
            unsigned byte;
            if (sscanf(hex + 2 * count, "%2x", &byte) != 1)
                return 2;
            bytes[count] = (uint8_t)byte;
        }
        decode(&decoder, address, bytes, count);
    }
    return 0;
}
