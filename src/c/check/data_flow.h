/* data_flow.h: the state before each instruction of a function, and what is still alive behind one.
 *
 * Made for one function at a time.  Called by rules.c. */
#ifndef CONTIG_C_CHECK_DATA_FLOW_H
#define CONTIG_C_CHECK_DATA_FLOW_H

#include "src/c/check/function.h"
#include "src/c/check/state.h"
#include "src/c/check/unwind.h"

struct analysis {
    struct program *program;
    struct function *function;
    struct unwind *unwind;
    struct state *states; /* before each instruction that is reached */
    uint8_t *reached;
    uint8_t *contradicted; /* a way here is impossible, says the unwind table */
};

/* False if there is no memory. */
bool data_flow(struct analysis *analysis);
void data_flow_free(struct analysis *analysis);

enum item_kind {
    ITEM_REGISTER,
    ITEM_VECTOR,
    ITEM_WORD,
};

/* Something that may hold an address. */
struct item {
    enum item_kind kind;
    int64_t number; /* of a register; offset of a word */
};

/* True if it may be read after the instruction at `index`, before it is written. */
bool live_after(const struct analysis *analysis, size_t index, struct item item);

/* True if the function may read a register before it writes it. */
bool read_at_entry(const struct program *program, const struct function *function,
                   struct item item);

/* True if what is called or jumped to may read it as an argument. */
bool callee_reads(const struct program *program, const struct link *link, struct item item);

/* Stack arguments of a callee that is not known to take fewer. */
#define STACK_ARGUMENT_BYTES 512

#endif
