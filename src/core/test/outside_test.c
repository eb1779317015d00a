/* outside_test.c: pointers outside of a stack, against a naive model that is written without the core.
 *
 * Random stacks, moves and records; addresses are drawn near the bounds of the stack, where rules differ.
 * Prints one line; the exit status says whether everything agreed. */
#include <stdio.h>
#include <string.h>

#include "src/core/move/outside.h"
#include "src/testing/expect.h"

#define MOST 12
#define ROUNDS 200000
#define DEFER_WORDS 6

_Static_assert(sizeof(struct defer) == 8 * DEFER_WORDS, "a defer record is six words");

static uint64_t random_state = 0x2545f4914f6cdd1du;

static struct defer defers[MOST + 1], defers_before[MOST + 1];
static struct sudog sudogs[MOST + 1], sudogs_before[MOST + 1];

static uint64_t draw(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

/* A stack in the middle of the address space, and a place for the next one above or below, or right beside it. */
static struct stack_move draw_move(void)
{
    uint64_t size = 2048u << draw(6);
    uint64_t lo = 0x100000000u + 2048 * draw(1000);
    uint64_t used = draw(3) == 0 ? size : 8 * draw(size / 8 + 1);
    uint64_t new_size = used <= size / 2 && draw(2) ? size / 2 : 2 * size;
    uint64_t new_lo = draw(2) ? lo + size + 2048 * draw(3) : lo - new_size - 2048 * draw(3);
    struct stack_move move = {lo, lo + size - used, lo + size, new_lo + new_size};
    return move;
}

/* Near a bound, inside, or anything; below the stack pointer only if a fault is wanted. */
static uint64_t draw_address(struct stack_move move, int faults)
{
    uint64_t bounds[] = {0, move.old_lo, move.old_sp, move.old_hi, move.new_hi, UINT64_MAX - 16};
    for (;;) {
        uint64_t value = draw(3) == 0 ? move.old_lo + draw(move.old_hi - move.old_lo + 16)
                                      : bounds[draw(6)] + draw(5) - (draw(4) == 0 ? 2 : 0);
        if (faults || value < move.old_lo || value >= move.old_sp)
            return value;
    }
}

static int naive_stale(uint64_t value, struct stack_move move)
{
    return value >= move.old_lo && value < move.old_sp;
}

static int naive_inside(uint64_t value, struct stack_move move)
{
    return value >= move.old_sp && value < move.old_hi;
}

static uint64_t naive_moved(uint64_t value, struct stack_move move)
{
    if (!naive_inside(value, move))
        return value;
    return value + (move.new_hi - move.old_hi);
}

static int naive_refers(uint64_t value, struct stack_move move)
{
    return value >= move.old_lo && value < move.old_hi;
}

static uint64_t defer_word(const struct defer *record, int k)
{
    uint64_t words[DEFER_WORDS];
    memcpy(words, record, sizeof words);
    return words[k];
}

static struct outside draw_outside(struct stack_move move, int faults)
{
    struct outside outside = {defers, sudogs, (uint32_t)draw(MOST + 1), (uint32_t)draw(MOST + 1), 0,
                              0,      0};
    for (int i = 0; i <= MOST; i++) {
        uint64_t words[DEFER_WORDS];
        for (int k = 0; k < DEFER_WORDS; k++)
            words[k] = draw_address(move, faults && draw(20) == 0);
        memcpy(&defers[i], words, sizeof words);
        struct sudog *waiting = &sudogs[i];
        waiting->element.vu = draw_address(move, faults && draw(8) == 0);
        waiting->element.vp = draw(4) == 0 ? 0 : waiting->element.vu;
        waiting->size = draw(2) ? draw(64) : draw(4) ? 0 : move.old_hi - move.old_sp + draw(3);
        if (!faults && naive_inside(waiting->element.vu, move) &&
            waiting->size > move.old_hi - waiting->element.vu)
            waiting->size = move.old_hi - waiting->element.vu;
    }
    outside.first_defer = draw_address(move, faults && draw(20) == 0);
    outside.panic = draw_address(move, faults && draw(20) == 0);
    outside.stktopsp = draw(2) ? move.old_hi : move.old_sp + draw(move.old_hi - move.old_sp + 1);
    if (faults && draw(20) == 0)
        outside.stktopsp = draw(2) ? move.old_hi + 1 : move.old_sp - 1;
    memcpy(defers_before, defers, sizeof defers);
    memcpy(sudogs_before, sudogs, sizeof sudogs);
    return outside;
}

static int naive_sound(const struct outside *outside, struct stack_move move)
{
    int faults = naive_stale(outside->first_defer, move) + naive_stale(outside->panic, move);
    faults += outside->stktopsp < move.old_sp || outside->stktopsp > move.old_hi;
    for (uint32_t i = 0; i < outside->defers_count; i++)
        for (int k = 0; k < DEFER_WORDS; k++)
            faults += naive_stale(defer_word(&defers[i], k), move);
    for (uint32_t i = 0; i < outside->sudogs_count; i++) {
        struct element element = sudogs[i].element;
        faults += naive_stale(element.vu, move) + naive_stale(element.vp, move);
        faults += naive_inside(element.vu, move) && sudogs[i].size > move.old_hi - element.vu;
    }
    return faults == 0;
}

/* OUTSIDE-1, OUTSIDE-3, OUTSIDE-4: what is sound is moved as the naive model says, and leaves the old stack. */
static void check_adjust(struct outside outside, struct stack_move move)
{
    struct outside before = outside;
    adjust_outside(&outside, move);
    require(outside.first_defer == naive_moved(before.first_defer, move),
            "the head of the list of records");
    require(outside.panic == naive_moved(before.panic, move), "the panic head");
    require(outside.stktopsp == before.stktopsp + (move.new_hi - move.old_hi), "stktopsp");
    for (uint32_t i = 0; i <= MOST; i++) {
        int counts = i < outside.defers_count;
        for (int k = 0; k < DEFER_WORDS; k++) {
            uint64_t was = defer_word(&defers_before[i], k), is = defer_word(&defers[i], k);
            require(is == (counts ? naive_moved(was, move) : was), "a word of a record");
            require(!counts || !naive_refers(is, move), "a record that refers to the old stack");
        }
        counts = i < outside.sudogs_count;
        struct sudog was = sudogs_before[i], is = sudogs[i];
        require(is.element.vu == (counts ? naive_moved(was.element.vu, move) : was.element.vu),
                "an element");
        require(is.element.vp == (counts ? naive_moved(was.element.vp, move) : was.element.vp),
                "an element's other word");
        require(is.size == was.size, "the size of an element");
        require(!counts ||
                    (!naive_refers(is.element.vu, move) && !naive_refers(is.element.vp, move)),
                "an element that refers to the old stack");
    }
}

/* OUTSIDE-5: byte by byte from the top: the first byte that belongs to a slot. */
static uint64_t naive_sgsize(const struct outside *outside, uint64_t sp, uint64_t hi)
{
    for (uint64_t end = hi; end > sp; end--)
        for (uint32_t i = 0; i < outside->sudogs_count; i++) {
            uint64_t start = outside->sudogs[i].element.vu, size = outside->sudogs[i].size;
            if (start >= sp && start < hi && size <= hi - start && start + size == end)
                return end - sp;
        }
    return 0;
}

/* Go 1.12 to 1.27 findsghi, and the length that syncadjustsudogs makes of it. */
static uint64_t go_sgsize(const struct outside *outside, uint64_t lo, uint64_t sp, uint64_t hi)
{
    uint64_t sghi = 0;
    for (uint32_t i = 0; i < outside->sudogs_count; i++) {
        uint64_t end = outside->sudogs[i].element.vu + outside->sudogs[i].size;
        if (lo <= end && end < hi && end > sghi)
            sghi = end;
    }
    return sghi == 0 ? 0 : sghi - sp;
}

/* GO-1, OUTSIDE-5: by Go's rule a slot counts that ends where the stack begins, by ours it does not. */
static void check_heap_slot_that_ends_at_the_stack(void)
{
    struct sudog waiting[2] = {{{0xfff8, 0xfff8}, 8}, {{0x10710, 0x10710}, 16}};
    struct outside outside = {defers, waiting, 0, 1, 0, 0, 0x10800};
    require(go_sgsize(&outside, 0x10000, 0x10700, 0x10800) > 0x100,
            "Go's rule counts what ends at the low end");
    require(sgsize(&outside, 0x10700, 0x10800) == 0, "a slot that ends at the low end counts");
    outside.sudogs_count = 2;
    require(sgsize(&outside, 0x10700, 0x10800) == 0x20, "the slot on the stack");
}

int main(void)
{
    uint64_t refused = 0, go_wrong = 0;
    check_heap_slot_that_ends_at_the_stack();
    for (int round = 0; round < ROUNDS; round++) {
        struct stack_move move = draw_move();
        struct outside outside = draw_outside(move, round % 2);
        int sound = naive_sound(&outside, move);
        require((outside_ok(&outside, move.old_lo, move.old_sp, move.old_hi) != 0) == sound,
                "what outside_ok decides");
        require(round % 2 || sound, "the generator's own rule");
        require(memcmp(defers, defers_before, sizeof defers) == 0 &&
                    memcmp(sudogs, sudogs_before, sizeof sudogs) == 0,
                "a search that writes");
        uint64_t size = sgsize(&outside, move.old_sp, move.old_hi);
        require(size <= move.old_hi - move.old_sp, "the length is at most what is used");
        if (round % 16 == 0)
            require(size == naive_sgsize(&outside, move.old_sp, move.old_hi), "the highest end");
        go_wrong +=
            go_sgsize(&outside, move.old_lo, move.old_sp, move.old_hi) > move.old_hi - move.old_sp;
        if (sound)
            check_adjust(outside, move);
        refused += !sound;
    }
    require(refused > ROUNDS / 10 && refused < ROUNDS / 2, "both kinds of records are drawn");
    require(go_wrong > 0, "Go's rule goes wrong on some");
    printf(
        "outside_test: %llu checks, %d moves, %llu refused, Go's findsghi out of bounds in %llu\n",
        checks_passed, ROUNDS, (unsigned long long)refused, (unsigned long long)go_wrong);
    return 0;
}
