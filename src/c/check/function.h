/* function.h: the functions of C for goroutines: their code, where each instruction leads, and what each calls.
 *
 * Made once by program_read; the analyses add to it.  Called by main.c, flow.c and the rules. */
#ifndef CONTIG_C_CHECK_FUNCTION_H
#define CONTIG_C_CHECK_FUNCTION_H

#include "src/c/check/code.h"
#include "src/c/check/image.h"
#include "src/c/check/refusal.h"

enum callee_kind {
    CALLEE_NONE,
    CALLEE_FUNCTION,  /* C for goroutines */
    CALLEE_LEAF,      /* of libc, known not to use the stack; gets addresses of it */
    CALLEE_MORESTACK, /* the slow path of a check */
    CALLEE_OUTSIDE,   /* a stub, or an adapter to the runtime */
    CALLEE_UNKNOWN,   /* by a pointer */
};

struct link {
    uint8_t callee;
    bool tail; /* a jump that leaves the function */
    bool out;  /* a way that the code does not take: beyond the end */
    uint32_t first_edge, edge_count;
    int32_t function; /* of CALLEE_FUNCTION */
    bool setjmp;      /* it returns twice */
    const char *name; /* with the version that a shared library gave it */
};

struct function {
    const char *name, *file;
    uint64_t begin, end;
    size_t count;
    struct instruction *code;
    struct link *links;
    uint32_t *edges;
    size_t edge_count, edge_room;
    bool returns, setjmp;
    bool checked;        /* it begins with the check of the stack */
    int64_t check_bytes; /* what the check looks for below the stack pointer */
    int64_t frame_bytes; /* what the slow path asks for */
    int64_t argument_bytes;
    size_t slow;   /* index of the call of __morestack */
    int64_t depth; /* of its own, below the place of its return address */
    int64_t chain; /* with what it calls without a check; -1 while unknown */
};

struct program {
    struct image image;
    struct refusals refusals;
    size_t function_count;
    struct function *functions; /* by address */
};

/* False if there is no memory. */
bool program_read(struct program *program);
void program_free(struct program *program);

/* The function that begins at an address, or that holds it; -1 if there is none. */
int32_t program_function_at(const struct program *program, uint64_t address);
int32_t program_function_of(const struct program *program, uint64_t address);

/* The instruction at an address; SIZE_MAX if none begins there. */
size_t function_index(const struct function *function, uint64_t address);

/* CFRAME-3, CFRAME-4: edges and calls of each instruction.  Then the functions that never return, as a fix point. */
bool flow_build(struct program *program, struct function *function);
void flow_returns(struct program *program);

/* True if the call at an index can come back. */
bool flow_comes_back(const struct program *program, const struct function *function, size_t index);

/* CFRAME-17, CFRAME-18: finds the check of the stack, and holds it to its one form. */
void prologue_read(struct program *program, struct function *function);

#endif
