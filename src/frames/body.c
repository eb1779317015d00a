/* body.c: see body.h.
 *
 * Whatever the code keeps in registers between two operations, it loads anew after each place where the goroutine may
 * stop. */
#include "src/frames/body.h"

#include "src/frames/bare.h"
#include "src/frames/channels.h"
#include "src/frames/code.h"
#include "src/frames/function.h"
#include "src/frames/maps.h"
#include "src/frames/shadow.h"
#include "src/frames/slots.h"

/* helpers.S */
void frames_check_word(void);
void frames_check_slots(void);
void frames_take_pointer(void);
void frames_take_integer(void);
void frames_follow(void);
void frames_store(void);
void frames_link(void);
void frames_enter(void);
void frames_leaf(void);

#define DEFER_WORDS ((uint32_t)(sizeof(struct defer) / 8))

/* The body that is being compiled. */
static struct {
    bool defers; /* some call was deferred */
    bool loaded; /* context and shadow are in their registers */
    uint32_t fails[SCRIPT_OPERATIONS_MAX * 2];
    uint32_t fail_count;
} body;

/* Calls of functions that come later. */
static struct {
    uint32_t distance, function;
} calls[SCRIPT_OPERATIONS_MAX];
static uint32_t call_count;

void frames_bodies_begin(void)
{
    call_count = 0;
}

void frames_body_begin(void)
{
    body.defers = false;
    body.loaded = true;
    body.fail_count = 0;
}

bool frames_body_defers(void)
{
    return body.defers;
}

/* A field of a template: words are sign-extended. */
static uint64_t word(int32_t value)
{
    return (uint64_t)(int64_t)value;
}

static uint64_t slot_word(uint32_t slot)
{
    return word(offset_of(slot));
}

void frames_load(void)
{
    if (body.loaded)
        return;
    if (frames_now.function->bare)
        EMIT_WITH(load_bare, slot_word(context_slot()));
    else
        EMIT(load);
    body.loaded = true;
}

void frames_registers_lost(void)
{
    body.loaded = false;
}

void frames_failure_here(void)
{
    body.fails[body.fail_count++] = frames_code_used;
}

void frames_fail_unless_equal(void)
{
    EMIT_WITH(fail_unless_equal, CODE_LATER);
    frames_failure_here();
}

bool frames_failures_land(void)
{
    for (uint32_t i = 0; i < body.fail_count; i++)
        frames_code_land(body.fails[i]);
    return body.fail_count != 0;
}

void frames_call(void (*target)(void))
{
    EMIT_WITH(call, code_address(target));
}

void frames_check_here(void)
{
    if (frames_now.function->bare)
        frames_register_check();
    if (frames_slots.count == 0)
        return;
    frames_load();
    EMIT_WITH(check_slots, (uint64_t)(uintptr_t)frames_list_of_slots(),
              code_address(frames_check_slots), CODE_LATER);
    frames_failure_here();
}

static void store_word(uint32_t slot, int32_t value)
{
    frames_load();
    EMIT_WITH(store_word, slot_word(slot), word(value), slot_word(slot), word(value));
}

/* The address in the slot, and the same word in its shadow: an integer that looks like a pointer. */
static void store_lookalike(uint32_t slot, int32_t target_offset)
{
    frames_load();
    EMIT_WITH(store_lookalike, word(target_offset), slot_word(slot), slot_word(slot));
}

/* A pointer; in a bare frame an integer. */
static void store_address(uint32_t slot, int32_t target_offset)
{
    if (frames_now.function->bare) {
        store_lookalike(slot, target_offset);
        return;
    }
    frames_load();
    EMIT_WITH(store_address, word(target_offset), slot_word(slot), word(target_offset),
              slot_word(slot));
}

static void point_to(int32_t offset)
{
    frames_load();
    EMIT_WITH(point_to, word(offset), word(offset));
}

static void store_taken(uint32_t slot)
{
    EMIT_WITH(store_taken, slot_word(slot), slot_word(slot));
}

/* A word that tells the slots and functions of a script apart. */
static int32_t magic(uint32_t slot)
{
    return (int32_t)(0x40000000u + frames_now.number * 0x1000000u + slot * 2);
}

/* Makes sure that the slot holds something. */
static bool slot_set(uint32_t slot)
{
    if (frames_slot_find(slot) != SLOTS_MAX)
        return true;
    if (!frames_slot_becomes(slot, SLOT_INTEGER))
        return false;
    store_word(slot, magic(slot));
    return true;
}

bool frames_slot_integer(uint32_t slot)
{
    uint32_t i = frames_slot_find(slot);
    if (i != SLOTS_MAX && frames_slots.kinds[i] == SLOT_INTEGER)
        return true;
    if (!frames_slot_becomes(slot, SLOT_INTEGER))
        return false;
    store_word(slot, magic(slot));
    return true;
}

static void do_set(uint32_t slot, int32_t value, enum slot_kind kind)
{
    if (frames_slot_becomes(slot, kind))
        store_word(slot, value);
}

