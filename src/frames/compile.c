/* compile.c: from the functions of a script to machine code and sites.
 *
 * A body is straight, so that what a slot holds at a call is known when the call is compiled: nothing, an integer,
 * a pointer (live, in the map), or a pointer in a stack object (moved live or not).  An operand that makes no
 * sense for the frame (more slots, other arguments) is brought into range; what cannot be done at all is left out.
 * Registers: rdx the context, r8 the shadow of slot 0; loaded anew after each place where the goroutine may stop. */
#include <stddef.h>
#include <stdlib.h>

#include "src/core/move/site_table.h"
#include "src/frames/emit.h"
#include "src/frames/shadow.h"

_Static_assert(offsetof(struct frame_context, shadow) == CONTEXT_SHADOW, "layout.h");
_Static_assert(offsetof(struct frame_context, depth) == CONTEXT_DEPTH, "layout.h");
_Static_assert(offsetof(struct frame_context, waits_for) == CONTEXT_WAITS_FOR, "layout.h");
_Static_assert(offsetof(struct frame_context, fault_address) == CONTEXT_FAULT_ADDRESS, "layout.h");
_Static_assert(offsetof(struct frame_context, fault_found) == CONTEXT_FAULT_FOUND, "layout.h");
_Static_assert(offsetof(struct frame_context, fault_wanted) == CONTEXT_FAULT_WANTED, "layout.h");
_Static_assert(offsetof(struct frame_context, pace) == CONTEXT_PACE, "layout.h");
_Static_assert(offsetof(struct frame_pace, calls_left) == PACE_CALLS_LEFT, "layout.h");
_Static_assert(offsetof(struct frame_pace, every) == PACE_EVERY, "layout.h");
_Static_assert(offsetof(struct frame_pace, countdown) == PACE_COUNTDOWN, "layout.h");
_Static_assert(offsetof(struct frame_pace, poison) == PACE_POISON, "layout.h");
_Static_assert(offsetof(struct frame_pace, m) == PACE_M, "layout.h");

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

/* src/runtime/arch/x86_64/morestack.S */
void contig_morestack(void);

/* Slots of one function that its body may use; what needs another one is left out. */
#define SLOTS_MAX 24u
#define SITES_MADE_MAX 1024u
#define MAPS_MADE_MAX 196608u
#define LISTS_MAX (SITES_MADE_MAX * (SLOTS_MAX + 1))
#define DEFER_WORDS (sizeof(struct defer) / 8)

enum slot_kind { SLOT_INTEGER, SLOT_POINTER, SLOT_OBJECT };

struct function {
    uint32_t words; /* of locals, a multiple of two; the topmost holds the context */
    uint32_t arguments, argument_pointers;
    uint32_t first, end; /* operations of the body */
    uint64_t entry;
};

/* What is known about the place of a site. */
struct made_site {
    uint32_t function, operation;
    uint32_t slots; /* index in `lists` */
};

static struct function functions[SCRIPT_FUNCTIONS_MAX];
static uint32_t function_count;
static struct site made[SITES_MADE_MAX];
static struct made_site notes[SITES_MADE_MAX];
static uint32_t made_count, linked_count;
static bool linked_known;
static int32_t maps[MAPS_MADE_MAX];
static uint32_t maps_used;
static uint32_t lists[LISTS_MAX];
static uint32_t lists_used;

/* Calls of functions that come later. */
static struct {
    uint32_t after, function;
} calls[SCRIPT_OPERATIONS_MAX];
static uint32_t call_count;

/* The function that is being compiled. */
static struct {
    struct function *function;
    uint32_t number, operation;
    uint32_t slots[SLOTS_MAX];
    enum slot_kind kinds[SLOTS_MAX];
    /* words of a deferred call's record: nothing else writes them or points to them */
    bool in_record[SLOTS_MAX];
    uint32_t count;
    bool defers;                    /* some call was deferred */
    bool loaded;                    /* rdx and r8 are */
    uint32_t more, objects;         /* the last map rows: pointers from slot 64 on, and objects */
    bool more_known, objects_known; /* they say what the slots hold now */
    uint32_t list, list_slots;
    uint32_t fails[SCRIPT_OPERATIONS_MAX * 2];
    uint32_t fail_count;
} now;

