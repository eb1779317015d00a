/* traceback.c: stack traces in Go's form, and the report on a goroutine that was ended by an error.
 *
 *      goroutine 7 [chan receive]:
 *      deep(0xc000034f50, 0x12)
 *              src/cli/bodies.S:57 +0x1c fp=0xc000034f30 sp=0xc000034ec0 pc=0x401a3c
 *      ...
 *
 * The walk is the core's unwinder, so that a trace of any garbage ends and reads only the stack.  TRACE-1..TRACE-3. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "src/core/move/unwind.h"
#include "src/runtime/runtime.h"

/* Go 1.27: the innermost and the outermost 50 frames are shown. */
#define FRAMES_SHOWN_AT_EACH_END 50u

struct text {
    char *buffer;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *text, const char *format, ...)
{
    va_list arguments;
    if (text->used + 1 >= text->size)
        return;
    va_start(arguments, format);
    int written = vsnprintf(text->buffer + text->used, text->size - text->used, format, arguments);
    va_end(arguments);
    text->used += (size_t)written;
    if (text->used >= text->size)
        text->used = text->size - 1;
}

static const char *status_name(const struct g *g)
{
    static const char *const reasons[] = {"waiting",   "parked", "chan receive",
                                          "chan send", "select", "sleep"};
    switch ((enum g_status)SYNC_PEEK(&g->status)) {
    case G_IDLE: return "idle";
    case G_DEAD: return "dead";
    case G_RUNNABLE:
    case G_HELD_BACK: return "runnable";
    case G_RUNNING: return g->in_system_call ? "syscall" : "running";
    case G_WAITING:
    case G_CLAIMED:
    case G_WOKEN: return reasons[g->wait_reason];
    case G_COPYSTACK: return "copystack";
    }
    return "unknown";
}

static uint64_t word_at(uint64_t address)
{
    return contig_sched.arena[(address - arena_base) / 8];
}

static void append_frame(struct text *text, const struct g *g, struct unwound frame)
{
    struct source_position position;
    if (!contig_sites_position(frame.pc, &position))
        return;
    uint64_t frame_pointer = frame.sp + 8 * ((uint64_t)sites[frame.site].frame_words + 2);
    append(text, "%s(", position.function);
    for (uint32_t i = 0; i < position.argument_words && frame_pointer + 8 * (i + 1) <= g->stack.hi;
         i++)
        append(text, "%s0x%" PRIx64, i == 0 ? "" : ", ", word_at(frame_pointer + 8 * i));
    append(text, ")\n\t%s:%d +0x%" PRIx64 " fp=0x%" PRIx64 " sp=0x%" PRIx64 " pc=0x%" PRIx64 "\n",
           position.file, position.line, frame.pc - position.entry, frame_pointer, frame.sp,
           frame.pc);
}

static struct unwound innermost(const struct g *g)
{
    return unwind_first(contig_sched.arena, g->stack.lo, g->stack.hi, g->stack.sched.sp,
                        g->stack.sched.pc);
}

/* Frames that are shown if there are few: all but the last, which is contig_goexit on every stack. */
static uint64_t frame_count(const struct g *g)
{
    uint64_t count = 0;
    for (struct unwound frame = innermost(g); frame.status == STACK_OK && !frame.last;
         frame = unwind_next(contig_sched.arena, g->stack.hi, frame))
        count++;
    return count;
}

static void append_goroutine(struct text *text, const struct g *g)
{
    uint64_t count = frame_count(g), index = 0;
    struct unwound frame;
    append(text, "goroutine %" PRIu64 " [%s]:\n", g->id, status_name(g));
    for (frame = innermost(g); frame.status == STACK_OK && !frame.last;
         frame = unwind_next(contig_sched.arena, g->stack.hi, frame)) {
        if (index < FRAMES_SHOWN_AT_EACH_END || index + FRAMES_SHOWN_AT_EACH_END >= count)
            append_frame(text, g, frame);
        else if (index == FRAMES_SHOWN_AT_EACH_END)
            append(text, "...%" PRIu64 " frames elided...\n", count - 2 * FRAMES_SHOWN_AT_EACH_END);
        index++;
    }
    if (frame.status != STACK_OK)
        append(text,
               "frame %" PRIu64 " is malformed: sp=0x%" PRIx64 " pc=0x%" PRIx64 " stack=[0x%" PRIx64
               ", 0x%" PRIx64 ")\n",
               index, frame.sp, frame.pc, g->stack.lo, g->stack.hi);
    append(text, "created by contig_go of %s\n",
           contig_function_name((uint64_t)(uintptr_t)g->function));
}

/* While no other thread runs. */
static void append_all(struct text *text)
{
    for (uint64_t i = 0; i < contig_sched.g_count && text->used + 1 < text->size; i++) {
        struct g *g = contig_g_at(i);
        if (g->status == G_DEAD || g->status == G_IDLE)
            continue;
        if (text->used != 0)
            append(text, "\n");
        append_goroutine(text, g);
    }
}

size_t contig_stack(uint64_t id, char *buffer, size_t size)
{
    struct text text = {.buffer = buffer, .size = size};
    if (size == 0 || buffer == NULL)
        return 0;
    buffer[0] = '\0';
    if (!contig_look_begin("contig_stack", id))
        return 0;
    struct g *g = contig_g_by_id(id);
    if (id == 0)
        append_all(&text);
    else if (g != NULL)
        append_goroutine(&text, g);
    contig_look_end();
    return text.used;
}

static void append_reason(struct text *text, const struct g *g, enum contig_error error,
                          const struct stack_fault *fault, const char *thrown)
{
    if (error == CONTIG_STACK_OVERFLOW && thrown == NULL)
        append(text,
               "runtime: goroutine stack exceeds %" PRIu64 "-byte limit\nruntime: sp=0x%" PRIx64
               " stack=[0x%" PRIx64 ", 0x%" PRIx64 "]\n",
               contig_sched.maximum_stack_bytes, g->stack.sched.sp, g->stack.lo, g->stack.hi);
    else if (fault != NULL && error != CONTIG_OUT_OF_STACK_MEMORY && error != CONTIG_OUT_OF_MEMORY)
        append(text,
               "runtime: goroutine %" PRIu64 ", frame %u at sp=0x%" PRIx64 " pc=0x%" PRIx64
               " stack=[0x%" PRIx64 ", 0x%" PRIx64 "]\n",
               g->id, fault->frame, fault->frame_sp, fault->pc, g->stack.lo, g->stack.hi);
    append(text, "goroutine %" PRIu64 " ended: %s\n\n", g->id,
           thrown != NULL ? thrown : contig_error_name(error));
}

/* Go 1.19 proc.go checkdead. */
bool contig_report_deadlock(void)
{
    static char buffer[1 << 16];
    if (contig_sched.run_depth != 0 || contig_waiting() == 0 || contig_any_runnable() ||
        contig_timers_any())
        return false;
    contig_stack(0, buffer, sizeof buffer);
    fprintf(contig_sched.options.report,
            "fatal error: all goroutines are asleep - deadlock!\n\n%s\n", buffer);
    return true;
}

void contig_report_error(struct g *g, enum contig_error error, const struct stack_fault *fault,
                         const char *thrown)
{
    static char buffer[1 << 16];
    struct text text = {.buffer = buffer, .size = sizeof buffer};
    if (contig_sched.options.quiet)
        return;
    contig_lock_acquire(&contig_sched.report_lock);
    append_reason(&text, g, error, fault, thrown);
    append_goroutine(&text, g);
    fprintf(contig_sched.options.report, "%s\n", buffer);
    contig_lock_release(&contig_sched.report_lock);
}