static void do_lookalike(uint32_t slot)
{
    if (frames_slot_becomes(slot, SLOT_INTEGER))
        store_lookalike(slot, offset_of(slot));
}

static void do_pointer(uint32_t slot, uint32_t target, enum slot_kind kind)
{
    if (!frames_slot_in_record(target) && slot_set(target) && frames_slot_becomes(slot, kind))
        store_address(slot, offset_of(target));
}

static int32_t argument_offset(uint32_t argument)
{
    return offset_of(frames_now.function->words + 2 + argument);
}

static void do_pointer_to_argument(uint32_t slot, uint32_t argument)
{
    if (argument < frames_now.function->arguments && frames_slot_becomes(slot, SLOT_POINTER))
        store_address(slot, argument_offset(argument));
}

/* An odd address below the stack pointer: it cannot be taken for that of a slot. */
static void do_stale(uint32_t slot)
{
    if (frames_slot_becomes(slot, SLOT_OBJECT))
        store_address(slot, -39);
}

static void do_copy(uint32_t slot, int32_t from, bool pointer)
{
    if (!frames_slot_becomes(slot, pointer ? SLOT_POINTER : SLOT_INTEGER))
        return;
    point_to(from);
    frames_call(pointer ? frames_take_pointer : frames_take_integer);
    store_taken(slot);
}

static void do_copy_slot(uint32_t slot, uint32_t from)
{
    if (!frames_slot_in_record(from) && slot_set(from))
        do_copy(slot, offset_of(from), frames_slots.kinds[frames_slot_find(from)] != SLOT_INTEGER);
}

static void do_copy_argument(uint32_t slot, uint32_t argument)
{
    if (argument < frames_now.function->arguments)
        do_copy(slot, argument_offset(argument),
                argument_is_pointer(frames_now.function, argument));
}

static void do_follow(uint32_t slot, uint32_t through)
{
    if (!frames_slot_holds_pointer(through) || !frames_slot_becomes(slot, SLOT_POINTER))
        return;
    point_to(offset_of(through));
    frames_call(frames_follow);
    store_taken(slot);
}

static void do_store(int32_t value, uint32_t through)
{
    if (!frames_slot_holds_pointer(through))
        return;
    point_to(offset_of(through));
    EMIT_WITH(call_with_word, word(value), code_address(frames_store));
}

static void do_link(uint32_t slot, uint32_t through)
{
    if (!frames_slot_holds_pointer(slot) || !frames_slot_holds_pointer(through))
        return;
    point_to(offset_of(through));
    EMIT_WITH(point_to_second, slot_word(slot), slot_word(slot));
    frames_call(frames_link);
}

static void do_check(uint32_t slot)
{
    if (frames_slot_find(slot) == SLOTS_MAX)
        return;
    point_to(offset_of(slot));
    frames_call(frames_check_word);
    frames_fail_unless_equal();
}

static void do_leaf(void)
{
    frames_load();
    frames_call(frames_leaf);
    frames_fail_unless_equal();
}

/* The goroutine stops here, and what its frame holds is checked when it goes on. */
static void stops_here(void)
{
    frames_border_return(false);
    frames_check_here();
}

static void stop_in(void (*target)(void))
{
    frames_border_leave(false);
    frames_call(target);
    stops_here();
}

static void park(enum contig_wait_reason reason)
{
    frames_border_leave(false);
    EMIT_WITH(park, word(reason), code_address(contig_park));
    stops_here();
}

void frames_call_system(uint64_t (*function)(uint64_t), uint64_t argument)
{
    frames_border_leave(false);
    EMIT_WITH(call_system, (uint64_t)(uintptr_t)function, argument,
              code_address(contig_systemstack));
    frames_border_return(false);
}

static void do_wait(uint32_t slot)
{
    if (!frames_slot_becomes(slot, SLOT_INTEGER))
        return;
    store_word(slot, magic(slot));
    frames_call_system(frames_wait, slot_word(slot));
    park(CONTIG_WAIT_CHAN_RECEIVE);
}

static void do_defer(uint32_t slot)
{
    if (!slot_set(slot))
        return;
    frames_call_system(frames_defer, slot_word(slot));
    body.defers = true;
}

/* The record takes slots that are not in use, neither the first, which may become arguments, nor the topmost, which
 * arguments may point to. */
static void do_defer_here(uint32_t slot, uint32_t place)
{
    uint32_t usable = usable_slots();
    if (usable <= ARGUMENT_KINDS_MAX + DEFER_WORDS ||
        frames_slots.count + DEFER_WORDS + 2 > SLOTS_MAX)
        return;
    uint32_t first = ARGUMENT_KINDS_MAX + place % (usable - ARGUMENT_KINDS_MAX - DEFER_WORDS);
    for (uint32_t i = 0; i < DEFER_WORDS; i++)
        if (slot == first + i || frames_slot_find(first + i) != SLOTS_MAX)
            return;
    slot_set(0);
    slot_set(slot);
    frames_call_system(frames_defer_here, slot_word(slot) | slot_word(first) << 32);
    body.defers = true;
    for (uint32_t i = 0; i < DEFER_WORDS; i++)
        frames_slot_joins_record(first + i);
    frames_check_here();
}

