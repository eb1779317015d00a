/* cosim_main.c: every instruction of the proofs, on the processor and in the model.  cosim [--unicorn] STATES.
 *
 * Each trial runs from STATES random states; registers, flags, mxcsr, x87 control word, memory operand and the way
 * that a branch takes must be equal.  Flags that the processor leaves undefined are not compared.  With --unicorn the
 * other side is QEMU's translator as a library, not this processor.  Exit status 1: there is a difference. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, syscall */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proofs/assembly/cosim.h"
#include "proofs/assembly/cosim_unicorn.h"
#include "src/command/program.h"

#define PAGE_BYTES 4096u
#define TAKEN_OFFSET 64u
#define STACK_BYTES (UINT64_C(8) << 20)
#define ARCH_GET_FS 0x1003

static const unsigned flag_bits[7] = {0, 2, 4, 6, 7, 11, 10};

struct state cosim_in, cosim_out;
uint64_t cosim_flags, cosim_host_fs;
uint8_t *cosim_code;
uint32_t cosim_uses_fs, cosim_branch;
void cosim_landed(void);
void cosim_taken(void);

static uint64_t *buffer; /* in the middle of memory that any stack pointer of a trial points into */
static uint64_t random_state = 0x9e3779b97f4a7c15;

/* xorshift64: small numbers, sign bits and equal values come up often enough to meet every edge. */
static uint64_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    switch (random_state >> 60) {
    case 0: return random_state >> 4 & 15;
    case 1: return -(random_state >> 4 & 15);
    case 2: return UINT64_C(1) << (random_state >> 4 & 63);
    case 3: return (random_state >> 4 & 0xffffffff) | UINT64_C(0x80000000);
    default: return random_state;
    }
}

/* The instruction, a jump to cosim_landed behind it, and one to cosim_taken where a branch goes. */
static void place(const struct trial *trial)
{
    const uint64_t landed = (uint64_t)(uintptr_t)cosim_landed,
                   taken = (uint64_t)(uintptr_t)cosim_taken;
    /* jmp *0(%rip): the address stands behind it */
    static const uint8_t jump[6] = {0xff, 0x25, 0, 0, 0, 0};
    memcpy(cosim_code, trial->code, trial->length);
    if (trial->relative) {
        int32_t distance = (int32_t)(TAKEN_OFFSET - trial->length);
        bool short_form = trial->length == 2;
        memcpy(cosim_code + trial->length - (short_form ? 1 : 4), &distance, short_form ? 1 : 4);
    }
    memcpy(cosim_code + trial->length, jump, sizeof jump);
    memcpy(cosim_code + trial->length + sizeof jump, &landed, 8);
    memcpy(cosim_code + TAKEN_OFFSET, jump, sizeof jump);
    memcpy(cosim_code + TAKEN_OFFSET + sizeof jump, &taken, 8);
}

static void randomise(const struct trial *trial, bool unicorn)
{
    for (unsigned i = 0; i < 16; i++)
        cosim_in.r[i] = random_word();
    /* A preempted thread needs a stack, on some systems even if no signal is for it. */
    cosim_in.r[RSP] = (uint64_t)(uintptr_t)buffer + (random_word() & 0xffff8);
    if (random_word() % 4 == 0) /* equal operands */
        for (unsigned i = 0; i < 16; i++)
            cosim_in.r[i] = cosim_in.r[RSP];
    for (unsigned i = 0; i < 7; i++)
        cosim_in.flags[i] = random_word() >> 7 & 1;
    for (unsigned i = 0; i < 32; i++)
        cosim_in.vectors[i] = random_word();
    cosim_in.memory64 = random_word() % 4 == 0 ? cosim_in.r[RSP] : random_word();
    cosim_in.memory_above = random_word();
    cosim_in.mxcsr = random_word() & 0xffbf;
    cosim_in.fpu_control = (random_word() & 0x1f3f) | 0x40;
    cosim_in.fs = cosim_host_fs;
    cosim_in.buffer = (uint64_t)(uintptr_t)buffer;
    cosim_in.next = (uint64_t)(uintptr_t)cosim_code + trial->length;
    cosim_in.target = (uint64_t)(uintptr_t)cosim_code + TAKEN_OFFSET;
    trial->aim(&cosim_in);
    /* QEMU does not fix the reserved bits, as processors do */
    if (unicorn && strcmp(trial->form, "fldcw m16") == 0)
        cosim_in.memory64 = (cosim_in.memory64 & ~UINT64_C(0xe0c0)) | 0x40;
}

