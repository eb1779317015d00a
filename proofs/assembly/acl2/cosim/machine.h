/* machine.h: where the harness and enter.S keep the processor's state. */
#ifndef CONTIG_PROOFS_ASSEMBLY_ACL2_COSIM_MACHINE_H
#define CONTIG_PROOFS_ASSEMBLY_ACL2_COSIM_MACHINE_H

/* rax rcx rdx rbx rsp rbp rsi rdi r8..r15, as the processor numbers them. */
#define MACHINE_REGISTERS 0
#define MACHINE_FLAGS 128
#define MACHINE_FS 136
#define MACHINE_MXCSR 144
#define MACHINE_FPU_CONTROL 148

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct machine {
    uint64_t registers[16];
    uint64_t flags;
    uint64_t fs;
    uint32_t mxcsr;
    uint16_t fpu_control;
};

_Static_assert(offsetof(struct machine, registers) == MACHINE_REGISTERS, "enter.S knows the place");
_Static_assert(offsetof(struct machine, flags) == MACHINE_FLAGS, "enter.S knows the place");
_Static_assert(offsetof(struct machine, fs) == MACHINE_FS, "enter.S knows the place");
_Static_assert(offsetof(struct machine, mxcsr) == MACHINE_MXCSR, "enter.S knows the place");
_Static_assert(offsetof(struct machine, fpu_control) == MACHINE_FPU_CONTROL,
               "enter.S knows the place");
#endif

#endif
