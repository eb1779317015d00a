/* run.c: the move once more, by the verified copystack, and the comparison with what the runtime left.
 *
 * The arena is at addresses of its own.  An address of the runtime's old stack stands for one of the arena's old stack,
 * and back; no value of the move is an address of the arena, so that nothing else changes its meaning.  Both are
 * counted from the high end: a stack of a size that the core does not have (profile plain) is the upper part of one.
 *
 *      runtime   [lo, hi)   ---------------------------->  [new.lo, new.hi)    compared with
 *                   | into_arena                                 ^ out_of_arena
 *      arena     [a.lo, a.hi)  ------ copystack ------>  [g.lo, g.hi)
 *
 * Keeps: one live stack of the core at most, from the first step to the last.  Called by moves.c. */
#define _DEFAULT_SOURCE

#include "src/conform/moves/move.h"

#include <inttypes.h>
#include <sys/mman.h>

#define FIRST_BASE UINT64_C(0x600000000000)
#define LAST_BASE UINT64_C(0x6fff80000000)
/* A move that touched more than this gives the arena's memory back. */
#define KEPT_WORDS (1u << 17)

/* Both worlds of one move. */
struct worlds {
    const struct move *move;
    uint64_t a_lo, a_hi; /* the arena's old stack */
    struct goroutine_stack g;
    struct outside outside;
};

static uint64_t into_arena(const struct worlds *worlds, uint64_t value)
{
    const struct range *old = &worlds->move->old;
    return in_range(value, old->lo, old->hi) ? value - old->hi + worlds->a_hi : value;
}

static uint64_t out_of_arena(const struct worlds *worlds, uint64_t value)
{
    if (in_range(value, worlds->g.lo, worlds->g.hi))
        return value - worlds->g.hi + worlds->move->new.hi;
    return in_range(value, worlds->a_lo, worlds->a_hi) ? value - worlds->a_hi + worlds->move->old.hi
                                                       : value;
}

static bool record_clear(const struct record *record, uint64_t base)
{
    for (int k = 0; k < NUM_DEFER_VALUES; k++)
        if (in_range(record->value[k], base, base + ARENA_BYTES))
            return false;
    return true;
}

static bool records_clear(const struct array *records, uint64_t base)
{
    for (size_t k = 0; k < records->count; k++)
        if (!record_clear(ITEM(struct record, *records, k), base))
            return false;
    return true;
}

/* Whether no value of the move is an address of an arena there. */
static bool base_clear(const struct move *move, uint64_t base)
{
    const uint64_t saved[] = {move->before.bp,    move->before.ctxt, move->before.first_defer,
                              move->before.panic, move->old.lo,      move->old.hi,
                              move->new.lo,       move->new.hi};
    for (size_t k = 0; k < sizeof saved / sizeof *saved; k++)
        if (in_range(saved[k], base, base + ARENA_BYTES))
            return false;
    for (uint64_t word = 0; word < number_of_words(move); word++)
        if (in_range(word_before(move, word), base, base + ARENA_BYTES))
            return false;
    return records_clear(&move->defers[0], base) && records_clear(&move->sudogs[0], base);
}

/* An empty heap at addresses that the move does not speak of. */
static bool prepare_heap(struct moves *moves, struct replay *replay, const struct move *move)
{
    uint64_t base = moves->heap_ready ? moves->base : FIRST_BASE;
    if (moves->heap_ready && base_clear(move, base))
        return true;
    for (base = FIRST_BASE; base < LAST_BASE && !base_clear(move, base);)
        base += ARENA_BYTES;
    if (base >= LAST_BASE)
        return replay_unreadable(replay, "the words of the move are addresses of everything");
    if (moves->heap_ready)
        stackreset();
    moves->base = base;
    moves->heap_ready = stackinit(base, ARENA_BYTES) == STACK_OK;
    return moves->heap_ready || no_memory(replay);
}

static enum word_class class_of(const struct move *move, uint64_t word)
{
    uint8_t class = *ITEM(uint8_t, move->classes, word);
    return (enum word_class) class;
}

