/* outside_examples_test.c: pointers into a stack from outside of it, in a move of [1000h, 2000h) to one that ends at
 * 8000h, with examples that a reader can check; and findsghi's case, as the core decides it. */
#include <stdio.h>

#include "src/core/move/outside.h"
#include "src/testing/expect.h"

#define LO UINT64_C(0x1000)
#define SP UINT64_C(0x1800)
#define HI UINT64_C(0x2000)
#define NEW_HI UINT64_C(0x8000)
#define DELTA (NEW_HI - HI)

static const struct stack_move move = {LO, SP, HI, NEW_HI};

/* OUTSIDE-1, OUTSIDE-2: a record on the heap, whose fields point to the stack, and whose next record lies there. */
static void deferred_calls_follow(void)
{
    struct defer record = {.sp = SP + 0x40,
                           .varp = SP + 0x80,
                           .function = 0x400000,
                           .panic = 0,
                           .link = SP + 0x100,
                           .function_data = 1};
    struct outside outside = {
        .defers = &record, .defers_count = 1, .first_defer = 0x500000, .stktopsp = HI - 48};
    EXPECT(outside_ok(&outside, LO, SP, HI));
    adjustdefers(&outside, move);
    EXPECT(record.sp == SP + 0x40 + DELTA && record.varp == SP + 0x80 + DELTA &&
           record.link == SP + 0x100 + DELTA);
    EXPECT(record.function == 0x400000 && record.panic == 0 && record.function_data == 1 &&
           outside.first_defer == 0x500000);
    outside.first_defer = SP;
    adjustdefers(&outside, move);
    EXPECT(outside.first_defer == SP + DELTA);
}

/* OUTSIDE-3 */
static void the_innermost_panic_follows(void)
{
    struct outside outside = {.panic = SP + 8, .stktopsp = HI};
    adjustpanics(&outside, move);
    EXPECT(outside.panic == SP + 8 + DELTA);
    outside.panic = 0;
    adjustpanics(&outside, move);
    EXPECT(outside.panic == 0);
}

/* OUTSIDE-4: both words of an element on the stack, none of one on the heap, and a wrong one is found before. */
static void elements_follow(void)
{
    struct sudog sudogs[] = {
        {{SP + 0x10, SP + 0x10}, 16}, {{0x700000, 0x700000}, 16}, {{SP + 0x20, 0}, 8}};
    struct outside outside = {.sudogs = sudogs, .sudogs_count = 3, .stktopsp = HI};
    EXPECT(outside_ok(&outside, LO, SP, HI));
    adjust_outside(&outside, move);
    EXPECT(sudogs[0].element.vu == SP + 0x10 + DELTA && sudogs[0].element.vp == SP + 0x10 + DELTA);
    EXPECT(sudogs[1].element.vu == 0x700000 && sudogs[1].element.vp == 0x700000);
    EXPECT(sudogs[2].element.vu == SP + 0x20 + DELTA && sudogs[2].element.vp == 0);
    EXPECT(outside.stktopsp == NEW_HI);
    struct sudog stale = {{SP - 8, SP - 8}, 8};
    struct outside wrong = {.sudogs = &stale, .sudogs_count = 1, .stktopsp = HI};
    EXPECT(!outside_ok(&wrong, LO, SP, HI));
    stale = (struct sudog){{HI - 8, HI - 8}, 16};
    EXPECT(!outside_ok(&wrong, LO, SP, HI));
}

/* OUTSIDE-5, GO-1: a slot in the heap that ends exactly where the stack begins.  Go 1.12 to 1.27 count it, and the
 * length lo - sp wraps around. */
static void a_heap_slot_that_ends_at_the_stack_does_not_count(void)
{
    struct sudog sudogs[] = {{{LO - 8192, LO - 8192}, 8192}, {{0, 0}, 8}};
    struct outside outside = {.sudogs = sudogs, .sudogs_count = 1, .stktopsp = HI};
    EXPECT(sgsize(&outside, SP, HI) == 0);
    sudogs[1] = (struct sudog){{SP + 0x20, SP + 0x20}, 8};
    outside.sudogs_count = 2;
    EXPECT(sgsize(&outside, SP, HI) == 0x28);
    sudogs[0] = (struct sudog){{HI - 8, HI - 8}, 8};
    EXPECT(sgsize(&outside, SP, HI) == HI - SP);
}

int main(void)
{
    deferred_calls_follow();
    the_innermost_panic_follows();
    elements_follow();
    a_heap_slot_that_ends_at_the_stack_does_not_count();
    printf("outside_examples_test: ok\n");
    return 0;
}
