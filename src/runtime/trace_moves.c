/* trace_moves.c: what a move does to each word, register and record, as lines of spec/trace.md, version 1.1.
 *
 *      before the move   words, registers and records are kept here: the core frees the old stack in the move
 *      after it          frames and maps are those of the new stack, written with the old one's addresses
 *
 * Without options.trace_moves nothing here does anything.  Called by stack.c and trace.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/move/unwind.h"
#include "src/runtime/runtime.h"

/* A move with more bytes in use is named, and no more. */
#define MOST_BYTES (UINT64_C(16) << 20)
/* A line that is longer goes on in the next one. */
#define FULL_LINE 800

static struct kept {
    uint64_t *words;
    size_t words_bytes;
    struct defer *defers;
    size_t defers_bytes;
    struct sudog *sudogs;
    size_t sudogs_bytes;
    /* a goroutine that has nothing outside has no records, and 0 in all values */
    struct outside outside;
} kept;

static FILE *out(void)
{
    return contig_sched.options.trace;
}

void contig_trace_moves_stop(void)
{
    free(kept.words);
    free(kept.defers);
    free(kept.sudogs);
    kept = (struct kept){0};
}

/* A copy of what is there, in memory that is kept for the next one. */
static bool keep(void **copy, size_t *capacity, const void *from, size_t bytes)
{
    if (bytes > *capacity) {
        free(*copy);
        *copy = malloc(bytes);
        *capacity = *copy == NULL ? 0 : bytes;
    }
    if (bytes != 0 && *copy == NULL)
        return false;
    if (bytes != 0)
        memcpy(*copy, from, bytes);
    return true;
}

static bool keep_records(const struct outside *outside)
{
    void *defers = kept.defers, *sudogs = kept.sudogs;
    bool good = keep(&defers, &kept.defers_bytes, outside->defers,
                     outside->defers_count * sizeof *outside->defers);
    good = keep(&sudogs, &kept.sudogs_bytes, outside->sudogs,
                outside->sudogs_count * sizeof *outside->sudogs) &&
           good;
    kept.defers = defers;
    kept.sudogs = sudogs;
    kept.outside = *outside;
    kept.outside.defers = defers;
    kept.outside.sudogs = sudogs;
    return good;
}

bool contig_trace_before_move(const struct g *g)
{
    const struct goroutine_stack *stack = &g->stack;
    uint64_t used = stack->hi - stack->sched.sp;
    if (out() == NULL || !contig_sched.options.trace_moves ||
        check_registers(stack).status != STACK_OK)
        return true;
    static const struct outside nothing;
    if (!keep_records(stack->outside == NULL ? &nothing : stack->outside))
        return false;
    if (stack->outside == NULL)
        kept.outside.stktopsp = stack->hi;
    void *words = kept.words;
    bool good = used > MOST_BYTES ||
                keep(&words, &kept.words_bytes,
                     contig_sched.arena + (stack->sched.sp - arena_base) / 8, (size_t)used);
    kept.words = words;
    return good;
}

static void line_registers(const struct gobuf *saved, const struct outside *outside)
{
    fprintf(out(), " pc=0x%" PRIx64 " bp=0x%" PRIx64 " ctxt=0x%" PRIx64, saved->pc, saved->bp,
            saved->ctxt);
    fprintf(out(), " defer=0x%" PRIx64 " panic=0x%" PRIx64 " top=0x%" PRIx64, outside->first_defer,
            outside->panic, outside->stktopsp);
}

/* The records, each named by where the one before it says that it is.  One that lies on the stack has no bytes of its
 * own: they are a frame's. */
static void lines_of_records(const struct outside *outside, const struct goroutine_stack *stack,
                             char sign)
{
    uint64_t place = outside->first_defer;
    for (uint32_t k = 0; k < outside->defers_count; k++) {
        const struct defer *defer = outside->defers + k;
        bool on_stack = stack->lo <= place && place < stack->hi;
        fprintf(out(),
                "@defer%c 0x%" PRIx64 " sp=0x%" PRIx64 " varp=0x%" PRIx64 " closure=0x%" PRIx64,
                sign, place, defer->sp, defer->varp, defer->function);
        fprintf(out(), " panic=0x%" PRIx64 " link=0x%" PRIx64 " fd=0x%" PRIx64 " size=%zu m=0\n",
                defer->panic, defer->link, defer->function_data, on_stack ? 0 : sizeof *defer);
        place = defer->link;
    }
    for (uint32_t k = 0; k < outside->sudogs_count; k++)
        fprintf(out(),
                "@sudog%c %" PRIu32 " elem=0x%" PRIx64 " vp=0x%" PRIx64 " size=%" PRIu64 " m=0\n",
                sign, k + 1, outside->sudogs[k].element.vu, outside->sudogs[k].element.vp,
                outside->sudogs[k].size);
}

