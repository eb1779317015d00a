/* mutate.c: see mutate.h. */
#include "fuzz/mutate.h"

#include <string.h>

uint32_t random_below(struct random *random, uint32_t bound)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (uint32_t)((random->state >> 32) * bound >> 32);
}

/* Frame sizes around the limits of Go's three classes; 112 and 4080 bytes of locals are the last of theirs. */
static const uint8_t special_sizes[][2] = {{0, 0},   {1, 0},   {2, 0},   {6, 0},
                                           {7, 0},   {8, 0},   {253, 0}, {254, 0},
                                           {255, 0}, {128, 1}, {255, 4}, {255, 8}};

static void operands_choose(struct random *random, struct operation *operation)
{
    for (uint32_t k = 0; k < OPERATION_OPERANDS; k++) {
        uint32_t values = operation_operand_values(operation->code, k);
        if (values == 0)
            operation->operands[k] = 0;
        else if (values == 256 && random_below(random, 4) != 0)
            operation->operands[k] = (uint8_t)random_below(random, 12);
        else
            operation->operands[k] = (uint8_t)random_below(random, values);
    }
    if (!operation_begins_function(operation->code))
        return;
    if (random_below(random, 3) == 0)
        memcpy(operation->operands, special_sizes[random_below(random, sizeof special_sizes / 2)],
               2);
    else if (random_below(random, 4) != 0)
        operation->operands[1] = 0;
}

#define COMMON 8u

static struct operation operation_choose(struct random *random, bool in_body)
{
    /* Half of the schedule's operations are those without which nothing happens. */
    static const uint8_t common_main[COMMON] = {OPERATION_GO,   OPERATION_RUN,  OPERATION_STEP,
                                                OPERATION_GC,   OPERATION_WAKE, OPERATION_MOVE,
                                                OPERATION_CHAN, OPERATION_RUN};
    static const uint8_t common_body[COMMON] = {
        OPERATION_CALL, OPERATION_PTR,    OPERATION_YIELD,     OPERATION_STORE,
        OPERATION_WAIT, OPERATION_FOLLOW, OPERATION_CHAN_SEND, OPERATION_CHAN_RECEIVE};
    struct operation operation;
    const uint8_t *common = in_body ? common_body : common_main;
    do
        operation.code = random_below(random, 2) == 0
                             ? common[random_below(random, COMMON)]
                             : (uint8_t)random_below(random, OPERATION_COUNT);
    while (operation_begins_function(operation.code) || operation.code == OPERATION_MAIN ||
           operation_place(operation.code) == (in_body ? MAIN_ONLY : BODY));
    operands_choose(random, &operation);
    return operation;
}

static void append(struct script *script, struct operation operation, uint32_t operations)
{
    if (script->count < operations)
        script->operations[script->count++] = operation;
}

/* One function in four is bare. */
static uint8_t function_choose(struct random *random)
{
    return random_below(random, 4) == 0 ? OPERATION_BARE : OPERATION_FUNC;
}

static void generate_function(struct random *random, struct script *script, uint32_t operations)
{
    struct operation function = {.code = function_choose(random)};
    operands_choose(random, &function);
    append(script, function, operations);
    for (uint32_t count = random_below(random, 14); count != 0; count--)
        append(script, operation_choose(random, true), operations);
}

void script_generate(struct random *random, struct script *script, uint32_t operations)
{
    script->count = 0;
    for (uint32_t functions = 1 + random_below(random, 4); functions != 0; functions--)
        generate_function(random, script, operations * 3 / 4);
    append(script, (struct operation){.code = OPERATION_MAIN}, operations);
    if (random_below(random, 8) != 0)
        append(script,
               (struct operation){.code = OPERATION_GO,
                                  .operands = {(uint8_t)random_below(random, 4)}},
               operations);
    for (uint32_t count = random_below(random, operations); count != 0; count--)
        append(script, operation_choose(random, false), operations);
    if (script->count < operations && random_below(random, 4) == 0) {
        generate_function(random, script, operations);
        append(script, (struct operation){.code = OPERATION_MAIN}, operations);
        append(script, operation_choose(random, false), operations);
    }
}

static bool in_body_at(const struct script *script, uint32_t place)
{
    bool in_body = false;
    for (uint32_t i = 0; i < place; i++)
        if (operation_begins_function(script->operations[i].code))
            in_body = true;
        else if (script->operations[i].code == OPERATION_MAIN)
            in_body = false;
    return in_body;
}

/* Makes room for `count` operations at `place`; false if there is none. */
static bool open_gap(struct script *script, uint32_t place, uint32_t count, uint32_t operations)
{
    if (script->count + count > operations)
        return false;
    memmove(script->operations + place + count, script->operations + place,
            (script->count - place) * sizeof *script->operations);
    script->count += count;
    return true;
}

static void insert(struct random *random, struct script *script, uint32_t place,
                   uint32_t operations)
{
    struct operation operation = operation_choose(random, in_body_at(script, place));
    if (open_gap(script, place, 1, operations))
        script->operations[place] = operation;
}

static void delete (struct script *script, uint32_t place, uint32_t count)
{
    if (count > script->count - place)
        count = script->count - place;
    memmove(script->operations + place, script->operations + place + count,
            (script->count - place - count) * sizeof *script->operations);
    script->count -= count;
}

static void copy_part(struct random *random, struct script *script, uint32_t place,
                      const struct script *from, uint32_t operations)
{
    struct operation part[8];
    if (from->count == 0)
        return;
    uint32_t first = random_below(random, from->count), count = 1 + random_below(random, 8);
    if (count > from->count - first)
        count = from->count - first;
    memcpy(part, from->operations + first, count * sizeof *part);
    if (open_gap(script, place, count, operations))
        memcpy(script->operations + place, part, count * sizeof *part);
}

static void change(struct random *random, struct script *script, const struct script *other,
                   uint32_t operations)
{
    uint32_t kind = random_below(random, 16), place = random_below(random, script->count + 1);
    struct operation *operation = &script->operations[place < script->count ? place : 0];
    if (script->count == 0 || kind == 0)
        script_generate(random, script, operations);
    else if (kind <= 4)
        insert(random, script, place, operations);
    else if (kind <= 6 && place < script->count)
        delete (script, place, 1 + random_below(random, 3));
    else if (kind <= 9)
        operands_choose(random, operation);
    else if (kind <= 10 && operation_begins_function(operation->code))
        operation->code = function_choose(random);
    else if (kind <= 10 && operation->code != OPERATION_MAIN)
        *operation = operation_choose(random, in_body_at(script, place));
    else if (kind <= 12)
        operation->operands[random_below(random, 3)] += (uint8_t)(random_below(random, 3) - 1);
    else if (kind <= 13)
        copy_part(random, script, place, script, operations);
    else if (other != NULL)
        copy_part(random, script, place, other, operations);
}

void script_mutate(struct random *random, struct script *script, const struct script *other,
                   uint32_t operations)
{
    static uint8_t bytes[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX];
    for (uint32_t changes = 1 + random_below(random, 4); changes != 0; changes--)
        change(random, script, other, operations);
    script_from_bytes(script, bytes, script_to_bytes(script, bytes));
}