/* The words in use, as the core is to see them. */
static void fill_words(struct moves *moves, const struct worlds *worlds)
{
    const struct move *move = worlds->move;
    uint64_t *top = moves->arena + (worlds->g.sched.sp - arena_base) / 8;
    for (uint64_t word = 0; word < number_of_words(move); word++) {
        switch (class_of(move, word)) {
        case WORD_INWARD:
        case WORD_ELSEWHERE:
        case WORD_DEAD_FRAME:
        case WORD_STALE: top[word] = 0; break;
        case WORD_OTHER_MAP: top[word] = *ITEM(uint64_t, move->instead, word); break;
        default: top[word] = into_arena(worlds, word_before(move, word));
        }
    }
}

static bool fill_records(struct moves *moves, struct worlds *worlds)
{
    const struct move *move = worlds->move;
    if (!array_reset(moves, &moves->defers, move->defers[0].count, sizeof(struct defer)) ||
        !array_reset(moves, &moves->sudogs, move->sudogs[0].count, sizeof(struct sudog)))
        return false;
    for (size_t k = 0; k < move->defers[0].count; k++) {
        const uint64_t *value = ITEM(struct record, move->defers[0], k)->value;
        *ITEM(struct defer, moves->defers, k) = (struct defer){
            .sp = into_arena(worlds, value[DEFER_SP]),
            .varp = into_arena(worlds, value[DEFER_VARP]),
            .function = into_arena(worlds, value[DEFER_FUNCTION]),
            .panic = into_arena(worlds, value[DEFER_PANIC]),
            .link = into_arena(worlds, value[DEFER_LINK]),
            .function_data = into_arena(worlds, value[DEFER_DATA]),
        };
    }
    for (size_t k = 0; k < move->sudogs[0].count; k++) {
        const struct record *record = ITEM(struct record, move->sudogs[0], k);
        *ITEM(struct sudog, moves->sudogs, k) =
            (struct sudog){.element = {into_arena(worlds, record->value[SUDOG_ELEMENT]),
                                       into_arena(worlds, record->value[SUDOG_COPY])},
                           .size = record->size};
    }
    worlds->outside = (struct outside){
        .defers = moves->defers.items,
        .sudogs = moves->sudogs.items,
        .defers_count = (uint32_t)move->defers[0].count,
        .sudogs_count = (uint32_t)move->sudogs[0].count,
        .first_defer = into_arena(worlds, move->before.first_defer),
        .panic = into_arena(worlds, move->before.panic),
        .stktopsp = worlds->a_hi - (move->old.hi - move->before.top),
    };
    return true;
}

/* A register that the core may refuse is 0 for it; what it must be then. */
static uint64_t register_into_arena(const struct worlds *worlds, uint64_t value, bool refused,
                                    uint64_t *register_)
{
    const struct move *move = worlds->move;
    *register_ = refused ? 0 : into_arena(worlds, value);
    return in_range(value, move->old.lo, move->old.hi) ? value + (move->new.hi - move->old.hi)
                                                       : value;
}

static bool same(struct replay *replay, const struct move *move, const char *requirement,
                 const char *name, uint64_t expected, uint64_t found)
{
    return expected == found ||
           deviates_at(replay, move->line, requirement,
                       expected_text(replay, "%s=0x%" PRIx64 " after the move", name, expected),
                       found_text(replay, "0x%" PRIx64, found));
}

