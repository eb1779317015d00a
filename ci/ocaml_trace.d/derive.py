"""derive.py: from a runtime's own fiber.c, a fiber.c that also writes what happens to stacks.

Each event is one line in one write to a descriptor of its own, which `traced.py` opens before the program starts.  It
is not inherited by the program's children, and a child that runs on without exec is silent.  The runtime writes the
header, since OCAMLRUNPARAM decides on the largest stack.
"""
import os

from contig import anchors, files, traced
from contig.anchors import Edit

FILE = "fiber.c"

# Where the runtime must write.  Anchors are all that is known of OCaml's source; native code comes first in it.
EDITS = [
    Edit(FILE, *edit)
    for edit in [
        (
            "caml_change_max_stack_size",
            r"caml_max_stack_wsize = new_max_wsize;",
            0,
            "after",
            '  contig_event("@maxstack %" PRIu64, contig_limit(new_max_wsize));',
        ),
        (
            "caml_alloc_stack",
            r"if \(!stack\) caml_raise_out_of_memory\(\);",
            0,
            "after",
            "  contig_begins(stack);",
        ),
        (
            "caml_alloc_main_stack",
            r"return stk;",
            0,
            "before",
            "  if (stk != NULL) contig_begins(stk);",
        ),
        (
            "caml_try_realloc_stack",
            r"if \(wsize >= max_stack_wsize\) return 0;",
            0,
            "replace",
            "if (wsize >= max_stack_wsize) { contig_refused(old_stack, required_space, max_stack_wsize); return 0; }",
        ),
        (
            "caml_try_realloc_stack",
            r"if \(!new_stack\) return 0;",
            0,
            "after",
            "  contig_grows(old_stack, required_space, wsize);\n  contig_allocated(new_stack);",
        ),
        (
            "caml_try_realloc_stack",
            r"Stack_parent\(new_stack\) = Stack_parent\(old_stack\);",
            0,
            "after",
            "  contig_copied(old_stack, new_stack);",
        ),
        (
            "caml_try_realloc_stack",
            r"caml_free_stack\(old_stack\);",
            0,
            "before",
            "  contig_move_ends(old_stack, new_stack);\n  contig_moved = 1;",
        ),
        (
            "caml_free_stack",
            r"struct stack_info\*\* cache = Caml_state->stack_cache;",
            0,
            "after",
            "  contig_ends(stack);",
        ),
        # Behind the includes and in front of the first line that is not one.
        (None, r"^static_assert\(sizeof\(struct stack_info\)", 0, "before", "@HELPERS@"),
    ]
]

