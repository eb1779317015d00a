/* cosim.h: one instruction on the processor and in the model: what both begin from and what is compared. */
#ifndef CONTIG_PROOFS_ASSEMBLY_COSIM_H
#define CONTIG_PROOFS_ASSEMBLY_COSIM_H

#include <stdint.h>

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

/* Registers in the order of the enumeration, flags as cf pf af zf sf of df.  buffer: the address of `memory` while the
 * instruction runs; next, target: where control is if it does not jump, and where a jump goes; vectors: both words of
 * xmm0 to xmm15. */
struct state {
    uint64_t r[16];
    uint64_t flags[7];
    union {
        uint8_t memory[16];
        struct {
            uint64_t memory64, memory_above;
        };
    };
    uint64_t mxcsr, fpu_control, fs, next, target, buffer;
    uint64_t vectors[32];
};

struct trial {
    const char *text, *form;
    uint8_t code[16];
    uint8_t length;
    uint8_t relative;  /* the last bytes are the distance of a branch */
    uint8_t undefined; /* flags that the processor may set as it likes */
    uint8_t uses_fs;
    void (*aim)(struct state *in);
    void (*model)(const struct state *in, struct state *out);
};

extern const struct trial trials[];
extern const unsigned trial_count;

/* cosim_run.S: runs the code at cosim_code from cosim_in, and leaves the state after it in cosim_out. */
void cosim_run(void);

#endif