static void run_native(const struct trial *trial)
{
    cosim_flags = 2;
    for (unsigned i = 0; i < 7; i++)
        cosim_flags |= cosim_in.flags[i] << flag_bits[i];
    buffer[0] = cosim_in.memory64;
    buffer[1] = cosim_in.memory_above;
    cosim_uses_fs = trial->uses_fs;
    cosim_branch = 0;
    cosim_run();
    for (unsigned i = 0; i < 7; i++)
        cosim_out.flags[i] = cosim_flags >> flag_bits[i] & 1;
    cosim_out.memory64 = buffer[0];
    cosim_out.memory_above = buffer[1];
    cosim_out.target = cosim_branch ? cosim_in.target : cosim_in.next;
}

static bool differs(const struct trial *trial, const char *what, unsigned number, uint64_t model,
                    uint64_t found)
{
    if (model == found)
        return false;
    fprintf(stderr, "cosim: '%s' (%s): %s %u is 0x%llx in the model, 0x%llx here\n", trial->text,
            trial->form, what, number, (unsigned long long)model, (unsigned long long)found);
    return true;
}

static bool same(const struct trial *trial, const struct state *model)
{
    bool bad = false;
    for (unsigned i = 0; i < 16; i++)
        bad |= differs(trial, "register", i, model->r[i], cosim_out.r[i]);
    for (unsigned i = 0; i < 7; i++)
        if ((trial->undefined >> i & 1) == 0)
            bad |= differs(trial, "flag", i, model->flags[i], cosim_out.flags[i]);
    bad |= differs(trial, "mxcsr", 0, model->mxcsr, cosim_out.mxcsr & 0xffffffff);
    bad |=
        differs(trial, "x87 control word", 0, model->fpu_control, cosim_out.fpu_control & 0xffff);
    bad |= differs(trial, "memory", 0, model->memory64, cosim_out.memory64);
    bad |= differs(trial, "memory", 8, model->memory_above, cosim_out.memory_above);
    for (unsigned i = 0; i < 32; i++)
        bad |= differs(trial, "word of vectors", i, model->vectors[i], cosim_out.vectors[i]);
    bad |= differs(trial, "next address", 0, model->target, cosim_out.target);
    return !bad;
}

/* Runs one trial from `states` states; returns true if there is no difference. */
static bool try(const struct trial *trial, uint64_t states, bool unicorn)
{
    place(trial);
    for (uint64_t i = 0; i < states; i++) {
        struct state model = {0};
        randomise(trial, unicorn);
        memset(&cosim_out, 0, sizeof cosim_out);
        if (unicorn)
            unicorn_run(trial, &cosim_in, &cosim_out);
        else
            run_native(trial);
        trial->model(&cosim_in, &model);
        if (!same(trial, &model))
            return false;
    }
    return true;
}

static uint64_t *mapped(size_t bytes, int protection)
{
    void *memory = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* The memory of the trials. */
static bool started(bool unicorn)
{
    uint64_t *code = mapped(PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC),
             *stack = mapped(STACK_BYTES, PROT_READ | PROT_WRITE);
    if (code == NULL || stack == NULL)
        return false;
    syscall(SYS_arch_prctl, ARCH_GET_FS, &cosim_host_fs);
    cosim_code = (uint8_t *)code;
    buffer = stack + STACK_BYTES / 16;
    return !unicorn || unicorn_start(cosim_code, buffer);
}

int main(int argc, char **argv)
{
    char name[] = "cosim";
    bool unicorn = false;
    uint64_t states;
    unsigned bad = 0;
    const struct option_form form = {.name = "unicorn", .kind = OPTION_FLAG, .place = &unicorn};
    int operands = program_arguments(name, "[--unicorn] STATES", argc, argv, &form, 1, 1);
    if (operands > 1)
        return complain("%s: one argument too many: %s", name, argv[2]);
    if (!argument_number(name, "the number of states", argv[1], 1, UINT32_MAX, &states))
        return EXIT_USE;
    if (!started(unicorn))
        return complain("%s: no memory that is writable and executable", name);
    for (unsigned i = 0; i < trial_count; i++)
        bad += !try(&trials[i], states, unicorn);
    printf("%u instructions, %llu states each, on %s: %u differ\n", trial_count,
           (unsigned long long)states, unicorn ? "unicorn" : "the processor", bad);
    return bad == 0 && trial_count > 0 ? 0 : 1;
}
