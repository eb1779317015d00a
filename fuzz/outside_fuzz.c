/* outside_fuzz.c: defers, panics and waiting channel slots of a goroutine whose stack moves: arbitrary records, judged
 * and moved as a model says that is written down here without the core.  Go's findsghi is one of its mutants. */
#include "fuzz/target.h"
#include "src/core/outside.h"

#define RECORDS_MAX 6u
#define LOW UINT64_C(0x10000)

static struct defer defers[RECORDS_MAX], old_defers[RECORDS_MAX];
static struct sudog sudogs[RECORDS_MAX], old_sudogs[RECORDS_MAX];

/* An address at, near or in the old stack, or any word. */
static uint64_t word_take(struct input *input, const struct stack_move *move)
{
    uint8_t code = (uint8_t)input_take(input, 1);
    uint64_t size = move->old_hi - move->old_lo;
    switch (code % 8) {
    case 0: return code;
    case 1: return move->old_lo + code / 8 - 4;
    case 2: return move->old_sp + code / 8 - 4;
    case 3: return move->old_hi + code / 8 - 24;
    case 4: return input_take(input, 8);
    default: return move->old_sp + 8 * (input_take(input, 1) % ((size - (move->old_sp - move->old_lo)) / 8 + 1));
    }
}

static bool stale(uint64_t word, const struct stack_move *move)
{
    return word >= move->old_lo && word < move->old_sp;
}

static uint64_t moved(uint64_t word, const struct stack_move *move)
{
    return word >= move->old_sp && word < move->old_hi ? word - move->old_hi + move->new_hi : word;
}

/* A slot that begins in the used part ends in the stack. */
static bool slot_good(const struct sudog *sudog, const struct stack_move *move)
{
    uint64_t start = sudog->element.vu;
    if (stale(start, move) || stale(sudog->element.vp, move))
        return false;
    return start < move->old_sp || start >= move->old_hi || (unsigned __int128)start + sudog->size <= move->old_hi;
}

static bool model_ok(const struct outside *outside, const struct stack_move *move)
{
    bool good = !stale(outside->first_defer, move) && !stale(outside->panic, move) && outside->stktopsp >= move->old_sp && outside->stktopsp <= move->old_hi;
    for (uint32_t i = 0; i < outside->defers_count; i++)
        for (uint32_t k = 0; k < sizeof *defers / 8; k++)
            good = good && !stale(((const uint64_t *)&defers[i])[k], move);
    for (uint32_t i = 0; i < outside->sudogs_count; i++)
        good = good && slot_good(&sudogs[i], move);
    return good;
}

static uint64_t model_sgsize(const struct outside *outside, const struct stack_move *move)
{
    uint64_t highest = move->old_sp;
    for (uint32_t i = 0; i < outside->sudogs_count; i++) {
        uint64_t start = sudogs[i].element.vu;
        unsigned __int128 end = (unsigned __int128)start + sudogs[i].size;
        if (start >= move->old_sp && start < move->old_hi && end <= move->old_hi && end > highest)
            highest = (uint64_t)end;
    }
    return highest - move->old_sp;
}

static void moved_as_the_model_says(const struct outside *outside, const struct outside *old, const struct stack_move *move)
{
    require(outside->first_defer == moved(old->first_defer, move) && outside->panic == moved(old->panic, move), "model", "a head was not moved as it should be");
    require(move->new_hi - outside->stktopsp == move->old_hi - old->stktopsp, "model", "stktopsp was not moved");
    for (uint32_t i = 0; i < outside->defers_count; i++)
        for (uint32_t k = 0; k < sizeof *defers / 8; k++)
            require(((const uint64_t *)&defers[i])[k] == moved(((const uint64_t *)&old_defers[i])[k], move), "model", "a defer record was not moved as it should be");
    for (uint32_t i = 0; i < outside->sudogs_count; i++)
        require(sudogs[i].element.vu == moved(old_sudogs[i].element.vu, move) && sudogs[i].element.vp == moved(old_sudogs[i].element.vp, move) && sudogs[i].size == old_sudogs[i].size,
                "model", "a sudog was not moved as it should be");
}

static struct stack_move move_take(struct input *input)
{
    struct stack_move move = {.old_lo = LOW};
    move.old_hi = LOW + (UINT64_C(2048) << input_take(input, 1) % 4);
    move.old_sp = move.old_hi - 8 * (1 + input_take(input, 2) % ((move.old_hi - LOW) / 8));
    move.new_hi = move.old_hi + (UINT64_C(1) << 20);
    return move;
}

static struct outside outside_take(struct input *input, const struct stack_move *move)
{
    struct outside outside = {.defers = defers, .sudogs = sudogs};
    outside.defers_count = (uint32_t)input_take(input, 1) % (RECORDS_MAX + 1);
    outside.sudogs_count = (uint32_t)input_take(input, 1) % (RECORDS_MAX + 1);
    outside.first_defer = word_take(input, move);
    outside.panic = word_take(input, move);
    outside.stktopsp = word_take(input, move);
    for (uint32_t i = 0; i < outside.defers_count; i++)
        for (uint32_t k = 0; k < sizeof *defers / 8; k++)
            ((uint64_t *)&defers[i])[k] = word_take(input, move);
    for (uint32_t i = 0; i < outside.sudogs_count; i++) {
        sudogs[i].element.vu = word_take(input, move);
        sudogs[i].element.vp = input_take(input, 1) % 2 == 0 ? 0 : sudogs[i].element.vu;
        sudogs[i].size = input_take(input, 1) % 16 == 0 ? input_take(input, 8) : input_take(input, 1);
    }
    return outside;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, bytes + size};
    struct stack_move move = move_take(&input);
    struct outside outside = outside_take(&input, &move), old = outside;
    bool good = model_ok(&outside, &move);
    require((outside_ok(&outside, move.old_lo, move.old_sp, move.old_hi) != 0) == good, "model", "records were judged wrongly");
    uint64_t copied = sgsize(&outside, move.old_sp, move.old_hi);
    require(copied <= move.old_hi - move.old_sp, "model", "more than the used part is copied with the channels locked");
    require(copied == model_sgsize(&outside, &move), "model", "sgsize does not end with the highest slot");
    if (!good)
        return 0;
    memcpy(old_defers, defers, sizeof defers);
    memcpy(old_sudogs, sudogs, sizeof sudogs);
    adjust_outside(&outside, move);
    moved_as_the_model_says(&outside, &old, &move);
    return 0;
}