struct frame_pace frame_pace;
static uint64_t (*host_function)(uint64_t packed);

uint64_t operation_pack(struct operation operation)
{
    return operation.code | (uint64_t)operation.operands[0] << 8 |
           (uint64_t)operation.operands[1] << 16 | (uint64_t)operation.operands[2] << 24;
}

struct operation operation_unpack(uint64_t packed)
{
    return (struct operation){
        (uint8_t)packed,
        {(uint8_t)(packed >> 8), (uint8_t)(packed >> 16), (uint8_t)(packed >> 24)}};
}

static uint64_t address_of(void (*function)(void))
{
    return (uint64_t)(uintptr_t)function;
}

/* --- slots --- */

static uint32_t slot_number(uint8_t operand)
{
    uint32_t usable = now.function->words - 1;
    return operand < 128 ? operand % usable : usable - 1 - (255u - operand) % usable;
}

/* Index in now.slots, or SLOTS_MAX. */
static uint32_t slot_find(uint32_t slot)
{
    for (uint32_t i = 0; i < now.count; i++)
        if (now.slots[i] == slot)
            return i;
    return SLOTS_MAX;
}

static bool slot_in_record(uint32_t slot)
{
    uint32_t i = slot_find(slot);
    return i != SLOTS_MAX && now.in_record[i];
}

/* A slot holds something else from here on: rows of maps that tell are made anew. */
static void kind_set(uint32_t i, enum slot_kind kind)
{
    enum slot_kind old = now.kinds[i];
    if (old == kind)
        return;
    now.kinds[i] = kind;
    if (now.slots[i] >= 64 && (old == SLOT_POINTER || kind == SLOT_POINTER))
        now.more_known = false;
    if (old == SLOT_OBJECT || kind == SLOT_OBJECT)
        now.objects_known = false;
}

/* The slot will hold this; false: too many slots are in use, or this one is part of a record. */
static bool slot_becomes(uint32_t slot, enum slot_kind kind)
{
    uint32_t i = slot_find(slot);
    if (i == SLOTS_MAX) {
        if (now.count == SLOTS_MAX)
            return false;
        i = now.count++;
        now.slots[i] = slot;
        now.kinds[i] = SLOT_INTEGER;
        now.in_record[i] = false;
    }
    if (now.in_record[i])
        return false;
    kind_set(i, kind);
    return true;
}

static int32_t offset_of(uint32_t slot)
{
    return (int32_t)(8 * slot);
}

/* --- sites --- */

static void bit_put(int32_t *words, uint32_t bit)
{
    words[bit / 32] = (int32_t)((uint32_t)words[bit / 32] | UINT32_C(1) << bit % 32);
}

static bool row_begin(uint32_t words, uint32_t *row)
{
    if (words > MAPS_MADE_MAX - maps_used)
        return false;
    *row = maps_used;
    memset(maps + maps_used, 0, words * sizeof *maps);
    maps_used += words;
    return true;
}

