/* slots.c: see slots.h. */
#include "src/frames/slots.h"

#include "src/frames/function.h"

struct slots frames_slots;

void frames_slots_begin(void)
{
    frames_slots.count = 0;
    frames_slots.pointers_changes++;
    frames_slots.objects_changes++;
}

uint32_t frames_slot_number(uint8_t operand)
{
    uint32_t usable = usable_slots();
    return operand < 128 ? operand % usable : usable - 1 - (255u - operand) % usable;
}

uint32_t frames_slot_find(uint32_t slot)
{
    for (uint32_t i = 0; i < frames_slots.count; i++)
        if (frames_slots.numbers[i] == slot)
            return i;
    return SLOTS_MAX;
}

bool frames_slot_in_record(uint32_t slot)
{
    uint32_t i = frames_slot_find(slot);
    return i != SLOTS_MAX && frames_slots.in_record[i];
}

bool frames_slot_holds_pointer(uint32_t slot)
{
    uint32_t i = frames_slot_find(slot);
    return i != SLOTS_MAX && frames_slots.kinds[i] != SLOT_INTEGER && !frames_slots.in_record[i];
}

static void kind_set(uint32_t i, enum slot_kind kind)
{
    enum slot_kind old = frames_slots.kinds[i];
    if (old == kind)
        return;
    frames_slots.kinds[i] = kind;
    if (frames_slots.numbers[i] >= SLOTS_IN_SITE && (old == SLOT_POINTER || kind == SLOT_POINTER))
        frames_slots.pointers_changes++;
    if (old == SLOT_OBJECT || kind == SLOT_OBJECT)
        frames_slots.objects_changes++;
}

bool frames_slot_becomes(uint32_t slot, enum slot_kind wanted)
{
    enum slot_kind kind = frames_now.function->bare ? SLOT_INTEGER : wanted;
    uint32_t i = frames_slot_find(slot);
    if (i == SLOTS_MAX) {
        if (frames_slots.count == SLOTS_MAX)
            return false;
        i = frames_slots.count++;
        frames_slots.numbers[i] = slot;
        frames_slots.kinds[i] = SLOT_INTEGER;
        frames_slots.in_record[i] = false;
    }
    if (frames_slots.in_record[i])
        return false;
    kind_set(i, kind);
    return true;
}

void frames_slot_joins_record(uint32_t slot)
{
    if (frames_slot_becomes(slot, SLOT_POINTER))
        frames_slots.in_record[frames_slot_find(slot)] = true;
}
