/* compile.c: from the functions of a script to machine code and sites: see frames.h.
 *
 * Around each body: the check of the stack and its slow path, the frame, and where the code goes on if a word is not
 * what it was.  What cannot be done at all is left out. */
#include <stddef.h>

#include "src/core/move/site_table.h"
#include "src/frames/bare.h"
#include "src/frames/body.h"
#include "src/frames/channels.h"
#include "src/frames/code.h"
#include "src/frames/function.h"
#include "src/frames/maps.h"
#include "src/frames/shadow.h"
#include "src/frames/slots.h"

_Static_assert(offsetof(struct frame_context, shadow) == CONTEXT_SHADOW, "layout.h");
_Static_assert(offsetof(struct frame_context, depth) == CONTEXT_DEPTH, "layout.h");
_Static_assert(offsetof(struct frame_context, waits_for) == CONTEXT_WAITS_FOR, "layout.h");
_Static_assert(offsetof(struct frame_context, fault_address) == CONTEXT_FAULT_ADDRESS, "layout.h");
_Static_assert(offsetof(struct frame_context, fault_found) == CONTEXT_FAULT_FOUND, "layout.h");
_Static_assert(offsetof(struct frame_context, fault_wanted) == CONTEXT_FAULT_WANTED, "layout.h");
_Static_assert(offsetof(struct frame_context, pace) == CONTEXT_PACE, "layout.h");
_Static_assert(offsetof(struct frame_context, offer_arguments) == CONTEXT_OFFER_ARGUMENTS,
               "layout.h");
_Static_assert(offsetof(struct frame_context, offer_result) == CONTEXT_OFFER_RESULT, "layout.h");
_Static_assert(offsetof(struct frame_pace, calls_left) == PACE_CALLS_LEFT, "layout.h");
_Static_assert(offsetof(struct frame_pace, every) == PACE_EVERY, "layout.h");
_Static_assert(offsetof(struct frame_pace, countdown) == PACE_COUNTDOWN, "layout.h");
_Static_assert(offsetof(struct frame_pace, poison) == PACE_POISON, "layout.h");
_Static_assert(offsetof(struct frame_pace, m) == PACE_M, "layout.h");

/* src/runtime/arch */
void contig_morestack(void);

struct frame_pace frames_pace;
const struct frame_hooks *frames_hooks;

uint64_t frames_operation_pack(struct operation operation)
{
    return operation.code | (uint64_t)operation.operands[0] << 8 |
           (uint64_t)operation.operands[1] << 16 | (uint64_t)operation.operands[2] << 24;
}

struct operation frames_operation_unpack(uint64_t packed)
{
    return (struct operation){
        (uint8_t)packed,
        {(uint8_t)(packed >> 8), (uint8_t)(packed >> 16), (uint8_t)(packed >> 24)}};
}

/* Jumps to the slow path; `wrapped` is 0 but for the largest class. */
struct slow_jumps {
    uint32_t more, wrapped;
};

/* PROLOGUE-1..3. */
static struct slow_jumps prologue(uint32_t bytes)
{
    struct slow_jumps jumps = {0, 0};
    if (bytes <= STACK_SMALL_BYTES) {
        EMIT_WITH(prologue_small, CODE_LATER);
    } else if (bytes <= STACK_BIG_BYTES) {
        EMIT_WITH(prologue_big, -(uint64_t)(bytes - STACK_SMALL_BYTES), CODE_LATER);
    } else {
        EMIT_WITH(prologue_huge_subtract, bytes - STACK_SMALL_BYTES, CODE_LATER);
        jumps.wrapped = frames_code_used;
        EMIT_WITH(prologue_huge_compare, CODE_LATER);
    }
    jumps.more = frames_code_used;
    return jumps;
}

/* Bytes of a frame with the saved frame pointer and the return address: how far shadows of frames are apart. */
static uint64_t whole_frame_bytes(uint32_t words)
{
    return 8 * ((uint64_t)words + 2);
}

static void frame_make_bare(void)
{
    uint64_t words = frames_now.function->words, place = 8 * words;
    EMIT_WITH(frame_make_bare, place + 8, place, whole_frame_bytes((uint32_t)words),
              (uint64_t)offset_of(context_slot()), place, (uint64_t)offset_of(depth_slot()));
    frames_register_begin();
}