void frames_throw_here(const char *text)
{
    frames_border_leave(false);
    EMIT_WITH(throw, (uint64_t)(uintptr_t)text, code_address(contig_throw));
    frames_site_here(true);
}

static void do_host(struct operation operation)
{
    frames_border_leave(false);
    EMIT_WITH(call_host, (uint64_t)(uintptr_t)frames_hooks->host, frames_operation_pack(operation),
              code_address(contig_systemstack));
    stops_here();
}

/* The slot becomes an argument that is a pointer, if it is none: to another slot, or 0 in a bare frame. */
static void argument_becomes_pointer(uint32_t slot)
{
    uint32_t place = frames_slot_find(slot), last = usable_slots() - 1;
    if (frames_now.function->bare)
        do_set(slot, 0, SLOT_INTEGER);
    else if (place == SLOTS_MAX || frames_slots.kinds[place] != SLOT_POINTER)
        do_pointer(slot, last, SLOT_POINTER);
}

/* The first slots become the arguments: those that must be pointers are. */
static bool arguments_set(const struct function *callee)
{
    uint32_t usable = usable_slots();
    if (callee->arguments > usable || frames_slots.count + callee->arguments + 1 > SLOTS_MAX)
        return false;
    for (uint32_t i = 0; i < callee->arguments; i++)
        if (argument_is_pointer(callee, i))
            argument_becomes_pointer(i);
        else
            slot_set(i);
    return true;
}

static void call_function(uint32_t number)
{
    uint64_t entry = frames_functions[number].entry;
    EMIT_WITH(call_function, entry);
    if (entry != 0)
        return;
    calls[call_count].distance = frames_code_used;
    calls[call_count++].function = number;
}

void frames_calls_resolve(void)
{
    for (uint32_t i = 0; i < call_count; i++)
        frames_code_lead(calls[i].distance, frames_functions[calls[i].function].entry);
}

static void do_call(uint32_t number, int32_t depth)
{
    number %= frames_script_functions;
    if (!arguments_set(&frames_functions[number]))
        return;
    frames_load();
    EMIT_WITH(enter, word(depth), code_address(frames_enter), CODE_LATER);
    uint32_t skip = frames_code_used;
    frames_border_leave(frames_functions[number].bare);
    call_function(number);
    frames_border_return(frames_functions[number].bare);
    frames_load();
    EMIT_WITH(restore_depth, slot_word(depth_slot()));
    frames_check_here();
    frames_code_land(skip);
}

/* Makes a record outside of the stack that points into the frame. */
static bool makes_record(struct operation operation)
{
    return operation.code == OPERATION_WAIT || operation.code == OPERATION_DEFER ||
           operation.code == OPERATION_DEFER_HERE;
}

/* What changes slots; false: another operation. */
static bool slots_compile(struct operation operation)
{
    const uint8_t *operand = operation.operands;
    uint32_t slot = frames_slot_number(operand[0]), second = frames_slot_number(operand[1]);
    switch ((enum operation_code)operation.code) {
    case OPERATION_SET: do_set(slot, operand[1], SLOT_INTEGER); break;
    case OPERATION_LOOKALIKE: do_lookalike(slot); break;
    case OPERATION_PTR: do_pointer(slot, second, SLOT_POINTER); break;
    case OPERATION_PTR_ARG: do_pointer_to_argument(slot, operand[1]); break;
    case OPERATION_ODD: do_set(slot, operand_odd_word(operand[1]), SLOT_POINTER); break;
    case OPERATION_OBJECT: do_pointer(slot, second, SLOT_OBJECT); break;
    case OPERATION_STALE: do_stale(slot); break;
    case OPERATION_COPY: do_copy_slot(slot, second); break;
    case OPERATION_COPY_ARG: do_copy_argument(slot, operand[1]); break;
    case OPERATION_FOLLOW: do_follow(slot, second); break;
    case OPERATION_STORE: do_store(operand[0], second); break;
    case OPERATION_LINK: do_link(slot, second); break;
    case OPERATION_CHECK: do_check(slot); break;
    case OPERATION_WAIT: do_wait(slot); break;
    case OPERATION_DEFER: do_defer(slot); break;
    case OPERATION_DEFER_HERE: do_defer_here(slot, second); break;
    default: return false;
    }
    return true;
}

void frames_operation_compile(struct operation operation)
{
    if (frames_now.function->bare && makes_record(operation))
        return;
    if (slots_compile(operation) || frames_channels_compile(operation))
        return;
    switch ((enum operation_code)operation.code) {
    case OPERATION_LEAF: do_leaf(); break;
    case OPERATION_CALL: do_call(operation.operands[0], operation.operands[1]); break;
    case OPERATION_YIELD: stop_in(contig_yield); break;
    case OPERATION_PARK: park(CONTIG_WAIT_PARKED); break;
    case OPERATION_EXIT: stop_in(contig_exit); break;
    case OPERATION_THROW: frames_throw_here("thrown by the script"); break;
    default: do_host(operation); break;
    }
}
