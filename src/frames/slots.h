/* slots.h: what each slot of the function that is being compiled holds.
 *
 * A body is straight, so that this is known when a call is compiled: nothing, an integer, a pointer (live, in the map),
 * or a pointer in a stack object (moved live or not).  Called by body.c and maps.c. */
#ifndef CONTIG_FRAMES_SLOTS_H
#define CONTIG_FRAMES_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

/* Slots of one function that its body may use; what needs another one is left out. */
#define SLOTS_MAX 24u

/* A map's first words are in the site itself; slots from here on are in a row of their own. */
#define SLOTS_IN_SITE 64u

enum slot_kind { SLOT_INTEGER, SLOT_POINTER, SLOT_OBJECT };

/* Those in use, in the order of their first use. */
struct slots {
    uint32_t count;
    uint32_t numbers[SLOTS_MAX];
    enum slot_kind kinds[SLOTS_MAX];
    /* words of a deferred call's record: nothing else writes them or points to them */
    bool in_record[SLOTS_MAX];
    /* how often pointers from SLOTS_IN_SITE on have changed, and objects: what maps.c made before is out of date */
    uint64_t pointers_changes, objects_changes;
};
extern struct slots frames_slots;

void frames_slots_begin(void);

/* An operand that names no slot of the frame is brought into range; from 128 on it counts from the top. */
uint32_t frames_slot_number(uint8_t operand);

/* Index of a slot that is in use, or SLOTS_MAX. */
uint32_t frames_slot_find(uint32_t slot);
bool frames_slot_in_record(uint32_t slot);
bool frames_slot_holds_pointer(uint32_t slot);

/* The slot will hold this, or an integer in a bare frame; false: too many slots are in use, or this one is part of a
 * record. */
bool frames_slot_becomes(uint32_t slot, enum slot_kind kind);

/* The same, and from here on the slot is part of a record. */
void frames_slot_joins_record(uint32_t slot);

#endif