/* The pointer map of the site: slots, saved frame pointer, arguments.  False: no room. */
static bool pointers_fill(struct site *site, bool in_body)
{
    uint32_t frame = (uint32_t)site->frame_words, parts = ((uint32_t)site->span_words + 31) / 32;
    int32_t low[2] = {0, 0};
    int32_t *more = NULL;
    if (parts > 2 && !(in_body && now.more_known)) {
        if (!row_begin(parts - 2, &now.more))
            return false;
        now.more_known = in_body;
        more = maps + now.more;
    }
    for (uint32_t i = 0; in_body && i < now.count; i++)
        if (now.kinds[i] == SLOT_POINTER && now.slots[i] < 64)
            bit_put(low, now.slots[i]);
        else if (now.kinds[i] == SLOT_POINTER && more != NULL)
            bit_put(more, now.slots[i] - 64);
    for (uint32_t bit = frame; bit < (uint32_t)site->span_words; bit++) {
        bool pointer =
            bit == frame ||
            (bit >= frame + 2 && (now.function->argument_pointers >> (bit - frame - 2) & 1) != 0);
        if (pointer && bit < 64)
            bit_put(low, bit);
        else if (pointer && more != NULL)
            bit_put(more, bit - 64);
    }
    site->pointers_low = low[0];
    site->pointers_high = low[1];
    site->pointers_more = parts > 2 ? (int32_t)now.more : 0;
    return true;
}

static bool some_object(void)
{
    for (uint32_t i = 0; i < now.count; i++)
        if (now.kinds[i] == SLOT_OBJECT)
            return true;
    return false;
}

static bool objects_fill(struct site *site, bool in_body)
{
    site->objects = -1;
    if (!in_body || !some_object())
        return true;
    if (!now.objects_known) {
        if (!row_begin(((uint32_t)site->span_words + 31) / 32, &now.objects))
            return false;
        now.objects_known = true;
        for (uint32_t i = 0; i < now.count; i++)
            if (now.kinds[i] == SLOT_OBJECT)
                bit_put(maps + now.objects, now.slots[i]);
    }
    site->objects = (int32_t)now.objects;
    return true;
}

/* The list of slots in use, as frames_check_slots wants it. */
static uint32_t list_of_slots(bool in_body)
{
    uint32_t count = in_body ? now.count : 0;
    if (now.list_slots == count)
        return now.list;
    now.list = lists_used;
    now.list_slots = count;
    lists[lists_used++] = count;
    for (uint32_t i = 0; i < count; i++)
        lists[lists_used++] = now.slots[i];
    return now.list;
}

/* Room for the sites of one more operation, two at most, and for the three at the end of a function?  Two of them and
 * the one without a frame may each need maps of their own. */
static bool sites_have_room(void)
{
    uint32_t rows = 2 * ((now.function->words + 2 + ARGUMENT_KINDS_MAX) / 32 + 1);
    return made_count + 5 <= SITES_MADE_MAX && maps_used + 3 * rows <= MAPS_MADE_MAX &&
           code_used + 4096 <= CODE_BYTES;
}

/* The place behind the last instruction is a return address; in_body: of the full frame. */
static void site_here(bool in_body)
{
    struct site *site = &made[made_count];
    uint32_t frame = in_body ? now.function->words : 0;
    site->pc = (int32_t)(emit_here() - sites_text_base);
    site->frame_words = (int32_t)frame;
    site->span_words = (int32_t)(frame + 2 + now.function->arguments);
    site->bottom = 0;
    if (!pointers_fill(site, in_body) || !objects_fill(site, in_body)) {
        code_full = true;
        return;
    }
    notes[made_count++] = (struct made_site){now.number, now.operation, list_of_slots(in_body)};
}

/* --- instructions of one operation --- */

static void load(void)
{
    if (now.loaded)
        return;
    EMIT("\x48\x8b\x55\xf8"); /* mov -8(%rbp), %rdx */
    EMIT("\x4c\x8b\x02");     /* mov (%rdx), %r8 */
    now.loaded = true;
}

static void fail_unless_equal(void)
{
    EMIT("\x0f\x85");
    now.fails[now.fail_count++] = emit_forward();
}

static void check_slots(void)
{
    if (now.count == 0)
        return;
    load();
    EMIT_MOVABS_R12((uint64_t)(uintptr_t)&lists[list_of_slots(true)]);
    emit_call(address_of(frames_check_slots));
    fail_unless_equal();
}

static void store_word(uint32_t slot, int32_t word)
{
    load();
    EMIT_MOV_STACK_WORD(offset_of(slot), word);
    EMIT_MOV_SHADOW_WORD(offset_of(slot), word);
}