/* 32 words of a site's map, those from 32 * part on. */
static uint32_t part_of_map(const struct site *site, bool objects, uint32_t part)
{
    if (objects)
        return (uint32_t)site_maps[(uint32_t)site->objects + part];
    if (part < 2)
        return (uint32_t)(part == 0 ? site->pointers_low : site->pointers_high);
    return (uint32_t)site_maps[(uint32_t)site->pointers_more + part - 2];
}

static uint8_t byte_of_map(const struct site *site, bool objects, uint32_t byte)
{
    return (uint8_t)(part_of_map(site, objects, byte / 4) >> 8 * (byte % 4));
}

/* One map of the words from `address` on; `at` is where the line is. */
static void map_of_frame(const struct site *site, bool objects, uint64_t address, int *at)
{
    uint32_t bytes = ((uint32_t)site->span_words + 7) / 8;
    while (bytes > 0 && byte_of_map(site, objects, bytes - 1) == 0)
        bytes--;
    *at += fprintf(out(), " %c:%" PRIx64 ":%" PRId32 ":", objects ? 'o' : 'l', address,
                   site->span_words);
    for (uint32_t byte = 0; byte < bytes; byte++) {
        if (*at > FULL_LINE) {
            fputs("+ m=0\n@map ", out());
            *at = 0;
        }
        *at += fprintf(out(), "%02x", byte_of_map(site, objects, byte));
    }
}

/* A frame of the new stack, with the addresses that it had. */
static void lines_of_frame(struct unwound frame, uint64_t delta)
{
    struct source_position position;
    const struct site *site = sites + frame.site;
    uint64_t sp = frame.sp - delta;
    uint64_t end = frame.last != 0 ? sp + 8 : sp + 8 * ((uint64_t)site->frame_words + 2);
    uint64_t varp = end - (frame.last != 0 || site->bare != 0 ? 8 : 16);
    fprintf(out(), "@frame 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64, frame.pc, sp,
            varp, end);
    fprintf(out(), " cont=0x%" PRIx64 " m=0 fn=%s\n", frame.pc,
            contig_sites_position(frame.pc, &position) ? position.function : "unknown");
    int at = fprintf(out(), "@map");
    map_of_frame(site, false, sp, &at);
    if (site->objects >= 0)
        map_of_frame(site, true, sp, &at);
    fputs(" m=0\n", out());
}

static uint64_t lines_of_frames(const struct g *g, uint64_t delta)
{
    uint64_t count = 0;
    const struct goroutine_stack *stack = &g->stack;
    struct unwound frame =
        unwind_first(contig_sched.arena, stack->lo, stack->hi, stack->sched.sp, stack->sched.pc);
    while (frame.status == STACK_OK) {
        lines_of_frame(frame, delta);
        count++;
        if (frame.last != 0)
            break;
        frame = unwind_next(contig_sched.arena, stack->hi, frame);
    }
    return count;
}

/* All words in use, before and after; equal pairs in a row are written once. */
static void lines_of_words(const uint64_t *after, uint64_t words)
{
    int at = 0;
    for (uint64_t word = 0, next; word < words; word = next) {
        for (next = word + 1;
             next < words && kept.words[next] == kept.words[word] && after[next] == after[word];)
            next++;
        if (at == 0)
            at = fprintf(out(), "@words %" PRIu64, word);
        at += fprintf(out(), " %" PRIx64, kept.words[word]);
        if (after[word] != kept.words[word])
            at += fprintf(out(), ">%" PRIx64, after[word]);
        if (next - word > 1)
            at += fprintf(out(), "*%" PRIu64, next - word);
        if (at > FULL_LINE || next == words) {
            fputs(" m=0\n", out());
            at = 0;
        }
    }
}

void contig_trace_move(const struct g *g, const struct goroutine_stack *before)
{
    const struct goroutine_stack *after = &g->stack;
    uint64_t used = before->hi - before->sched.sp, name = (uint64_t)(uintptr_t)g, frames = 0;
    struct outside none = {.stktopsp = after->hi};
    const struct outside *outside = after->outside == NULL ? &none : after->outside;
    if (!contig_sched.options.trace_moves)
        return;
    fprintf(out(), "@move gp=0x%" PRIx64 " [0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "]", name,
            before->lo, before->sched.sp, before->hi);
    fprintf(out(), " -> [0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "]", after->lo, after->sched.sp,
            after->hi);
    line_registers(&before->sched, &kept.outside);
    fputs(" chans=false m=0\n", out());
    lines_of_records(&kept.outside, before, '-');
    if (used <= MOST_BYTES) {
        frames = lines_of_frames(g, after->hi - before->hi);
        lines_of_words(contig_sched.arena + (after->sched.sp - arena_base) / 8, used / 8);
    }
    lines_of_records(outside, after, '+');
    fprintf(out(), "@moved gp=0x%" PRIx64 " sp=0x%" PRIx64, name, after->sched.sp);
    line_registers(&after->sched, outside);
    fprintf(out(), " frames=%" PRIu64 " written=%s m=0\n", frames,
            used <= MOST_BYTES ? "true" : "false");
}
