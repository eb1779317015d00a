/* code.h: instructions as the checker sees them, and the two decoders that read them.
 *
 * Registers are numbered as in the encoding: rax rcx rdx rbx rsp rbp rsi rdi r8 .. r15; a set of them is a mask.
 * Vector registers are xmm0 .. xmm31, whatever part of them is used.  Called by function.c. */
#ifndef CONTIG_C_CHECK_CODE_H
#define CONTIG_C_CHECK_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGISTER_COUNT 16
#define RAX 0u
#define RCX 1u
#define RDX 2u
#define RBX 3u
#define RSP 4u
#define RBP 5u
#define RSI 6u
#define RDI 7u
#define R8 8u
#define R9 9u
#define R10 10u
#define R11 11u
#define NO_REGISTER 255u

#define REGISTER_BIT(number) (1u << (number))
#define CALLEE_SAVED 0xf028u       /* rbx rbp r12 r13 r14 r15 */
#define ARGUMENT_REGISTERS 0x03c6u /* rdi rsi rdx rcx r8 r9; of rax, variadic calls use a byte */
#define RESULT_REGISTERS 0x0005u   /* rax rdx */
#define ARGUMENT_VECTORS 0xffu     /* xmm0 .. xmm7 */
#define RESULT_VECTORS 0x3u        /* xmm0 xmm1 */
#define WORD_BYTES 8

enum instruction_kind {
    INSTRUCTION_OTHER, /* whatever it reads may be in whatever it writes */
    INSTRUCTION_NOTHING,
    INSTRUCTION_MOVE,
    INSTRUCTION_ADDRESS, /* lea */
    INSTRUCTION_ADD,
    INSTRUCTION_SUBTRACT,
    INSTRUCTION_COMPARE,
    INSTRUCTION_ZERO, /* a register xor or minus itself */
    INSTRUCTION_PUSH,
    INSTRUCTION_POP,
    INSTRUCTION_LEAVE,
    INSTRUCTION_CALL,
    INSTRUCTION_JUMP,
    INSTRUCTION_BRANCH,
    INSTRUCTION_RETURN,
    INSTRUCTION_STOP, /* ud2, hlt, int3 */
};

enum operand_kind {
    OPERAND_NONE,
    OPERAND_REGISTER,
    OPERAND_VECTOR,
    OPERAND_IMMEDIATE,
    OPERAND_MEMORY,
    OPERAND_OTHER,
};

struct operand {
    uint8_t kind;
    uint8_t number; /* of a register */
    uint16_t bytes;
    int64_t value; /* of an immediate; the target of a jump */
};

#define OPERANDS_MAX 2

struct instruction {
    uint64_t address;
    uint8_t length;
    uint8_t kind;
    uint8_t
        branch_taken_above; /* of a branch: ja, which takes the fast path of a check; jbe does not */
    bool branch_below_or_equal;
    bool segment; /* the memory operand is relative to fs or gs */
    bool reads_memory, writes_memory;
    bool string;         /* memory by rsi and rdi */
    uint8_t base, index; /* of the memory operand: NO_REGISTER if none */
    bool vector_index;
    uint8_t operand_count;
    uint16_t memory_bytes;
    int64_t displacement; /* the address itself, if it is relative to rip */
    bool relative;
    struct operand operands[OPERANDS_MAX]; /* the first two that the assembler writes */
    uint16_t reads, writes;                /* registers, as values; */
    uint16_t addresses;                    /* as parts of an address */
    uint32_t vector_reads, vector_writes;
};

enum decode_status {
    DECODE_OK,
    DECODE_NO_INSTRUCTION,
    DECODE_DISAGREE, /* the two decoders say different lengths or registers */
};

/* Opens both decoders; false if one of them cannot be. */
bool decode_begin(void);
void decode_end(void);

/* CFRAME-1: one instruction, as both decoders see it. */
enum decode_status decode(const uint8_t *bytes, size_t count, uint64_t address,
                          struct instruction *instruction);

#endif