static void store_address(uint32_t slot, int32_t target_offset)
{
    load();
    EMIT_LEA_RAX_STACK(target_offset);
    EMIT_MOV_STACK_RAX(offset_of(slot));
    EMIT_LEA_RAX_SHADOW(target_offset);
    EMIT_MOV_SHADOW_RAX(offset_of(slot));
}

/* rdi and rsi: a slot and its shadow. */
static void point_to(int32_t offset)
{
    load();
    EMIT_LEA_RDI_STACK(offset);
    EMIT_LEA_RSI_SHADOW(offset);
}

static void store_taken(uint32_t slot)
{
    EMIT_MOV_STACK_RAX(offset_of(slot));
    EMIT_MOV_SHADOW_RCX(offset_of(slot));
}

/* A word that tells the slots and functions of a script apart. */
static int32_t magic(uint32_t slot)
{
    return (int32_t)(0x40000000u + now.number * 0x1000000u + slot * 2);
}

/* Makes sure that the slot holds something. */
static bool slot_set(uint32_t slot)
{
    if (slot_find(slot) != SLOTS_MAX)
        return true;
    if (!slot_becomes(slot, SLOT_INTEGER))
        return false;
    store_word(slot, magic(slot));
    return true;
}

static void do_set(uint32_t slot, int32_t word, enum slot_kind kind)
{
    if (slot_becomes(slot, kind))
        store_word(slot, word);
}

static void do_lookalike(uint32_t slot)
{
    if (!slot_becomes(slot, SLOT_INTEGER))
        return;
    load();
    EMIT_LEA_RAX_STACK(offset_of(slot));
    EMIT_MOV_STACK_RAX(offset_of(slot));
    EMIT_MOV_SHADOW_RAX(offset_of(slot));
}

static void do_pointer(uint32_t slot, uint32_t target, enum slot_kind kind)
{
    if (!slot_in_record(target) && slot_set(target) && slot_becomes(slot, kind))
        store_address(slot, offset_of(target));
}

static int32_t argument_offset(uint32_t argument)
{
    return offset_of(now.function->words + 2 + argument);
}

static void do_pointer_to_argument(uint32_t slot, uint32_t argument)
{
    if (argument < now.function->arguments && slot_becomes(slot, SLOT_POINTER))
        store_address(slot, argument_offset(argument));
}

/* An odd address below the stack pointer: it cannot be taken for that of a slot. */
static void do_stale(uint32_t slot)
{
    if (slot_becomes(slot, SLOT_OBJECT))
        store_address(slot, -39);
}

static void do_copy(uint32_t slot, int32_t from, bool pointer)
{
    if (!slot_becomes(slot, pointer ? SLOT_POINTER : SLOT_INTEGER))
        return;
    point_to(from);
    emit_call(address_of(pointer ? frames_take_pointer : frames_take_integer));
    store_taken(slot);
}

static void do_copy_slot(uint32_t slot, uint32_t from)
{
    if (!slot_in_record(from) && slot_set(from))
        do_copy(slot, offset_of(from), now.kinds[slot_find(from)] != SLOT_INTEGER);
}

static void do_copy_argument(uint32_t slot, uint32_t argument)
{
    if (argument < now.function->arguments)
        do_copy(slot, argument_offset(argument),
                (now.function->argument_pointers >> argument & 1) != 0);
}

static bool holds_pointer(uint32_t slot)
{
    uint32_t i = slot_find(slot);
    return i != SLOTS_MAX && now.kinds[i] != SLOT_INTEGER && !now.in_record[i];
}

static void do_follow(uint32_t slot, uint32_t through)
{
    if (!holds_pointer(through))
        return;
    if (!slot_becomes(slot, SLOT_POINTER))
        return;
    point_to(offset_of(through));
    emit_call(address_of(frames_follow));
    store_taken(slot);
}

