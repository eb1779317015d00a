/* registers_test.c: __morestack keeps every register that can hold an argument or that a C function keeps.
 *
 * Random contents, in five ways: growth, a forced move, a yield, a yield with a stack that must grow, and on a stack
 * that is no goroutine's. */
#include <string.h>

#include "spec/platform.h"
#include "src/c/contig_c.h"
#include "src/testing/expect.h"

#define ROUNDS 2000
#define RSP 4
#define PROBE_FRAME_BYTES 1000
#define R10 10
#define R11 11

uint64_t registers_before[16], registers_after[16];
uint64_t registers_vectors_before[16], registers_vectors_after[16];
uint64_t registers_stack_before[2], registers_stack_after[2];

void registers_caller(void *argument);
void registers_probe(void);

/* The stack that the last move gave. */
static uint64_t last_low;

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    (void)old_bytes;
    (void)new_bytes;
    (void)used_bytes;
    EXPECT(contig_stack_bounds(id, &last_low, NULL, NULL) == CONTIG_OK);
}

static uint64_t state = 88172645463325252U;

static uint64_t random_word(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void fill(uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] = random_word();
}

/* Half of the registers that C keeps look like addresses of the goroutine's stack: they must not be relocated. */
static void prepare(uint64_t id)
{
    uint64_t low, high;
    fill(registers_before, 16);
    fill(registers_vectors_before, 16);
    fill(registers_stack_before, 2);
    memset(registers_after, 0, sizeof registers_after);
    memset(registers_vectors_after, 0, sizeof registers_vectors_after);
    memset(registers_stack_after, 0, sizeof registers_stack_after);
    if (id != 0 && contig_stack_bounds(id, &low, &high, NULL) == CONTIG_OK)
        for (int i = 0; i < 16; i += 2)
            registers_before[i] = low + random_word() % (high - low);
}

/* CGO-1, CGO-2; PROBE_FRAME_BYTES is what the probe asks for. */
static void judge(uint64_t lowest)
{
    for (int i = 0; i < 16; i++)
        require(i == RSP || i == R10 || i == R11 || registers_after[i] == registers_before[i],
                "a register is kept");
    require(memcmp(registers_vectors_before, registers_vectors_after,
                   sizeof registers_vectors_before) == 0,
            "vector registers are kept");
    require(memcmp(registers_stack_before, registers_stack_after, sizeof registers_stack_before) ==
                0,
            "stack arguments are kept");
    require(registers_after[RSP] % 16 == 8, "the stack is aligned");
    require(lowest + STACK_GUARD_BYTES <= registers_after[RSP] - PROBE_FRAME_BYTES,
            "the frame fits");
}

enum way { GROWTH, MOVE, YIELD, YIELD_FORCED, WAYS };

/* Steps until the goroutine has ended; registers of this C code are in between. */
static void one(enum way way)
{
    struct contig_statistics before, after;
    uint64_t id;
    contig_c_force_moves(way == YIELD_FORCED);
    EXPECT(contig_go_c(registers_caller, NULL, NULL, &id) == CONTIG_OK);
    EXPECT(contig_step());
    prepare(id);
    contig_read_statistics(&before);
    if (way != GROWTH)
        contig_poison_next_prologue(way == MOVE);
    EXPECT(contig_step());
    if (way == YIELD || way == YIELD_FORCED)
        EXPECT(registers_after[RSP] == 0 && contig_step());
    judge(last_low);
    contig_read_statistics(&after);
    require(after.growths > before.growths, "the stack was moved");
    EXPECT(!contig_step());
}

int main(void)
{
    struct contig_options options = {.check = true, .arena_bytes = 64 << 20, .moved = moved};
    EXPECT(contig_start(&options, NULL) == CONTIG_OK);
    registers_probe();
    EXPECT(registers_after[RSP] != 0);
    for (int round = 0; round < ROUNDS; round++)
        one((enum way)(round % WAYS));
    EXPECT(contig_stop() == CONTIG_OK);
    printf("%llu checks passed\n", checks_passed);
    return 0;
}
