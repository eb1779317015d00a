/* bare.c: see bare.h. */
#include "src/frames/bare.h"

#include "src/frames/body.h"
#include "src/frames/code.h"
#include "src/frames/function.h"
#include "src/frames/maps.h"
#include "src/frames/slots.h"

/* helpers.S */
void frames_check_register(void);

/* What rbp is at the beginning, from slot 0: each function of a script has another: the place of a frame pointer, a
 * slot, an address below the frame, and one that is odd. */
static int32_t register_offset(void)
{
    int32_t place = offset_of(saved_slot());
    const int32_t offsets[] = {place, 0, -64, place + 1};
    return offsets[frames_now.number % (sizeof offsets / sizeof *offsets)];
}

static uint64_t register_word(void)
{
    return (uint64_t)offset_of(register_slot());
}

void frames_register_begin(void)
{
    frames_slot_becomes(saved_slot(), SLOT_INTEGER);
    frames_slot_becomes(register_slot(), SLOT_INTEGER);
    EMIT_WITH(register_begin, (uint64_t)(int64_t)register_offset(), register_word(),
              register_word());
}

void frames_register_check(void)
{
    frames_load();
    EMIT_WITH(check_register, register_word(), code_address(frames_check_register), CODE_LATER);
    frames_failure_here();
}

void frames_border_leave(bool bare)
{
    if (frames_now.function->bare != bare)
        EMIT(clear_register);
}

void frames_border_return(bool bare)
{
    frames_site_here(true);
    if (frames_now.function->bare && !bare)
        EMIT_WITH(register_again, register_word());
    else if (bare && !frames_now.function->bare)
        EMIT_WITH(frame_pointer_again, (uint64_t)offset_of(saved_slot()));
    frames_registers_lost();
}