static void do_store(int32_t word, uint32_t through)
{
    if (!holds_pointer(through))
        return;
    point_to(offset_of(through));
    EMIT_MOV_R12_WORD(word);
    emit_call(address_of(frames_store));
}

static void do_link(uint32_t slot, uint32_t through)
{
    if (!holds_pointer(slot) || !holds_pointer(through))
        return;
    point_to(offset_of(through));
    EMIT_LEA_R12_STACK(offset_of(slot));
    EMIT_LEA_R13_SHADOW(offset_of(slot));
    emit_call(address_of(frames_link));
}

static void do_check(uint32_t slot)
{
    if (slot_find(slot) == SLOTS_MAX)
        return;
    point_to(offset_of(slot));
    emit_call(address_of(frames_check_word));
    fail_unless_equal();
}

static void do_leaf(void)
{
    load();
    emit_call(address_of(frames_leaf));
    fail_unless_equal();
}

/* The goroutine stops here, and what its frame holds is checked when it goes on. */
static void stop_at(uint64_t target)
{
    emit_call(target);
    site_here(true);
    now.loaded = false;
    check_slots();
}

/* Calls one of records.c's functions on the system stack. */
static void call_system(uint64_t (*function)(uint64_t), uint64_t argument)
{
    EMIT_MOVABS_RDI((uint64_t)(uintptr_t)function);
    EMIT_MOVABS_RSI(argument);
    emit_call(address_of(contig_systemstack));
    site_here(true);
    now.loaded = false;
}

static void do_wait(uint32_t slot)
{
    if (!slot_becomes(slot, SLOT_INTEGER))
        return;
    store_word(slot, magic(slot));
    call_system(frames_wait, (uint64_t)offset_of(slot));
    EMIT_MOV_EDI_WORD(CONTIG_WAIT_CHAN_RECEIVE);
    stop_at(address_of(contig_park));
}

static void do_defer(uint32_t slot)
{
    if (!slot_set(slot))
        return;
    call_system(frames_defer, (uint64_t)offset_of(slot));
    now.defers = true;
}

/* The record takes slots that are not in use, neither the first, which may become arguments, nor the topmost, which
 * arguments may point to. */
static void do_defer_here(uint32_t slot, uint32_t place)
{
    uint32_t usable = now.function->words - 1;
    if (usable <= ARGUMENT_KINDS_MAX + DEFER_WORDS || now.count + DEFER_WORDS + 2 > SLOTS_MAX)
        return;
    uint32_t first =
        ARGUMENT_KINDS_MAX + place % (usable - ARGUMENT_KINDS_MAX - (uint32_t)DEFER_WORDS);
    for (uint32_t i = 0; i < DEFER_WORDS; i++)
        if (slot == first + i || slot_find(first + i) != SLOTS_MAX)
            return;
    slot_set(0);
    slot_set(slot);
    call_system(frames_defer_here, (uint64_t)offset_of(slot) | (uint64_t)offset_of(first) << 32);
    now.defers = true;
    for (uint32_t i = 0; i < DEFER_WORDS; i++) {
        slot_becomes(first + i, SLOT_POINTER);
        now.in_record[now.count - 1] = true;
    }
    check_slots();
}

static void do_throw(void)
{
    EMIT_MOVABS_RDI((uint64_t)(uintptr_t) "thrown by the script");
    emit_call(address_of(contig_throw));
    site_here(true);
}

static void do_host(struct operation operation)
{
    EMIT_MOVABS_RDI((uint64_t)(uintptr_t)host_function);
    EMIT_MOV_ESI_WORD((int32_t)operation_pack(operation));
    stop_at(address_of(contig_systemstack));
}

