/* state.h: what is known of registers and stack words at an instruction.
 *
 * A value matters only if it is, or may be computed from, an address of the stack; or if it is what a register held
 * when the function began.  Offsets count from the place of the return address.  Called by transfer.c, data_flow.c and
 * the rules. */
#ifndef CONTIG_C_CHECK_STATE_H
#define CONTIG_C_CHECK_STATE_H

#include "src/c/check/code.h"

enum value_kind {
    VALUE_OTHER, /* nothing of the stack */
    VALUE_STACK, /* the address at `offset` */
    VALUE_STACK_SOMEWHERE,
    VALUE_ENTRY, /* what callee-saved register `offset` held at entry */
};

struct value {
    int32_t kind;
    int32_t offset;
};

/* More words than this with something to remember are not met: a function that has them is refused. */
#define WORDS_MAX 48

struct word {
    int32_t offset; /* a multiple of 8 */
    struct value value;
};

struct state {
    struct value registers[REGISTER_COUNT];
    uint32_t stack_vectors; /* vector registers that may hold an address of the stack */
    uint32_t word_count;
    bool overflow;
    struct word words[WORDS_MAX]; /* by offset; a word that is not here is VALUE_OTHER */
};

/* An access to memory. */
enum place_kind {
    PLACE_OUTSIDE,
    PLACE_STACK,
    PLACE_STACK_SOMEWHERE,
};

struct place {
    enum place_kind kind;
    int64_t offset;
    uint32_t bytes;
};

static inline bool is_stack(struct value value)
{
    return value.kind == VALUE_STACK || value.kind == VALUE_STACK_SOMEWHERE;
}

static inline bool same_value(struct value a, struct value b)
{
    return a.kind == b.kind && a.offset == b.offset;
}

void state_entry(struct state *state);

/* What holds if either of two holds; true if `state` changed. */
bool state_join(struct state *state, const struct state *other);

/* What a load gives, and what a store leaves. */
struct value state_load(const struct state *state, struct place place);
void state_store(struct state *state, struct place place, struct value value);

/* Words below the stack pointer are lost at a call. */
void state_forget_below(struct state *state, int64_t offset);

/* The first word at or above an offset that may hold an address of the stack; -1 if there is none. */
int state_stack_word(const struct state *state, int64_t offset);

/* The place of the instruction's memory operand. */
struct place place_of(const struct state *state, const struct instruction *instruction);

/* The address itself, as lea computes it. */
struct value address_of(const struct state *state, const struct instruction *instruction);

/* The value of an operand that is read. */
struct value operand_value(const struct state *state, const struct instruction *instruction,
                           const struct operand *operand);

/* True if it leaves the upper part of a register that it writes. */
bool writes_part(const struct instruction *instruction, unsigned number);

/* True if a value that it reads may be an address of the stack; not if it reads from such an address only. */
bool reads_stack_address(const struct state *state, const struct instruction *instruction);

/* One instruction, but for calls; CFRAME-13 and CFRAME-14 are judged before. */
void transfer(struct state *state, const struct instruction *instruction);

/* A call that comes back: only what a callee keeps is left.  A leaf may return an address that it was given. */
void transfer_call(struct state *state, bool leaf, bool returns_address);

#endif
