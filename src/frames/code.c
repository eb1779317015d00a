/* code.c: see code.h. */
#include "src/frames/code.h"

#include <stdlib.h>
#include <string.h>

uint32_t frames_code_used;
bool frames_code_full;

void frames_code_begin(void)
{
    frames_code_used = 0;
    frames_code_full = false;
}

static void field_fill(struct template_field field, uint32_t start, uint64_t value)
{
    uint32_t at = start + field.offset;
    if (field.kind == TEMPLATE_DISTANCE)
        value -= frames_code_executable + at + 4;
    memcpy(frames_code_writable + at, &value, field.kind == TEMPLATE_ADDRESS ? 8 : 4);
}

void frames_code_add(const struct code_template *template, const uint64_t *values, uint32_t count)
{
    if (template->bytes > CODE_BYTES - frames_code_used) {
        frames_code_full = true;
        return;
    }
    memcpy(frames_code_writable + frames_code_used, frames_code_templates + template->start,
           template->bytes);
    for (uint32_t i = 0; i < count; i++) {
        if (template->fields[i].kind == TEMPLATE_END)
            abort();
        field_fill(template->fields[i], frames_code_used, values[i]);
    }
    if (template->fields[count].kind != TEMPLATE_END)
        abort();
    frames_code_used += template->bytes;
}

void frames_code_lead(uint32_t end_of_distance, uint64_t target)
{
    int32_t distance = (int32_t)(target - (frames_code_executable + end_of_distance));
    if (!frames_code_full)
        memcpy(frames_code_writable + end_of_distance - 4, &distance, 4);
}

void frames_code_land(uint32_t end_of_distance)
{
    frames_code_lead(end_of_distance, code_here());
}