/* The first slots become the arguments: those that must be pointers are. */
static bool arguments_set(const struct function *callee)
{
    uint32_t usable = now.function->words - 1;
    if (callee->arguments > usable || now.count + callee->arguments + 1 > SLOTS_MAX)
        return false;
    for (uint32_t i = 0; i < callee->arguments; i++) {
        uint32_t place = slot_find(i);
        if ((callee->argument_pointers >> i & 1) == 0)
            slot_set(i);
        else if (place == SLOTS_MAX || now.kinds[place] != SLOT_POINTER)
            do_pointer(i, usable - 1 == i ? i : usable - 1, SLOT_POINTER);
    }
    return true;
}

static void call_function(uint32_t number)
{
    EMIT("\xe8");
    if (functions[number].entry != 0) {
        emit_relative(functions[number].entry);
        return;
    }
    calls[call_count].after = emit_forward();
    calls[call_count++].function = number;
}

static void do_call(uint32_t number, int32_t depth)
{
    number %= function_count;
    if (!arguments_set(&functions[number]))
        return;
    load();
    EMIT_MOV_R12_WORD(depth);
    emit_call(address_of(frames_enter));
    EMIT("\x0f\x84");
    uint32_t skip = emit_forward();
    /* lea (return address), %rax: four bytes of distance, four of mov, five of call */
    EMIT("\x48\x8d\x05");
    emit_32(9);
    EMIT("\x49\x89\x40\xf8"); /* mov %rax, -8(%r8) */
    call_function(number);
    site_here(true);
    now.loaded = false;
    load();
    EMIT_MOV_EAX_SHADOW(offset_of(now.function->words));
    EMIT("\x89\x42\x08"); /* mov %eax, CONTEXT_DEPTH(%rdx) */
    check_slots();
    emit_land(skip);
}

static void operation_compile(struct operation operation)
{
    const uint8_t *operand = operation.operands;
    switch ((enum operation_code)operation.code) {
    case OPERATION_SET: do_set(slot_number(operand[0]), operand[1], SLOT_INTEGER); break;
    case OPERATION_LOOKALIKE: do_lookalike(slot_number(operand[0])); break;
    case OPERATION_PTR:
        do_pointer(slot_number(operand[0]), slot_number(operand[1]), SLOT_POINTER);
        break;
    case OPERATION_PTR_ARG: do_pointer_to_argument(slot_number(operand[0]), operand[1]); break;
    case OPERATION_ODD:
        do_set(slot_number(operand[0]), operand_odd_word(operand[1]), SLOT_POINTER);
        break;
    case OPERATION_OBJECT:
        do_pointer(slot_number(operand[0]), slot_number(operand[1]), SLOT_OBJECT);
        break;
    case OPERATION_STALE: do_stale(slot_number(operand[0])); break;
    case OPERATION_COPY: do_copy_slot(slot_number(operand[0]), slot_number(operand[1])); break;
    case OPERATION_COPY_ARG: do_copy_argument(slot_number(operand[0]), operand[1]); break;
    case OPERATION_FOLLOW: do_follow(slot_number(operand[0]), slot_number(operand[1])); break;
    case OPERATION_STORE: do_store(operand[0], slot_number(operand[1])); break;
    case OPERATION_LINK: do_link(slot_number(operand[0]), slot_number(operand[1])); break;
    case OPERATION_CHECK: do_check(slot_number(operand[0])); break;
    case OPERATION_LEAF: do_leaf(); break;
    case OPERATION_CALL: do_call(operand[0], operand[1]); break;
    case OPERATION_YIELD: stop_at(address_of(contig_yield)); break;
    case OPERATION_PARK:
        EMIT_MOV_EDI_WORD(CONTIG_WAIT_PARKED);
        stop_at(address_of(contig_park));
        break;
    case OPERATION_WAIT: do_wait(slot_number(operand[0])); break;
    case OPERATION_DEFER: do_defer(slot_number(operand[0])); break;
    case OPERATION_DEFER_HERE:
        do_defer_here(slot_number(operand[0]), slot_number(operand[1]));
        break;
    case OPERATION_EXIT: stop_at(address_of(contig_exit)); break;
    case OPERATION_THROW: do_throw(); break;
    default: do_host(operation); break;
    }
}