/* COPY-5, OUTSIDE-1..OUTSIDE-3: registers, and the heads of the lists. */
static bool compare_registers(struct moves *moves, struct replay *replay,
                              const struct worlds *worlds, uint64_t bp, uint64_t ctxt)
{
    const struct move *move = worlds->move;
    const struct saved *after = &move->after;
    const struct outside *outside = &worlds->outside;
    moves->counts.registers += 7;
    uint64_t top = move->new.hi - (worlds->g.hi - outside->stktopsp);
    return same(replay, move, "COPY-5", "sp", out_of_arena(worlds, worlds->g.sched.sp),
                move->after_sp) &&
           same(replay, move, "COPY-5", "pc", move->before.pc, after->pc) &&
           same(replay, move, "COPY-5", "bp", bp, after->bp) &&
           same(replay, move, "COPY-5", "ctxt", ctxt, after->ctxt) &&
           same(replay, move, "OUTSIDE-2", "defer", out_of_arena(worlds, outside->first_defer),
                after->first_defer) &&
           same(replay, move, "OUTSIDE-3", "panic", out_of_arena(worlds, outside->panic),
                after->panic) &&
           same(replay, move, "UNWIND-2", "top", top, after->top);
}

static bool same_value(struct replay *replay, const struct record *record, const char *requirement,
                       const char *name, uint64_t expected, uint64_t found)
{
    return expected == found || deviates_at(replay, record->line, requirement,
                                            expected_text(replay, "%s 0x%" PRIx64, name, expected),
                                            found_text(replay, "0x%" PRIx64, found));
}

/* OUTSIDE-1, OUTSIDE-2: the list of deferred calls, whose records may lie on the stack. */
static bool compare_defers(struct moves *moves, struct replay *replay, const struct worlds *worlds)
{
    static const char *const names[] = {"sp", "varp", "closure", "panic", "link", "fd"};
    const struct move *move = worlds->move;
    uint64_t place = move->after.first_defer;
    for (size_t k = 0; k < move->defers[1].count; k++) {
        const struct record *record = ITEM(struct record, move->defers[1], k);
        const struct defer *defer = ITEM(struct defer, moves->defers, k);
        const uint64_t values[] = {defer->sp,    defer->varp, defer->function,
                                   defer->panic, defer->link, defer->function_data};
        if (!same_value(replay, record, "OUTSIDE-2", "a record at", place, record->address) ||
            !same_value(replay, record, "OUTSIDE-2", "a record of the size",
                        ITEM(struct record, move->defers[0], k)->size, record->size))
            return false;
        for (int v = 0; v < NUM_DEFER_VALUES; v++)
            if (!same_value(replay, record, v == DEFER_LINK ? "OUTSIDE-2" : "OUTSIDE-1", names[v],
                            out_of_arena(worlds, values[v]), record->value[v]))
                return false;
        place = record->value[DEFER_LINK];
        moves->counts.records++;
    }
    return true;
}

/* OUTSIDE-4: the slots of channel operations.  One that another thread has served meanwhile has none. */
static bool compare_sudogs(struct moves *moves, struct replay *replay, const struct worlds *worlds)
{
    const struct move *move = worlds->move;
    for (size_t k = 0; k < move->sudogs[1].count; k++) {
        const struct record *record = ITEM(struct record, move->sudogs[1], k);
        const struct record *before = ITEM(struct record, move->sudogs[0], k);
        const struct sudog *sudog = ITEM(struct sudog, moves->sudogs, k);
        bool served = move->chans && record->value[SUDOG_ELEMENT] == 0;
        uint64_t element = served ? 0 : out_of_arena(worlds, sudog->element.vu);
        uint64_t copy = served ? 0 : out_of_arena(worlds, sudog->element.vp);
        if (!same_value(replay, record, "OUTSIDE-4", "a record at", before->address,
                        record->address) ||
            !same_value(replay, record, "OUTSIDE-4", "an element of the size", before->size,
                        record->size) ||
            !same_value(replay, record, "OUTSIDE-4", "elem", element,
                        record->value[SUDOG_ELEMENT]) ||
            !same_value(replay, record, "OUTSIDE-4", "vp", copy, record->value[SUDOG_COPY]))
            return false;
        moves->counts.records++;
    }
    return true;
}

static uint64_t line_of_word(const struct move *move, uint64_t word)
{
    size_t k = move->words_lines.count;
    while (k > 1 && ITEM(struct words_line, move->words_lines, k - 1)->first > word)
        k--;
    return k == 0 ? move->line : ITEM(struct words_line, move->words_lines, k - 1)->line;
}

