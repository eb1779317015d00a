/* prologue_test.c: each prologue lets in exactly the frames that there is room for, under every guard.
 *
 * PROLOGUE-1.  The macros' functions have frames at the bounds of each class, the frame compiler's have every size that
 * a script can name.  Each is entered around the bound of its own, with the guards that ask for a preemption or a move,
 * and on a stack so low that the subtraction of a large frame wraps around. */
#define _DEFAULT_SOURCE /* mmap */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "src/frames/test/sizes.h"

struct probe {
    contig_function *function;
    uint64_t locals;
};
extern const struct probe probes[]; /* until one without a function */
uint32_t prologue_passes(contig_function *function, uint64_t sp, uint64_t guard, void *context);

#define STACK_MAPPED_BYTES (UINT64_C(4) << 20)
/* The lowest that the system maps. */
#define LOW_STACK UINT64_C(0x10000)
#define LOW_BYTES UINT64_C(0x2000)

static uint64_t frames_tried, passes, refusals;

static void expect(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "prologue_test: %s\n", what);
    exit(1);
}

/* PROLOGUE-1, the model: all of the frame but its first 128 bytes ends above the guard. */
static bool has_room(uint64_t sp, uint64_t guard, uint64_t frame)
{
    uint64_t below = frame > STACK_SMALL_BYTES ? frame - STACK_SMALL_BYTES : 0;
    return below <= sp && sp - below > guard;
}

static void enter(contig_function *function, uint64_t sp, uint64_t guard, uint64_t frame,
                  void *context)
{
    bool passed = prologue_passes(function, sp, guard, context);
    *(passed ? &passes : &refusals) += 1;
    if (passed == has_room(sp, guard, frame))
        return;
    fprintf(stderr, "prologue_test: a frame of %lu bytes at %#lx, guard %#lx: %s\n", frame, sp,
            guard, passed ? "entered" : "refused");
    exit(1);
}

/* One function, on a stack that ends at `sp` and has `room` bytes. */
static void enter_with_guards(contig_function *function, uint64_t sp, uint64_t room, uint64_t frame,
                              void *context)
{
    uint64_t bound = sp - (frame > STACK_SMALL_BYTES ? frame - STACK_SMALL_BYTES : 0);
    const uint64_t guards[] = {
        bound - 4096,
        bound - 129,
        bound - 8,
        bound - 1,
        bound,
        bound + 1,
        bound + 8,
        bound + 128,
        bound + 4096,
        sp - 1,
        sp,
        sp + 1,
        STACK_PREEMPT,
        STACK_FORCE_MOVE,
        UINT64_MAX,
        UINT64_C(1) << 63,
        0,
        1,
    };
    frames_tried++;
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
        if (!has_room(sp, guards[i], frame) || frame + 64 <= room)
            enter(function, sp, guards[i], frame, context);
}

static uint64_t mapped(uint64_t at, uint64_t bytes)
{
    void *place = mmap((void *)(uintptr_t)at, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    expect(place != MAP_FAILED, "no memory for a stack");
    return (uint64_t)(uintptr_t)place;
}

static uint64_t high_stack, low_stack;

static void enter_everywhere(contig_function *function, uint64_t frame, uint32_t context)
{
    enter_with_guards(function, high_stack + STACK_MAPPED_BYTES - 64, STACK_MAPPED_BYTES - 64,
                      frame, frames_context(context));
    enter_with_guards(function, low_stack + LOW_BYTES - 64, LOW_BYTES - 64, frame,
                      frames_context(context));
}

/* The frame of a bare function has two more locals. */
static void compiled_frames(enum operation_code code)
{
    uint32_t more = code == OPERATION_BARE ? 8 + 16 : 8;
    static struct script script;
    for (uint32_t first = 0; first < SIZES; first += SCRIPT_FUNCTIONS_MAX) {
        expect(sizes_compile(&script, code, first), "the functions are not compiled");
        for (uint32_t i = 0; i < SCRIPT_FUNCTIONS_MAX; i++)
            enter_everywhere(frames_function(i),
                             operand_frame_bytes(script.operations[i].operands) + more, i);
        frames_forget();
    }
}

int main(void)
{
    char message[200] = "";
    struct contig_options options = {.arena_bytes = 1 << 20};
    expect(contig_start(&options, message) == CONTIG_OK && frames_prepare(message), message);
    high_stack = mapped(0, STACK_MAPPED_BYTES);
    low_stack = mapped(LOW_STACK, LOW_BYTES);
    expect(low_stack == LOW_STACK, "no low address is free");
    for (const struct probe *probe = probes; probe->function != NULL; probe++)
        enter_everywhere(probe->function, probe->locals + 8, 0);
    expect(frames_tried >= 60, "the macros made too few functions");
    compiled_frames(OPERATION_FUNC);
    compiled_frames(OPERATION_BARE);
    expect(contig_stop() == CONTIG_OK, "the stop failed");
    expect(frames_tried >= 9200 && passes >= 10000 && refusals >= 10000, "too little was tried");
    printf("%lu frames, %lu entered, %lu refused\n", frames_tried, passes, refusals);
    return 0;
}
