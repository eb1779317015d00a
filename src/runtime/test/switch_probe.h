/* switch_probe.h: the machine's state before and after a switch, for switch_test.  Shared by C and assembly. */
#ifndef CONTIG_RUNTIME_TEST_SWITCH_PROBE_H
#define CONTIG_RUNTIME_TEST_SWITCH_PROBE_H

/* struct machine */
#define MACHINE_RBX 0
#define MACHINE_RBP 8
#define MACHINE_R12 16
#define MACHINE_R13 24
#define MACHINE_R14 32
#define MACHINE_R15 40
#define MACHINE_RSP 48
#define MACHINE_MXCSR 56
#define MACHINE_FPU_CONTROL 60

/* struct probe */
#define PROBE_MXCSR 0
#define PROBE_FPU_CONTROL 4
#define PROBE_CONTEXT 8
#define PROBE_ERRORS 16
#define PROBE_ENTRIES 24
#define PROBE_GARBAGE 32
#define PROBE_OPERATION 128
#define PROBE_ARGUMENT_0 136
#define PROBE_ARGUMENT_1 144
#define PROBE_ROUNDS 152

#ifndef __ASSEMBLER__
#include <stdint.h>

#include "src/contig.h"

struct machine {
    uint64_t rbx, rbp, r12, r13, r14, r15, rsp;
    uint32_t mxcsr;
    uint16_t fpu_control;
};

struct probe {
    uint32_t mxcsr;
    uint16_t fpu_control;
    uint64_t context; /* what rdx must hold in a function whose prologue called morestack */
    uint64_t errors;
    uint64_t entries;
    uint64_t garbage[12];
    contig_function *operation; /* of probe_operation: what is called `rounds` times */
    uint64_t argument_0, argument_1;
    uint64_t rounds;
};
#endif

#endif