static uint64_t line_of_frame(const struct move *move, uint64_t address)
{
    uint64_t line = move->line;
    for (size_t k = 0; k < move->frames.count && ITEM(struct frame, move->frames, k)->sp <= address;
         k++)
        line = ITEM(struct frame, move->frames, k)->line;
    return line;
}

static bool word_deviates(struct replay *replay, const struct move *move, uint64_t word,
                          uint64_t expected)
{
    uint64_t address = move->old.sp + 8 * word, before = word_before(move, word);
    const char *requirement = expected != before ? "COPY-2" : "COPY-3";
    return deviates_at(replay, line_of_word(move, word), requirement,
                       expected_text(replay,
                                     "word %" PRIu64 ", 0x%" PRIx64 " in the frame of line %" PRIu64
                                     ", to go from 0x%" PRIx64 " to 0x%" PRIx64,
                                     word, address, line_of_frame(move, address), before, expected),
                       found_text(replay, "0x%" PRIx64, *ITEM(uint64_t, move->words_after, word)));
}

/* Go's adjustpointer. */
static uint64_t adjusted(const struct move *move, uint64_t value)
{
    return in_range(value, move->old.lo, move->old.hi) ? value + (move->new.hi - move->old.hi)
                                                       : value;
}

/* What a word must be, and its class. */
static uint64_t expected_word(const struct worlds *worlds, uint64_t word, uint64_t moved,
                              enum word_class *class)
{
    const struct move *move = worlds->move;
    uint64_t before = word_before(move, word), after = *ITEM(uint64_t, move->words_after, word);
    switch (*class) {
    case WORD_INWARD:
    case WORD_ELSEWHERE:
    case WORD_DEAD_FRAME:
    case WORD_STALE: return *ITEM(uint64_t, move->instead, word);
    case WORD_RECORD: return adjusted(move, before);
    case WORD_SLOT:
        if (after == out_of_arena(worlds, moved))
            *class = after != before ? WORD_RELOCATED : WORD_COPIED;
        return after;
    case WORD_PROGRAM: return after == before ? before : adjusted(move, before);
    case WORD_OTHER_MAP: return before;
    default: {
        uint64_t value = out_of_arena(worlds, moved);
        *class = value != before ? WORD_RELOCATED : WORD_COPIED;
        if (*ITEM(uint8_t, move->unwritten, word) != 0)
            *class = WORD_UNWRITTEN;
        return value;
    }
    }
}

/* COPY-1..COPY-4: each word in use. */
static bool compare_words(struct moves *moves, struct replay *replay, const struct worlds *worlds)
{
    const struct move *move = worlds->move;
    const uint64_t *top = moves->arena + (worlds->g.sched.sp - arena_base) / 8;
    for (uint64_t word = 0; word < number_of_words(move); word++) {
        enum word_class class = class_of(move, word);
        uint64_t expected = expected_word(worlds, word, top[word], &class);
        if (expected != *ITEM(uint64_t, move->words_after, word))
            return word_deviates(replay, move, word, expected);
        moves->counts.class[class]++;
        moves->counts.words += class != WORD_UNWRITTEN;
    }
    return true;
}

static bool add_sites(struct moves *moves, struct replay *replay)
{
    static const struct site none;
    static const int32_t no_mask;
    sites_truncate(0);
    sites_register(&none, 0, &no_mask, 0, moves->text_base);
    if (moves->masks.count > SITE_MAP_WORDS || moves->sites.count > SITES_MAX)
        return replay_unreadable(replay, "a move with more maps than a site table holds");
    return sites_append(moves->sites.items, (uint32_t)moves->sites.count, moves->masks.items,
                        (uint32_t)moves->masks.count) == STACK_OK ||
           replay_unreadable(replay, "the site table of a move is refused");
}

