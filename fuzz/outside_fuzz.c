/* outside_fuzz.c: defers, panics and waiting channel slots of a goroutine whose stack moves: arbitrary records, judged
 * and moved as a model says that is written down here without the core.  Go's
 * findsghi is one of its planted defects. */
#include "fuzz/outside_input.h"

#define LOW UINT64_C(0x10000)

/* OUTSIDE-5, GO-1: the highest end of a slot that begins in the used part. */
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

static struct stack_move move_take(struct input *input)
{
    struct stack_move move = {.old_lo = LOW};
    move.old_hi = LOW + (UINT64_C(2048) << input_take(input, 1) % 4);
    move.old_sp = move.old_hi - 8 * (1 + input_take(input, 2) % ((move.old_hi - LOW) / 8));
    move.new_hi = move.old_hi + (UINT64_C(1) << 20);
    return move;
}

/* OUTSIDE-1, OUTSIDE-2, OUTSIDE-3, OUTSIDE-4, OUTSIDE-5, GO-1: judged and moved as the model says. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, bytes + size};
    struct stack_move move = move_take(&input);
    struct outside outside = outside_take(&input, &move), old = outside;
    bool good = records_good(&outside, &move);
    require((outside_ok(&outside, move.old_lo, move.old_sp, move.old_hi) != 0) == good, "model",
            "records were judged wrongly");
    uint64_t copied = sgsize(&outside, move.old_sp, move.old_hi);
    require(copied <= move.old_hi - move.old_sp, "model",
            "more than the used part is copied with the channels locked");
    require(copied == model_sgsize(&outside, &move), "model",
            "sgsize does not end with the highest slot");
    if (!good)
        return 0;
    memcpy(old_defers, defers, sizeof defers);
    memcpy(old_sudogs, sudogs, sizeof sudogs);
    adjust_outside(&outside, move);
    records_moved_as_the_model_says(&outside, &old, &move);
    return 0;
}
