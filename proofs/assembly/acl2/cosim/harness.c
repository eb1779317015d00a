/* harness.c: runs the routines of the switch from random states on the processor.
 *
 *   harness CASES SEED
 *
 * It writes the states before and after as Lisp, for cosim.lisp to compare with the model's.
 * m, g, both stacks and the thread's block lie at fixed addresses, one after another; all their words are random
 * but for those that say where control goes on. */
#define _GNU_SOURCE /* MAP_FIXED_NOREPLACE */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "proofs/assembly/acl2/cosim/machine.h"
#include "src/runtime/arch/x86_64/layout.h"
#include "src/runtime/number.h"

#define M UINT64_C(0x10000000)
#define G UINT64_C(0x10000100)
#define SYSTEM UINT64_C(0x10000200)
#define STACK UINT64_C(0x10000300)
#define THREAD UINT64_C(0x10000500)
#define END UINT64_C(0x10000600)
#define THREAD_BASE (THREAD + 0x80)
#define FLAGS UINT64_C(0xcd5)

struct m;
_Thread_local struct m *contig_m;
struct machine machine;

void enter(const void *routine);
extern const char landing[];
extern const char contig_execute[], contig_mcall[], contig_leave[], contig_morestack[];
extern const char contig_gostart_resume[], contig_goexit_return[];
extern const char contig_yield[], contig_park[], contig_exit[], contig_systemstack[],
    contig_throw[];
extern const char frame_smallest[], frame_small[], frame_middle[], frame_big[];

static const char *const routines[] = {
    contig_execute, contig_execute,   contig_execute,        contig_mcall,
    contig_leave,   contig_morestack, contig_gostart_resume, contig_goexit_return,
    contig_yield,   contig_park,      contig_exit,           contig_systemstack,
    contig_throw,   frame_smallest,   frame_small,           frame_middle,
    frame_big,
};

static uint64_t seed;

/* xorshift64. */
static uint64_t any(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void put(uint64_t address, uint64_t value, size_t bytes)
{
    memcpy((void *)(uintptr_t)address, &value, bytes);
}

static uint32_t any_mxcsr(void)
{
    return any() % 2 ? 0x1f80 : (uint32_t)any() & 0xffff;
}

/* With no exception pending, FLDCW takes every word. */
static uint16_t any_fpu_control(void)
{
    return any() % 2 ? 0x37f : (uint16_t)any();
}

static void words(const char *name, const uint64_t *from, size_t count)
{
    printf(" (%s", name);
    for (size_t i = 0; i < count; i++)
        printf(" #x%" PRIx64, from[i]);
    printf(")");
}

static void state(const char *name)
{
    printf("(%s (flags #x%" PRIx64 ") (fs #x%" PRIx64 ") (mxcsr #x%x) (fpu-control #x%x)", name,
           machine.flags, machine.fs, machine.mxcsr, machine.fpu_control);
    words("registers", machine.registers, 16);
    words("memory", (const uint64_t *)(uintptr_t)M, (END - M) / 8);
    printf(")\n");
}

/* Where control goes on, and which words of m and g the switch loads into control registers. */
static void prepare_memory(void)
{
    uint64_t there = (uint64_t)(uintptr_t)landing;
    for (uint64_t at = M; at < END; at += 8)
        put(at, any(), 8);
    put(M + M_CURG, any() % 8 ? G : 0, 8);
    put(M + M_G0_SP, SYSTEM + 0x40, 8);
    put(SYSTEM + 0x40 + 48, there, 8);
    put(M + M_MXCSR, any_mxcsr(), 4);
    put(M + M_FPU_CONTROL, any_fpu_control(), 2);
    put(G + G_MXCSR, any_mxcsr(), 4);
    put(G + G_FPU_CONTROL, any_fpu_control(), 2);
    put(G + G_SCHED_SP, STACK + any() % 128, 8);
    put(G + G_SCHED_PC, there, 8);
    uint64_t variable =
        (uint64_t)(uintptr_t)&contig_m - (uint64_t)(uintptr_t)__builtin_thread_pointer();
    put(THREAD_BASE + variable, M, 8);
    uint64_t guards[] = {0, STACK, STACK + 0x100, UINT64_C(0xfffffffffffffade)};
    put(THREAD_BASE + GUARD_TLS_OFFSET, guards[any() % 4], 8);
}

static void prepare_registers(const char *routine)
{
    for (size_t i = 0; i < 16; i++)
        machine.registers[i] = any();
    machine.flags = 2 | (any() & FLAGS);
    machine.fs = THREAD_BASE;
    machine.mxcsr = any_mxcsr();
    machine.fpu_control = any_fpu_control();
    machine.registers[4] = (routine == contig_execute ? SYSTEM : STACK) + 0x80 + (any() & 8);
    put(machine.registers[4], (uint64_t)(uintptr_t)landing, 8);
    if (routine == contig_execute) {
        machine.registers[7] = M;
        machine.registers[6] = G;
    } else {
        put(STACK + 0x88, (uint64_t)(uintptr_t)landing, 8);
    }
    if (routine == contig_leave) {
        machine.registers[1] = M;
        machine.registers[8] = G;
    }
    if (routine == contig_gostart_resume)
        machine.registers[0] = (uint64_t)(uintptr_t)landing;
    if (routine != contig_morestack)
        put(M + M_CURG, G, 8);
}

/* Ends the program with one sentence if an argument is none, is missing or is one too many. */
static uint64_t number_of(int argc, char **argv, int place, const char *what)
{
    uint64_t number;
    if (argc == 3 && number_read(argv[place], 0, UINT32_MAX, &number))
        return number;
    if (argc == 3)
        fprintf(stderr, "harness: '%s' is no %s.\n", argv[place], what);
    else
        fputs("harness: usage: harness CASES SEED.\n", stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    uint64_t cases = number_of(argc, argv, 1, "number of cases");
    seed = number_of(argc, argv, 2, "seed") * UINT64_C(0x9e3779b97f4a7c15) + 1;
    void *map = mmap((void *)(uintptr_t)M, END - M, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (map != (void *)(uintptr_t)M) {
        fputs("harness: the addresses of the regions are in use.\n", stderr);
        return 2;
    }
    for (uint64_t i = 0; i < cases; i++) {
        const char *routine = routines[any() % (sizeof routines / sizeof *routines)];
        prepare_memory();
        prepare_registers(routine);
        printf("((routine #x%" PRIx64 ")\n ", (uint64_t)(uintptr_t)routine);
        fflush(stdout);
        state("before");
        enter(routine);
        state(" after");
        printf(")\n");
    }
    return 0;
}
