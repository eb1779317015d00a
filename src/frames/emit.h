/* emit.h: the few x86-64 instructions that compiled frames consist of.
 *
 * Every function writes one instruction at the end of the code; displacements are always 32 bits, so that sizes
 * do not depend on operands.  A full buffer is remembered, and nothing is written then. */
#ifndef CONTIG_FRAMES_EMIT_H
#define CONTIG_FRAMES_EMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "src/frames/code_memory.h"

static uint32_t code_used;
static bool code_full;

static inline uint64_t emit_here(void)
{
    return code_executable + code_used;
}

static inline void emit_bytes(const char *bytes, uint32_t count)
{
    if (count > CODE_BYTES - code_used) {
        code_full = true;
        return;
    }
    memcpy(code_writable + code_used, bytes, count);
    code_used += count;
}

#define EMIT(bytes) emit_bytes(bytes, sizeof(bytes) - 1)

static inline void emit_32(int32_t word)
{
    emit_bytes((const char *)&word, 4);
}

static inline void emit_64(uint64_t word)
{
    emit_bytes((const char *)&word, 8);
}

/* The distance from behind these four bytes to an address. */
static inline void emit_relative(uint64_t target)
{
    emit_32((int32_t)(target - (emit_here() + 4)));
}

/* A jump forwards: returns what emit_land needs. */
static inline uint32_t emit_forward(void)
{
    emit_32(0);
    return code_used;
}

static inline void emit_land(uint32_t after_jump)
{
    int32_t distance = (int32_t)(code_used - after_jump);
    if (!code_full)
        memcpy(code_writable + after_jump - 4, &distance, 4);
}

static inline void emit_call(uint64_t target)
{
    EMIT("\xe8");
    emit_relative(target);
}

/* Loads and stores of a word of the frame (base rsp) and of its shadow (base r8). */
#define EMIT_AT(bytes, offset) (EMIT(bytes), emit_32(offset))
#define EMIT_LEA_RAX_STACK(offset) EMIT_AT("\x48\x8d\x84\x24", offset)
#define EMIT_LEA_RAX_SHADOW(offset) EMIT_AT("\x49\x8d\x80", offset)
#define EMIT_MOV_STACK_RAX(offset) EMIT_AT("\x48\x89\x84\x24", offset)
#define EMIT_MOV_SHADOW_RAX(offset) EMIT_AT("\x49\x89\x80", offset)
#define EMIT_MOV_SHADOW_RCX(offset) EMIT_AT("\x49\x89\x88", offset)
#define EMIT_MOV_SHADOW_RDX(offset) EMIT_AT("\x49\x89\x90", offset)
#define EMIT_MOV_EAX_SHADOW(offset) EMIT_AT("\x41\x8b\x80", offset)
#define EMIT_MOV_STACK_WORD(offset, word) (EMIT_AT("\x48\xc7\x84\x24", offset), emit_32(word))
#define EMIT_MOV_SHADOW_WORD(offset, word) (EMIT_AT("\x49\xc7\x80", offset), emit_32(word))
#define EMIT_LEA_RDI_STACK(offset) EMIT_AT("\x48\x8d\xbc\x24", offset)
#define EMIT_LEA_RSI_SHADOW(offset) EMIT_AT("\x49\x8d\xb0", offset)
#define EMIT_LEA_R12_STACK(offset) EMIT_AT("\x4c\x8d\xa4\x24", offset)
#define EMIT_LEA_R13_SHADOW(offset) EMIT_AT("\x4d\x8d\xa8", offset)
#define EMIT_MOV_R12_WORD(word) EMIT_AT("\x49\xc7\xc4", word)
#define EMIT_MOV_EDI_WORD(word) EMIT_AT("\xbf", word)
#define EMIT_MOV_ESI_WORD(word) EMIT_AT("\xbe", word)
#define EMIT_MOVABS_RDI(word) (EMIT("\x48\xbf"), emit_64(word))
#define EMIT_MOVABS_RSI(word) (EMIT("\x48\xbe"), emit_64(word))
#define EMIT_MOVABS_R12(word) (EMIT("\x49\xbc"), emit_64(word))

#endif
