/* slots.c: see slots.h. */
#include "src/frames/slots.h"

#include "src/frames/function.h"

struct slots slots;

void slots_begin(void)
{
    slots.count = 0;
    slots.pointers_changes++;
    slots.objects_changes++;
}

uint32_t slot_number(uint8_t operand)
{
    uint32_t usable = usable_slots();
    return operand < 128 ? operand % usable : usable - 1 - (255u - operand) % usable;
}

uint32_t slot_find(uint32_t slot)
{
    for (uint32_t i = 0; i < slots.count; i++)
        if (slots.numbers[i] == slot)
            return i;
    return SLOTS_MAX;
}

bool slot_in_record(uint32_t slot)
{
    uint32_t i = slot_find(slot);
    return i != SLOTS_MAX && slots.in_record[i];
}

bool slot_holds_pointer(uint32_t slot)
{
    uint32_t i = slot_find(slot);
    return i != SLOTS_MAX && slots.kinds[i] != SLOT_INTEGER && !slots.in_record[i];
}

static void kind_set(uint32_t i, enum slot_kind kind)
{
    enum slot_kind old = slots.kinds[i];
    if (old == kind)
        return;
    slots.kinds[i] = kind;
    if (slots.numbers[i] >= SLOTS_IN_SITE && (old == SLOT_POINTER || kind == SLOT_POINTER))
        slots.pointers_changes++;
    if (old == SLOT_OBJECT || kind == SLOT_OBJECT)
        slots.objects_changes++;
}

bool slot_becomes(uint32_t slot, enum slot_kind kind)
{
    uint32_t i = slot_find(slot);
    if (i == SLOTS_MAX) {
        if (slots.count == SLOTS_MAX)
            return false;
        i = slots.count++;
        slots.numbers[i] = slot;
        slots.kinds[i] = SLOT_INTEGER;
        slots.in_record[i] = false;
    }
    if (slots.in_record[i])
        return false;
    kind_set(i, kind);
    return true;
}

void slot_joins_record(uint32_t slot)
{
    if (slot_becomes(slot, SLOT_POINTER))
        slots.in_record[slot_find(slot)] = true;
}
