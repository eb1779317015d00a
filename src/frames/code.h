/* code.h: writes machine code, a template at a time.
 *
 * What an instruction is called and how it is encoded is known to arch/x86_64/templates.S alone.  A full buffer is
 * remembered, and nothing is written then.  Called by body.c, maps.c and compile.c. */
#ifndef CONTIG_FRAMES_CODE_H
#define CONTIG_FRAMES_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/frames/code_memory.h"
#include "src/frames/layout.h"

struct template_field {
    uint8_t kind, offset; /* TEMPLATE_*; in the code of the template */
};

struct code_template {
    uint16_t start, bytes;          /* in frames_code_templates */
    struct template_field fields[]; /* until one of kind TEMPLATE_END */
};

extern const uint8_t frames_code_templates[];
extern const struct code_template frames_template_load, frames_template_store_word,
    frames_template_store_address, frames_template_store_lookalike, frames_template_point_to,
    frames_template_point_to_second, frames_template_store_taken, frames_template_call,
    frames_template_call_with_word, frames_template_fail_unless_equal, frames_template_test_result,
    frames_template_check_slots, frames_template_call_system, frames_template_call_host,
    frames_template_park, frames_template_throw, frames_template_trap, frames_template_enter,
    frames_template_call_function, frames_template_restore_depth, frames_template_prologue_small,
    frames_template_prologue_big, frames_template_prologue_huge_subtract,
    frames_template_prologue_huge_compare, frames_template_frame_make, frames_template_frame_end,
    frames_template_enter_again, frames_template_offer, frames_template_offer_result,
    frames_template_offer_skip, frames_template_load_bare, frames_template_register_begin,
    frames_template_check_register, frames_template_clear_register, frames_template_register_again,
    frames_template_frame_pointer_again, frames_template_frame_make_bare,
    frames_template_frame_end_bare;

extern uint32_t frames_code_used;
extern bool frames_code_full;

void frames_code_begin(void);

static inline uint64_t code_here(void)
{
    return frames_code_executable + frames_code_used;
}

/* Copies a template to the end of the code, and fills its fields in: words, addresses, and where distances lead to. */
void frames_code_add(const struct code_template *template, const uint64_t *values, uint32_t count);

#define EMIT(name) frames_code_add(&frames_template_##name, NULL, 0)
#define EMIT_WITH(name, ...)                                                  \
    frames_code_add(&frames_template_##name, (const uint64_t[]){__VA_ARGS__}, \
                    sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* For a distance that is not known yet: it must be the last thing of its template, so that it ends at
 * frames_code_used. */
#define CODE_LATER UINT64_C(0)

/* The distance that ends there leads here, or to an address. */
void frames_code_land(uint32_t end_of_distance);
void frames_code_lead(uint32_t end_of_distance, uint64_t target);

static inline uint64_t code_address(void (*function)(void))
{
    return (uint64_t)(uintptr_t)function;
}

#endif