/* --- functions --- */

/* PROLOGUE-1..3: returns where the slow path is jumped to from; two places for the largest class. */
static uint32_t prologue(uint32_t bytes, uint32_t *wrapped)
{
    *wrapped = 0;
    if (bytes <= STACK_SMALL_BYTES) {
        EMIT("\x64\x48\x3b\x24\x25\x70\x00\x00\x00"); /* cmp %fs:0x70, %rsp */
    } else {
        if (bytes <= STACK_BIG_BYTES) {
            /* lea -(...)(%rsp), %r11 */
            EMIT_AT("\x4c\x8d\x9c\x24", -(int32_t)(bytes - STACK_SMALL_BYTES));
        } else {
            EMIT("\x49\x89\xe3");                                          /* mov %rsp, %r11 */
            EMIT_AT("\x49\x81\xeb", (int32_t)(bytes - STACK_SMALL_BYTES)); /* sub $..., %r11 */
            EMIT("\x0f\x82");
            *wrapped = emit_forward();
        }
        EMIT("\x64\x4c\x3b\x1c\x25\x70\x00\x00\x00"); /* cmp %fs:0x70, %r11 */
    }
    EMIT("\x0f\x86");
    return emit_forward();
}

static void frame_make(uint32_t words)
{
    EMIT("\x55\x48\x89\xe5");                  /* push %rbp; mov %rsp, %rbp */
    EMIT_AT("\x48\x81\xec", offset_of(words)); /* sub $..., %rsp */
    EMIT("\x48\x89\x55\xf8");                  /* mov %rdx, -8(%rbp) */
    EMIT("\x4c\x8b\x02");                      /* mov (%rdx), %r8: the caller's shadow */
    /* mov CONTEXT_DEPTH(%rdx), %eax; mov %rax, -16(%r8) */
    EMIT("\x8b\x42\x08\x49\x89\x40\xf0");
    EMIT_AT("\x49\x81\xe8", offset_of(words + 2)); /* sub $..., %r8 */
    EMIT("\x4c\x89\x02");                          /* mov %r8, (%rdx) */
    EMIT_MOV_SHADOW_RDX(offset_of(words - 1));
    now.loaded = true;
}

static void frame_end(uint32_t words)
{
    if (now.defers) {
        call_system(frames_run_deferred, 0);
        EMIT("\x85\xc0"); /* test %eax, %eax */
        fail_unless_equal();
    }
    now.loaded = false;
    load();
    EMIT_AT("\x48\x81\x02", offset_of(words + 2)); /* add $..., (%rdx) */
    EMIT("\xc9\xc3");                              /* leave; ret */
}

static void failure_make(void)
{
    for (uint32_t i = 0; i < now.fail_count; i++)
        emit_land(now.fails[i]);
    if (now.fail_count == 0)
        return;
    EMIT_MOVABS_RDI((uint64_t)(uintptr_t) "a word of the frame is not what it was");
    emit_call(address_of(contig_throw));
    site_here(true);
    EMIT("\x0f\x0b"); /* ud2 */
}

static void slow_path_make(uint32_t more, uint32_t wrapped)
{
    emit_land(more);
    if (wrapped != 0)
        emit_land(wrapped);
    emit_call(address_of(contig_morestack));
    site_here(false);
    EMIT("\x5d\xe9"); /* pop %rbp; jmp to the entry */
    emit_relative(now.function->entry);
}

static void function_compile(const struct script *script, uint32_t number)
{
    struct function *function = &functions[number];
    uint32_t wrapped;
    now.function = function;
    now.number = number;
    now.count = now.fail_count = 0;
    now.defers = false;
    now.more_known = now.objects_known = false;
    now.list_slots = 0xffffffffu;
    now.operation = function->first - 1;
    function->entry = emit_here();
    if (!sites_have_room()) {
        code_full = true;
        return;
    }
    uint32_t more = prologue(offset_of(function->words) + 8u, &wrapped);
    frame_make(function->words);
    for (now.operation = function->first; now.operation < function->end && sites_have_room();
         now.operation++)
        operation_compile(script->operations[now.operation]);
    frame_end(function->words);
    failure_make();
    slow_path_make(more, wrapped);
}

