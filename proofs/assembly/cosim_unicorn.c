/* cosim_unicorn.c: see cosim_unicorn.h.  The guest's pages are this program's own, so that addresses are the same. */
#include "proofs/assembly/cosim_unicorn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

#define PAGE_BYTES 4096u

static uc_engine *engine;
static uint64_t code_address;

static const int registers[16] = {
    UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX, UC_X86_REG_RSP, UC_X86_REG_RBP,
    UC_X86_REG_RSI, UC_X86_REG_RDI, UC_X86_REG_R8,  UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
    UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15,
};
static const unsigned flag_bits[7] = {0, 2, 4, 6, 7, 11, 10};

static bool map(uint64_t address, uint32_t protection)
{
    uint64_t page = address / PAGE_BYTES * PAGE_BYTES;
    return uc_mem_map_ptr(engine, page, PAGE_BYTES, protection, (void *)(uintptr_t)page) ==
           UC_ERR_OK;
}

bool unicorn_start(void *code, void *buffer)
{
    code_address = (uint64_t)(uintptr_t)code;
    if (uc_open(UC_ARCH_X86, UC_MODE_64, &engine) != UC_ERR_OK)
        return false;
    return map(code_address, UC_PROT_READ | UC_PROT_EXEC) &&
           map((uint64_t)(uintptr_t)buffer, UC_PROT_READ | UC_PROT_WRITE);
}

static void load(const struct state *in)
{
    uint64_t flags = 2;
    uint32_t mxcsr = (uint32_t)in->mxcsr;
    uint16_t fpu_control = (uint16_t)in->fpu_control;
    for (unsigned i = 0; i < 7; i++)
        flags |= in->flags[i] << flag_bits[i];
    for (unsigned i = 0; i < 16; i++)
        uc_reg_write(engine, registers[i], &in->r[i]);
    uc_reg_write(engine, UC_X86_REG_EFLAGS, &flags);
    uc_reg_write(engine, UC_X86_REG_FS_BASE, &in->fs);
    uc_reg_write(engine, UC_X86_REG_MXCSR, &mxcsr);
    uc_reg_write(engine, UC_X86_REG_FPCW, &fpu_control);
    for (unsigned i = 0; i < 16; i++)
        uc_reg_write(engine, UC_X86_REG_XMM0 + (int)i, &in->vectors[2 * i]);
    memcpy((void *)(uintptr_t)in->buffer, in->memory, sizeof in->memory);
}

static void store(const struct state *in, struct state *out)
{
    uint64_t flags = 0;
    uint32_t mxcsr = 0;
    uint16_t fpu_control = 0;
    for (unsigned i = 0; i < 16; i++)
        uc_reg_read(engine, registers[i], &out->r[i]);
    uc_reg_read(engine, UC_X86_REG_EFLAGS, &flags);
    uc_reg_read(engine, UC_X86_REG_MXCSR, &mxcsr);
    uc_reg_read(engine, UC_X86_REG_FPCW, &fpu_control);
    uc_reg_read(engine, UC_X86_REG_RIP, &out->target);
    for (unsigned i = 0; i < 7; i++)
        out->flags[i] = flags >> flag_bits[i] & 1;
    out->mxcsr = mxcsr;
    out->fpu_control = fpu_control;
    for (unsigned i = 0; i < 16; i++)
        uc_reg_read(engine, UC_X86_REG_XMM0 + (int)i, &out->vectors[2 * i]);
    memcpy(out->memory, (const void *)(uintptr_t)in->buffer, sizeof out->memory);
}

void unicorn_run(const struct trial *trial, const struct state *in, struct state *out)
{
    static const struct trial *last;
    if (last != trial)
        uc_ctl_remove_cache(engine, code_address, code_address + PAGE_BYTES);
    last = trial;
    load(in);
    /* QEMU counts each round of this, and one more that only goes on. */
    bool rounds = strcmp(trial->form, "rep_movsb") == 0;
    if (uc_emu_start(engine, code_address, rounds ? in->next : UINT64_MAX, 0, rounds ? 0 : 1) !=
        UC_ERR_OK) {
        fprintf(stderr, "cosim: unicorn refuses '%s'\n", trial->text);
        exit(1);
    }
    store(in, out);
}