# What the lines above call.  The memory of a stack is what its least words take below its high end: a word that aligns
# the end belongs to no stack.  A fiber keeps its number when it moves, and its number plus one names it.
HELPERS = r"""
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "caml/version.h"

#define CONTIG_DESCRIPTOR @DESCRIPTOR@

/* Of a stack with more, words that say nothing are left out. */
#define CONTIG_WHOLE_WORDS 4096
/* The move of a stack with more is only named. */
#define CONTIG_MOST_WORDS (1 << 21)

enum { CONTIG_UNASKED, CONTIG_OPEN, CONTIG_CLOSED };

static int contig_channel;
static pid_t contig_process;
static _Thread_local int contig_moved; /* the next stack that is freed was left by a move */

static void contig_write(const char *text, size_t length)
{
  ssize_t written;

  while ((written = write(CONTIG_DESCRIPTOR, text, length)) != (ssize_t)length) {
    if (written >= 0 || (errno != EINTR && errno != EAGAIN)) {
      fputs("ci/ocaml_trace: the descriptor for events was closed in the program\n", stderr);
      _exit(@CLOSED@);
    }
    sched_yield();
  }
}

static void contig_print(const char *format, va_list values)
{
  char text[1000];
  int length = vsnprintf(text, sizeof text - 1, format, values);

  text[length] = '\n';
  contig_write(text, (size_t)length + 1);
}

/* The largest stack: the limit is tested before each doubling. */
static uint64_t contig_limit(uintnat wsize)
{
  return wsize > UINT64_MAX / 2 / sizeof(value) ? UINT64_MAX : 2 * (uint64_t)wsize * sizeof(value) - 1;
}

static void contig_event(const char *format, ...);

/* The first event is the main stack of the first domain, before any code of the program: who has no descriptor then
   never gets one. */
static void contig_open(void)
{
  uintnat least = caml_get_init_stack_wsize();

  contig_channel = CONTIG_CLOSED;
  if (fcntl(CONTIG_DESCRIPTOR, F_SETFD, FD_CLOEXEC) == -1)
    return;
  contig_channel = CONTIG_OPEN;
  contig_process = getpid();
  if (caml_fiber_wsz < least)
    least = caml_fiber_wsz;
  contig_event("@trace 1@MINOR@ profile=plain fixed=%" PRIu64 " guard=%d page=16 max=%" PRIu64 " runtime=ocaml-%s",
               (uint64_t)least / 2 * 2 * sizeof(value), (int)Stack_threshold, contig_limit(caml_max_stack_wsize),
               OCAML_VERSION_STRING);
}

static void contig_event(const char *format, ...)
{
  int saved = errno;
  va_list values;

  if (contig_channel == CONTIG_UNASKED)
    contig_open();
  if (contig_channel == CONTIG_OPEN && contig_process == getpid()) {
    va_start(values, format);
    contig_print(format, values);
    va_end(values);
  }
  errno = saved;
}

static uint64_t contig_bytes(struct stack_info *stack)
{
  return (uint64_t)(Stack_high(stack) - Stack_base(stack)) / 2 * 2 * sizeof(value);
}

static uint64_t contig_high(struct stack_info *stack)
{
  return (uint64_t)(uintptr_t)(Stack_high(stack));
}

static uint64_t contig_low(struct stack_info *stack)
{
  return contig_high(stack) - contig_bytes(stack);
}

static uint64_t contig_sp(struct stack_info *stack)
{
  return (uint64_t)(uintptr_t)stack->sp;
}

static uint64_t contig_name(struct stack_info *stack)
{
  return (uint64_t)stack->id + 1;
}

static int contig_thread(void)
{
  return Caml_state->id;
}

static void contig_allocated(struct stack_info *stack)
{
  contig_event("@alloc %" PRIu64 " 0x%" PRIx64 " c=0x0 m=%d", contig_bytes(stack), contig_low(stack), contig_thread());
}

static void contig_begins(struct stack_info *stack)
{
  contig_allocated(stack);
  contig_event("@go gp=0x%" PRIx64 " [0x%" PRIx64 " 0x%" PRIx64 "] m=%d", contig_name(stack), contig_low(stack),
               contig_high(stack), contig_thread());
}

/* A stack is freed because a move has left it, or because its fiber ends. */
static void contig_ends(struct stack_info *stack)
{
  if (!contig_moved)
    contig_event("@dead gp=0x%" PRIx64 " [0x%" PRIx64 " 0x%" PRIx64 "] m=%d", contig_name(stack), contig_low(stack),
                 contig_high(stack), contig_thread());
  contig_moved = 0;
  contig_event("@free %" PRIu64 " 0x%" PRIx64 " c=0x0 m=%d", contig_bytes(stack), contig_low(stack), contig_thread());
}

/* What is asked for holds the red zone; the frame is the rest of it. */
static uint64_t contig_frame(uintnat required)
{
  return ((uint64_t)required - Stack_threshold / sizeof(value)) * sizeof(value);
}

static void contig_refused(struct stack_info *stack, uintnat required, uintnat max_wsize)
{
  contig_event("@overflow gp=0x%" PRIx64 " old=%" PRIu64 " sp=0x%" PRIx64 " max=%" PRIu64 " limit=%" PRIu64 " m=%d",
               contig_name(stack), contig_bytes(stack), contig_sp(stack), contig_frame(required),
               contig_limit(max_wsize), contig_thread());
}

static void contig_grows(struct stack_info *stack, uintnat required, uintnat wsize)
{
  contig_event("@grow gp=0x%" PRIx64 " old=%" PRIu64 " sp=0x%" PRIx64 " max=%" PRIu64 " new=%" PRIu64 " m=%d",
               contig_name(stack), contig_bytes(stack), contig_sp(stack), contig_frame(required),
               (uint64_t)wsize * sizeof(value), contig_thread());
}

/* Two stacks, as @copy and @move have them. */
static void contig_stacks(const char *event, struct stack_info *from, struct stack_info *to, const char *rest)
{
  contig_event("%s gp=0x%" PRIx64 " [0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "] -> [0x%" PRIx64 " 0x%" PRIx64
               " 0x%" PRIx64 "]%s m=%d",
               event, contig_name(to), contig_low(from), contig_sp(from), contig_high(from), contig_low(to),
               contig_sp(to), contig_high(to), rest, contig_thread());
}

static uint64_t contig_handler(void)
{
  return (uint64_t)(uintptr_t)Caml_state->exn_handler;
}

/* The registers and the bounds of a move.  The context is the innermost exception handler, the only register that a
   move relocates; there are no deferred calls and no panics. */
static const char contig_registers[] =
  " pc=0x%" PRIx64 " bp=0x0 ctxt=0x%" PRIx64 " defer=0x0 panic=0x0 top=0x%" PRIx64;

static uint64_t contig_pc(void)
{
  return (uint64_t)(uintptr_t)caml_try_realloc_stack;
}

/* A stack with less has no frame yet: its move is not written. */
static int contig_writes_move(struct stack_info *stack)
{
  return @MOVES@ && contig_high(stack) - contig_sp(stack) >= 4 * sizeof(value);
}

static _Thread_local uint64_t contig_old_handler;

static void contig_copied(struct stack_info *from, struct stack_info *to)
{
  char rest[200];

  contig_stacks("@copy", from, to, "");
  if (!contig_writes_move(from))
    return;
  contig_old_handler = contig_handler();
  int length = snprintf(rest, sizeof rest, contig_registers, contig_pc(), contig_old_handler, contig_high(from));
  snprintf(rest + length, sizeof rest - (size_t)length, " chans=false");
  contig_stacks("@move", from, to, rest);
}

/* A line of many parts, of which the next begins when this one is full. */
struct contig_line { char text[800]; int length; };

static void contig_part(struct contig_line *line, const char *format, ...)
{
  va_list values;

  va_start(values, format);
  line->length += vsnprintf(line->text + line->length, sizeof line->text - (size_t)line->length, format, values);
  va_end(values);
}

static int contig_full(const struct contig_line *line)
{
  return line->length > (int)sizeof line->text - 100;
}

static void contig_end_line(struct contig_line *line)
{
  if (line->length > 0)
    contig_event("%s m=%d", line->text, contig_thread());
  line->length = 0;
}

static int contig_inside(struct stack_info *stack, uint64_t address)
{
  return address >= contig_sp(stack) && address < contig_high(stack);
}

/* The words that hold pointers into the stack: the links of the chain of exception handlers, as far as it is in it. */
static void contig_links(struct stack_info *stack)
{
  struct contig_line line = {.length = 0};
  uint64_t link = contig_old_handler, next;

  for (; contig_inside(stack, link); link = next) {
    next = *(uint64_t *)(uintptr_t)link;
    if (!contig_inside(stack, next))
      continue;
    contig_part(&line, "%s l:%" PRIx64 ":1:01", line.length == 0 ? "@map" : "", link);
    if (contig_full(&line))
      contig_end_line(&line);
  }
  contig_end_line(&line);
}

/* Whether a word says nothing: it is the same after the move, and does not refer to the old stack. */
static int contig_says_nothing(struct stack_info *from, uint64_t before, uint64_t after)
{
  return before == after && (before < contig_low(from) || before >= contig_high(from));
}

/* How many words from number k on are as this one is; of a large stack, how many say nothing. */
static size_t contig_run(struct stack_info *from, const uint64_t *before, const uint64_t *after, size_t k, size_t words,
                         int skips)
{
  size_t end = k + 1;

  while (end < words && (skips ? contig_says_nothing(from, before[end], after[end])
                               : before[end] == before[k] && after[end] == after[k]))
    end++;
  return end - k;
}

static void contig_words(struct stack_info *from, struct stack_info *to)
{
  struct contig_line line = {.length = 0};
  const uint64_t *before = (const uint64_t *)from->sp, *after = (const uint64_t *)to->sp;
  size_t words = (contig_high(from) - contig_sp(from)) / sizeof(value);

  for (size_t k = 0, run; k < words; k += run) {
    int skips = words > CONTIG_WHOLE_WORDS && contig_says_nothing(from, before[k], after[k]);
    run = contig_run(from, before, after, k, words, skips);
    if (line.length == 0)
      contig_part(&line, "@words %zu", k);
    if (skips)
      contig_part(&line, " +%zu", run);
    else if (before[k] == after[k])
      contig_part(&line, " %" PRIx64, before[k]);
    else
      contig_part(&line, " %" PRIx64 ">%" PRIx64, before[k], after[k]);
    if (!skips && run > 1)
      contig_part(&line, "*%zu", run);
    if (contig_full(&line))
      contig_end_line(&line);
  }
  contig_end_line(&line);
}

/* All frames are one, with the handlers' links as its pointers; the two words at the end of a stack are for C alone,
   and adjusted by nobody. */
static void contig_frames(struct stack_info *from)
{
  uint64_t sp = contig_sp(from), end = contig_high(from) - 2 * sizeof(value);
  uint64_t pc = ((uint64_t *)(uintptr_t)end)[-1];

  contig_event("@frame 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " cont=0x1 dynamic=true m=%d fn=ocaml",
               contig_pc(), sp, end - 2 * sizeof(value), end, contig_thread());
  contig_links(from);
  contig_event("@frame 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
               " cont=0x1 dynamic=true bare=true m=%d fn=c",
               pc, end, end, contig_high(from), contig_thread());
}

/* Everything has moved, and the old stack is as it was. */
static void contig_move_ends(struct stack_info *from, struct stack_info *to)
{
  char rest[200];
  int written = contig_high(from) - contig_sp(from) <= CONTIG_MOST_WORDS * sizeof(value);

  if (!contig_writes_move(from))
    return;
  if (written) {
    contig_frames(from);
    contig_words(from, to);
  }
  snprintf(rest, sizeof rest, contig_registers, contig_pc(), contig_handler(), contig_high(to));
  contig_event("@moved gp=0x%" PRIx64 " sp=0x%" PRIx64 "%s frames=%d written=%s m=%d", contig_name(to), contig_sp(to),
               rest, written ? 2 : 0, written ? "true" : "false", contig_thread());
}
"""


def derive(sources: str, version: str, folder: str, moves: bool) -> str:
    """Writes the derived file into a folder; returns its path.  `moves`: with what each move does to each word."""
    lines = files.read(os.path.join(sources, "runtime", FILE)).split("\n")
    source = anchors.Source(lines, FILE, version, anchors.C)
    source.apply(EDITS)
    helpers = HELPERS
    for name, text in (
        ("@DESCRIPTOR@", str(traced.descriptor())),
        ("@CLOSED@", str(traced.CLOSED_STATUS)),
        ("@MINOR@", " minor=1" if moves else ""),
        ("@MOVES@", str(int(moves))),
    ):
        helpers = helpers.replace(name, text)
    derived = os.path.join(folder, FILE)
    files.write(derived, "\n".join(source.lines).replace("@HELPERS@", helpers))
    return derived