/* Finds the functions, so that calls forwards know their arguments. */
static void functions_find(const struct script *script)
{
    bool in_body = false;
    function_count = 0;
    for (uint32_t i = 0; i < script->count; i++) {
        struct operation operation = script->operations[i];
        bool begins = operation.code == OPERATION_FUNC;
        if (begins || operation.code == OPERATION_MAIN) {
            if (in_body)
                functions[function_count - 1].end = i;
            in_body = begins;
        }
        if (begins)
            functions[function_count++] = (struct function){
                .words = operand_frame_bytes(operation.operands) / 8,
                .arguments = operand_argument_count(operation.operands[2]),
                .argument_pointers = operand_argument_pointers(operation.operands[2]),
                .first = i + 1,
                .end = script->count,
            };
    }
}

bool frames_compile(const struct script *script, uint64_t (*host)(uint64_t packed))
{
    host_function = host;
    code_used = made_count = maps_used = lists_used = call_count = 0;
    code_full = false;
    functions_find(script);
    for (uint32_t i = 0; i < function_count; i++)
        function_compile(script, i);
    for (uint32_t i = 0; i < call_count; i++) {
        int32_t distance =
            (int32_t)(functions[calls[i].function].entry - (code_executable + calls[i].after));
        memcpy(code_writable + calls[i].after - 4, &distance, 4);
    }
    if (code_full || sites_append(made, made_count, maps, maps_used) != STACK_OK) {
        function_count = 0;
        return false;
    }
    return true;
}

void frames_forget(void)
{
    sites_truncate(linked_count);
    function_count = 0;
}

contig_function *frames_function(uint32_t number)
{
    return function_count == 0
               ? NULL
               : (contig_function *)(uintptr_t)functions[number % function_count].entry;
}

uint32_t frames_function_count(void)
{
    return function_count;
}

uint64_t frames_code_bytes(void)
{
    return code_used;
}

/* --- for the runtime and the shadows --- */

static const struct made_site *note_of(int32_t site)
{
    return site >= (int32_t)linked_count ? &notes[(uint32_t)site - linked_count] : NULL;
}

uint32_t frames_frame_bytes(uint64_t pc)
{
    int32_t site = site_find(pc);
    const struct made_site *note = site < 0 ? NULL : note_of(site);
    return note == NULL ? 0 : 8 * functions[note->function].words + 8;
}

const uint32_t *made_slots(int32_t site)
{
    const struct made_site *note = note_of(site);
    return note == NULL ? NULL : &lists[note->slots];
}

static bool position_of(uint64_t return_pc, struct source_position *position)
{
    static const char *const names[] = {"f0", "f1", "f2",  "f3",  "f4",  "f5",  "f6",  "f7",
                                        "f8", "f9", "f10", "f11", "f12", "f13", "f14", "f15"};
    _Static_assert(sizeof names / sizeof *names == SCRIPT_FUNCTIONS_MAX,
                   "a name for each function");
    const struct made_site *note = note_of(site_find(return_pc));
    if (note == NULL)
        return false;
    const struct function *function = &functions[note->function];
    *position = (struct source_position){
        .function = names[note->function],
        .file = "script",
        .line = (int32_t)note->operation + 1,
        .entry = function->entry,
        .frame_bytes = 8 * function->words + 8,
        .argument_words = function->arguments,
    };
    return true;
}

bool frames_prepare(char *message)
{
    if (linked_known)
        return true;
    if (!code_memory_map((uint64_t)(uintptr_t)contig_goexit_return, message))
        return false;
    if (!shadows_map(message))
        return false;
    linked_count = sites_count;
    linked_known = true;
    sites_position_of_made_code = position_of;
    return true;
}