static bool copy_refused(struct replay *replay, const struct worlds *worlds,
                         enum stack_status status, struct stack_fault fault)
{
    static const char *const reasons[] = {
        [STACK_BAD_SIZE] = "a size that no stack has",  [STACK_NO_MEMORY] = "no room",
        [STACK_BAD_FRAME] = "a malformed frame",        [STACK_STALE_POINTER] = "a stale pointer",
        [STACK_BAD_OUTSIDE] = "a stale record outside",
    };
    const struct move *move = worlds->move;
    uint64_t sp = fault.frame_sp - worlds->a_hi + move->old.hi;
    bool frame = status == STACK_BAD_FRAME || status == STACK_STALE_POINTER;
    return deviates_at(replay, frame ? line_of_frame(move, sp) : move->line, "COPY-6",
                       "a move that copystack accepts", reasons[status]);
}

/* The bytes of the arena's stack that stands for one of the runtime's.  Without pools sizes are not the core's: the
 * least doubling that holds it. */
static uint64_t arena_bytes(const struct replay *replay, struct range stack)
{
    uint64_t wanted = stack.hi - stack.lo, bytes = FIXED_STACK_BYTES;
    if (replay_profile(replay)->pools)
        return wanted;
    while (bytes < wanted && bytes <= ARENA_BYTES)
        bytes *= 2;
    return bytes;
}

/* The registers and the words of the goroutine in the arena, whose old stack is there. */
static bool move_in_arena(struct moves *moves, struct replay *replay, struct worlds *worlds)
{
    const struct move *move = worlds->move;
    const struct saved *before = &move->before;
    struct stack_fault fault = {0};
    bool bad_bp = before->bp != 0 && !in_range(before->bp, move->old.sp, move->old.hi);
    bool bad_ctxt = in_range(before->ctxt, move->old.lo, move->old.sp);
    moves->counts.elsewhere += (uint64_t)bad_bp + bad_ctxt;
    worlds->g = (struct goroutine_stack){
        .lo = worlds->a_lo, .hi = worlds->a_hi, .outside = &worlds->outside};
    worlds->g.sched.sp = worlds->a_hi - (move->old.hi - move->old.sp);
    worlds->g.sched.pc = moves->first_pc;
    uint64_t bp = register_into_arena(worlds, before->bp, bad_bp, &worlds->g.sched.bp);
    uint64_t ctxt = register_into_arena(worlds, before->ctxt, bad_ctxt, &worlds->g.sched.ctxt);
    fill_words(moves, worlds);
    if (!fill_records(moves, worlds))
        return no_memory(replay);
    uint64_t new_bytes = arena_bytes(replay, move->new);
    enum stack_status status =
        copystack(moves->arena, moves->marks, NUM_P, &worlds->g, new_bytes, &fault);
    if (status != STACK_OK)
        return copy_refused(replay, worlds, status, fault);
    if (!bad_bp)
        bp = out_of_arena(worlds, worlds->g.sched.bp);
    if (!bad_ctxt)
        ctxt = out_of_arena(worlds, worlds->g.sched.ctxt);
    return compare_registers(moves, replay, worlds, bp, ctxt) &&
           compare_defers(moves, replay, worlds) && compare_sudogs(moves, replay, worlds) &&
           compare_words(moves, replay, worlds);
}

bool run_move(struct moves *moves, struct replay *replay, struct move *move)
{
    struct worlds worlds = {.move = move};
    if (!prepare_heap(moves, replay, move) || !add_sites(moves, replay))
        return false;
    uint64_t bytes = arena_bytes(replay, move->old);
    struct stack_alloc_result stack = stackalloc(NUM_P, bytes);
    if (stack.status != STACK_OK)
        return deviates_at(replay, move->line, "SIZE-1", "a stack of a size that stacks have",
                           found_text(replay, "%" PRIu64 " bytes", move->old.hi - move->old.lo));
    worlds.a_lo = stack.lo;
    worlds.a_hi = stack.lo + bytes;
    bool going = move_in_arena(moves, replay, &worlds);
    stackfree(NUM_P, worlds.g.lo, worlds.g.hi - worlds.g.lo);
    if (number_of_words(move) > KEPT_WORDS)
        madvise(moves->arena, ARENA_BYTES, MADV_DONTNEED);
    return going;
}
