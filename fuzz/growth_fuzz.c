/* growth_fuzz.c: how large the next stack is, against arithmetic that cannot wrap around. */
#include "fuzz/target.h"
#include "src/core/move/growth.h"

typedef unsigned __int128 wide;

static uint64_t model_growth(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum)
{
    for (wide size = (wide)old_size * 2; size <= maximum && size <= LARGEST_STACK_BYTES; size *= 2)
        if (size >= (wide)used + frame + STACK_GUARD_BYTES)
            return (uint64_t)size;
    return 0;
}

static uint64_t model_shrink(uint64_t old_size, uint64_t used)
{
    bool due = old_size / 2 >= FIXED_STACK_BYTES &&
               (wide)used + STACK_NOSPLIT_BYTES < old_size / 4 &&
               (wide)used + STACK_GUARD_BYTES < old_size / 2;
    return due ? old_size / 2 : old_size;
}

/* A number near a power of two, or any. */
static uint64_t number_take(struct input *input)
{
    uint8_t shape = (uint8_t)input_take(input, 1);
    if (shape < 192)
        return (UINT64_C(1) << shape % 64) + input_take(input, 1) - 128;
    return input_take(input, 8);
}

/* The growths of one stack so far: its size, and the bytes that they copied. */
struct growths {
    uint64_t size, copied;
};

/* GROW-7: all that was copied is at most twice the size that the growths have led to. */
static void grow_again(struct growths *growths, uint64_t used, uint64_t frame, uint64_t maximum)
{
    uint64_t now = used % (growths->size + 1),
             next = newstack_size(growths->size, now, frame, maximum);
    if (next == 0) {
        *growths = (struct growths){FIXED_STACK_BYTES, 0};
        return;
    }
    *growths = (struct growths){next, growths->copied + now};
    require(growths->copied <= 2 * growths->size, "model",
            "growths copied more than twice the size");
}

/* GROW-5, SHRINK-3, SHRINK-6: what a prologue or a collection that asks leads to; each bit of flags is a condition. */
static void check_steps(uint64_t guard, uint64_t flags, uint64_t size, uint64_t used)
{
    bool asked = flags & 1, off = flags & 2, call = flags & 4, point = flags & 8,
         channel = flags & 16;
    enum newstack_step preempted = asked ? NEWSTACK_SHRINK : NEWSTACK_YIELD;
    require(newstack_step(STACK_PREEMPT, asked) == preempted, "model",
            "newstack_step is wrong for a preemption");
    require(newstack_step(STACK_FORCE_MOVE, asked) == NEWSTACK_MOVE, "model",
            "newstack_step is wrong for a forced move");
    if (guard < STACK_PREEMPT)
        require(newstack_step(guard, asked) == NEWSTACK_GROW, "model",
                "newstack_step is wrong for a growth");
    enum shrink_step due = model_shrink(size, used) != size ? SHRINK_DUE : SHRINK_NOT_DUE;
    enum shrink_step wanted = off ? SHRINK_OFF : call || point || channel ? SHRINK_LATER : due;
    require(shrink_step(off, call, point, channel, size, used) == wanted, "model",
            "shrink_step is wrong");
    enum shrink_step senseless = wanted == SHRINK_DUE ? SHRINK_NOT_DUE : wanted;
    require(shrink_step(off, call, point, channel, size, size + 1 + used) == senseless, "model",
            "shrink_step is wrong for a stack that uses more than it has");
}

/* GC-6: the least size that holds the average stack and the guard, as far as the maximum allows. */
static void check_starting_size(uint64_t bytes, uint64_t stacks, uint64_t maximum)
{
    uint64_t wanted = FIXED_STACK_BYTES;
    while (stacks != 0 && wanted < (wide)bytes / stacks + STACK_GUARD_BYTES &&
           2 * wanted <= maximum && 2 * wanted <= LARGEST_STACK_BYTES)
        wanted *= 2;
    require(starting_stack_size(bytes, stacks, maximum) == wanted, "model",
            "starting_stack_size is wrong");
}

/* GROW-2, GROW-3, GROW-9, SHRINK-1, SHRINK-2, SHRINK-3, SHRINK-7, GO-17: both decisions against the model. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, bytes + size};
    struct growths growths = {FIXED_STACK_BYTES, 0};
    for (uint32_t round = 0; round < 64 && input_left(&input); round++) {
        uint64_t old_size = number_take(&input) % LARGEST_STACK_BYTES + 1,
                 used = number_take(&input) % (old_size + 1);
        uint64_t frame = number_take(&input), maximum = number_take(&input);
        if (input_take(&input, 1) % 4 != 0)
            old_size = UINT64_C(2048) << old_size % 18, used %= old_size + 1;
        require(newstack_size(old_size, used, frame, maximum) ==
                    model_growth(old_size, used, frame, maximum),
                "model", "newstack_size is wrong");
        require(shrinkstack_size(old_size, used) == model_shrink(old_size, used), "model",
                "shrinkstack_size is wrong");
        grow_again(&growths, used, frame % 4096, maximum);
        check_steps(maximum, frame, old_size, used);
        check_starting_size(frame, used % 5, maximum);
    }
    return 0;
}
