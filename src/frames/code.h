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
    uint16_t start, bytes;          /* in code_templates */
    struct template_field fields[]; /* until one of kind TEMPLATE_END */
};

extern const uint8_t code_templates[];
extern const struct code_template template_load, template_store_word, template_store_address,
    template_store_lookalike, template_point_to, template_point_to_second, template_store_taken,
    template_call, template_call_with_word, template_fail_unless_equal, template_test_result,
    template_check_slots, template_call_system, template_call_host, template_park, template_throw,
    template_trap, template_enter, template_call_function, template_restore_depth,
    template_prologue_small, template_prologue_big, template_prologue_huge_subtract,
    template_prologue_huge_compare, template_frame_make, template_frame_end, template_enter_again;

extern uint32_t code_used;
extern bool code_full;

void code_begin(void);

static inline uint64_t code_here(void)
{
    return code_executable + code_used;
}

/* Copies a template to the end of the code, and fills its fields in: words, addresses, and where distances lead to. */
void code_add(const struct code_template *template, const uint64_t *values, uint32_t count);

#define EMIT(name) code_add(&template_##name, NULL, 0)
#define EMIT_WITH(name, ...)                                    \
    code_add(&template_##name, (const uint64_t[]){__VA_ARGS__}, \
             sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* For a distance that is not known yet: it must be the last thing of its template, so that it ends at code_used. */
#define CODE_LATER UINT64_C(0)

/* The distance that ends there leads here, or to an address. */
void code_land(uint32_t end_of_distance);
void code_lead(uint32_t end_of_distance, uint64_t target);

static inline uint64_t code_address(void (*function)(void))
{
    return (uint64_t)(uintptr_t)function;
}

#endif
