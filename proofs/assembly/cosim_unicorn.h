/* cosim_unicorn.h: the same instructions under unicorn (QEMU's translator as a library). */
#ifndef CONTIG_PROOFS_ASSEMBLY_COSIM_UNICORN_H
#define CONTIG_PROOFS_ASSEMBLY_COSIM_UNICORN_H

#include <stdbool.h>
#include <stdint.h>

#include "proofs/assembly/cosim.h"

/* Maps the page of the code and the page of the memory operand; false if that is refused. */
bool unicorn_start(void *code, void *buffer);

/* Runs the trial's instruction from one state; `out` is the state after it. */
void unicorn_run(const struct trial *trial, const struct state *in, struct state *out);

#endif