static void frame_make(uint32_t words)
{
    EMIT_WITH(frame_make, 8 * (uint64_t)words, whole_frame_bytes(words), 8 * (uint64_t)words - 8);
}

static void frame_end(uint32_t words)
{
    if (frames_body_defers()) {
        frames_call_system(frames_run_deferred, 0);
        EMIT(test_result);
        frames_fail_unless_equal();
    }
    frames_registers_lost();
    frames_load();
    if (frames_now.function->bare)
        EMIT_WITH(frame_end_bare, whole_frame_bytes(words), 8 * (uint64_t)words,
                  8 * (uint64_t)words + 8);
    else
        EMIT_WITH(frame_end, whole_frame_bytes(words));
}

static void failure_make(void)
{
    if (!frames_failures_land())
        return;
    frames_throw_here("a word of the frame is not what it was");
    EMIT(trap);
}

static void slow_path_make(struct slow_jumps jumps)
{
    frames_code_land(jumps.more);
    if (jumps.wrapped != 0)
        frames_code_land(jumps.wrapped);
    frames_call(contig_morestack);
    frames_site_here(false);
    EMIT_WITH(enter_again, frames_now.function->entry);
}

static void function_compile(const struct script *script, uint32_t number)
{
    struct function *function = &frames_functions[number];
    frames_now = (struct compiled){function, number, function->first - 1};
    frames_slots_begin();
    frames_maps_begin_function();
    function->entry = code_here();
    if (!frames_sites_have_room()) {
        frames_code_full = true;
        return;
    }
    struct slow_jumps jumps = prologue(frame_bytes_of(function));
    frames_body_begin();
    if (function->bare)
        frame_make_bare();
    else
        frame_make(function->words);
    frames_cases_begin();
    for (frames_now.operation = function->first;
         frames_now.operation < function->end && frames_sites_have_room(); frames_now.operation++)
        frames_operation_compile(script->operations[frames_now.operation]);
    frame_end(function->words);
    failure_make();
    slow_path_make(jumps);
}

bool frames_compile(const struct script *script, const struct frame_hooks *hooks)
{
    frames_code_begin();
    frames_maps_begin();
    frames_hooks = hooks;
    frames_bodies_begin();
    frames_offers_begin();
    frames_functions_find(script);
    for (uint32_t i = 0; i < frames_script_functions; i++)
        function_compile(script, i);
    frames_calls_resolve();
    if (frames_code_full || !frames_sites_add_made()) {
        frames_script_functions = 0;
        return false;
    }
    return true;
}

void frames_forget(void)
{
    frames_sites_forget_made();
    frames_script_functions = 0;
}

contig_function *frames_function(uint32_t number)
{
    return frames_script_functions == 0
               ? NULL
               : (contig_function *)(uintptr_t)frames_functions[number % frames_script_functions]
                     .entry;
}

uint32_t frames_function_count(void)
{
    return frames_script_functions;
}

uint64_t frames_code_bytes(void)
{
    return frames_code_used;
}

uint32_t frames_frame_bytes(uint64_t pc)
{
    struct made_place place;
    return frames_made_place_of(site_find(pc), &place)
               ? frame_bytes_of(&frames_functions[place.function])
               : 0;
}

static bool position_of(uint64_t return_pc, struct source_position *position)
{
    static const char *const names[] = {"f0", "f1", "f2",  "f3",  "f4",  "f5",  "f6",  "f7",
                                        "f8", "f9", "f10", "f11", "f12", "f13", "f14", "f15"};
    _Static_assert(sizeof names / sizeof *names == SCRIPT_FUNCTIONS_MAX,
                   "a name for each function");
    struct made_place place;
    if (!frames_made_place_of(site_find(return_pc), &place))
        return false;
    const struct function *function = &frames_functions[place.function];
    *position = (struct source_position){
        .function = names[place.function],
        .file = "script",
        .line = (int32_t)place.operation + 1,
        .entry = function->entry,
        .frame_bytes = frame_bytes_of(function),
        .argument_words = function->arguments,
    };
    return true;
}

bool frames_prepare(char *message)
{
    if (frames_sites_are_linked())
        return true;
    if (!frames_code_memory_map((uint64_t)(uintptr_t)contig_goexit_return, message))
        return false;
    if (!frames_shadows_map(message))
        return false;
    frames_sites_linked();
    contig_sites_position_of_made_code = position_of;
    return true;
}
