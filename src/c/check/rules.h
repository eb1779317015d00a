/* rules.h: what is asked of each function; and the sites of those that are fit.
 *
 * Called by main.c. */
#ifndef CONTIG_C_CHECK_RULES_H
#define CONTIG_C_CHECK_RULES_H

#include "src/c/check/data_flow.h"

/* A place where a goroutine may be stopped: behind a call, or in the slow path of a check. */
struct site {
    uint64_t pc;
    int32_t function;
    int32_t frame_words;
};

struct sites {
    size_t count, room;
    struct site *rows; /* by address */
};

/* Every rule for every function.  False if there is no memory. */
bool check_functions(struct program *program, struct unwind *unwind, struct sites *sites);

/* CFRAME-5 to CFRAME-12, CFRAME-16, CFRAME-26, CFRAME-27: a call, or a jump that leaves the function. */
void check_call(const struct analysis *analysis, size_t index);

/* CFRAME-13, CFRAME-14, CFRAME-15: what is stored where. */
void check_memory(const struct analysis *analysis, size_t index);

/* CFRAME-7, CFRAME-12: a return. */
void check_return(const struct analysis *analysis, size_t index);

/* CFRAME-17 to CFRAME-19: room on the stack.  The first for one function, the second when all have their depth. */
void check_depth(const struct analysis *analysis);
void check_chains(struct program *program, struct unwind *unwind);

/* A refusal of the instruction at `index`. */
#define REFUSE(analysis, index, ...)                        \
    refuse((analysis)->program, (analysis)->function->name, \
           (analysis)->function->code[index].address, __VA_ARGS__)

#define STACK_ALIGNMENT 16

/* Words between a frame of `bytes` from stack pointer to CFA and the two that every frame ends with. */
#define FRAME_WORDS(bytes) ((int32_t)((bytes) / WORD_BYTES - 2))

#endif
