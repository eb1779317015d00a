/* embed_core.c: the verified core alone, under somebody else's runtime: an interpreter with frames of its own.
 *
 * Its programs keep all state in frames on a stack of the core.  Before a call it looks whether the callee's frame
 * fits, and lets copystack move the stack if not; the site table says for each call which slots hold pointers.
 *
 *      caller's slots ...                       slot k of a frame of n words stands at sp + 8 k;
 *      arguments of the callee = slots 0, 1     what the caller put into its slots 0, 1 is here in n + 2, n + 3
 *      return pc
 *      saved frame pointer     <- fp
 *      slots n - 1 ... 0       <- sp */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "src/core/move/growstack.h"
#include "src/core/move/stack_check.h"
#include "src/core/heap/stackalloc.h"

#define ARENA_BYTES (UINT64_C(64) << 20)
#define MAXIMUM_STACK_BYTES (UINT64_C(16) << 20)
#define PROGRAM_BASE UINT64_C(0x100000) /* pc of instruction 0 */
#define ARGUMENTS 2

enum operation {
    SET,
    COPY,
    ADDRESS_OF,
    ADD_THROUGH,
    DECREMENT,
    JUMP_IF_ZERO,
    CALL,
    COLLECT,
    RETURN
};

struct instruction {
    enum operation operation;
    uint32_t a, b;     /* slots, a constant, a target, or a function's number */
    uint32_t pointers; /* CALL, COLLECT: mask of the slots that hold pointers while it runs */
};

struct function {
    uint32_t entry, frame_words;
    uint32_t argument_pointers; /* mask of the incoming arguments that are pointers */
};

/* sum: the numbers from 1 to its first argument, each added by a frame of its own to a word of the first one. */
static const struct instruction program[] = {
    /* start, 4 slots: 0, 1 outgoing; 2 the total; 3 how many */
    {SET, 2, 0, 0},
    {SET, 3, 100000, 0},
    {COPY, 0, 3, 0},
    {ADDRESS_OF, 1, 2, 0},
    {CALL, 1, 0, 1u << 1},
    {COLLECT, 0, 0, 0},
    {RETURN, 2, 0, 0},
    /* add, 2 slots: 0, 1 outgoing; 4 the number; 5 pointer to the total */
    {JUMP_IF_ZERO, 4, 13, 0},
    {COPY, 0, 4, 0},
    {DECREMENT, 0, 0, 0},
    {COPY, 1, 5, 0},
    {CALL, 1, 0, 1u << 1},
    {ADD_THROUGH, 5, 4, 0},
    {RETURN, 0, 0, 0},
};
#define PROGRAM_LENGTH (sizeof program / sizeof *program)

static const struct function program_functions[] = {{0, 4, 0}, {7, 2, 1u << 1}};

static uint64_t *arena;
static uint32_t *marks;
static struct goroutine_stack stack;
static uint64_t moves;

static void fail(const char *what)
{
    fprintf(stderr, "embed_core: %s\n", what);
    exit(1);
}

static uint64_t *slot(uint64_t address)
{
    return &arena[(address - arena_base) / 8];
}

/* One site for each CALL and COLLECT, and one for the place that the first function returns to. */
static void register_sites(void)
{
    struct site table[PROGRAM_LENGTH + 1] = {
        {.pc = PROGRAM_LENGTH + 1, .bottom = 1, .objects = -1}};
    uint32_t count = 1, function = 0;
    for (uint32_t i = 0; i < PROGRAM_LENGTH; i++) {
        if (function == 0 && i >= program_functions[1].entry)
            function = 1;
        if (program[i].operation != CALL && program[i].operation != COLLECT)
            continue;
        uint32_t words = program_functions[function].frame_words;
        uint32_t live = program[i].pointers | 1u << words |
                        program_functions[function].argument_pointers << (words + 2);
        /* The first function has no arguments, and above its return pc the stack ends. */
        uint32_t arguments = function == 0 ? 0 : ARGUMENTS;
        table[count++] = (struct site){.pc = (int32_t)i + 1,
                                       .frame_words = (int32_t)words,
                                       .span_words = (int32_t)(words + 2 + arguments),
                                       .pointers_low = (int32_t)live,
                                       .objects = -1};
    }
    const int32_t no_maps[1] = {0};
    if (sites_register(table, count, no_maps, 0, PROGRAM_BASE) != STACK_OK || !sites_ok())
        fail("the site table is malformed");
}

static void moved(uint64_t old_bytes)
{
    moves++;
    printf("%8" PRIu64 " -> %8" PRIu64 " bytes, %" PRIu64 " in use\n", old_bytes,
           stack.hi - stack.lo, stack.hi - stack.sched.sp);
    if (!stack_ok(arena, &stack))
        fail("the stack that moved is not well formed");
}

/* What a prologue does: room for a frame of so many bytes and the guard, or a larger stack. */
static void need(uint64_t frame_bytes, uint64_t pc)
{
    struct stack_fault fault;
    uint64_t old = stack.hi - stack.lo;
    stack.sched.pc = pc;
    if (stack.sched.sp - stack.lo >= frame_bytes + STACK_GUARD_BYTES)
        return;
    enum stack_status status =
        growstack(arena, marks, 0, &stack, frame_bytes, MAXIMUM_STACK_BYTES, false, &fault);
    if (status != STACK_OK)
        fail(status == STACK_TOO_LARGE ? "stack overflow" : "the stack cannot be moved");
    moved(old);
}

/* What a collector does: halves the stack while little of it is in use. */
static void collect(uint64_t pc)
{
    struct stack_fault fault;
    stack.sched.pc = pc;
    for (;;) {
        uint64_t old = stack.hi - stack.lo;
        if (shrinkstack(arena, marks, 0, &stack, &fault) != STACK_OK)
            fail("the stack cannot be shrunk");
        if (stack.hi - stack.lo == old)
            return;
        moved(old);
    }
}

static void push_frame(uint32_t words, uint64_t return_pc)
{
    *slot(stack.sched.sp - 8) = return_pc;
    *slot(stack.sched.sp - 16) = stack.sched.bp;
    stack.sched.bp = stack.sched.sp - 16;
    stack.sched.sp = stack.sched.bp - 8 * (uint64_t)words;
    for (uint32_t k = 0; k < words; k++)
        *slot(stack.sched.sp + 8 * k) = 0;
}

/* Runs the first function; its result is the slot that its RETURN names. */
static uint64_t interpret(void)
{
    uint64_t pc = PROGRAM_BASE, result = 0;
    push_frame(program_functions[0].frame_words, PROGRAM_BASE + PROGRAM_LENGTH + 1);
    while (pc != PROGRAM_BASE + PROGRAM_LENGTH + 1) {
        const struct instruction *now = &program[pc - PROGRAM_BASE];
        uint64_t a = stack.sched.sp + 8 * (uint64_t)now->a,
                 b = stack.sched.sp + 8 * (uint64_t)now->b;
        pc++;
        switch (now->operation) {
        case SET: *slot(a) = now->b; break;
        case COPY: *slot(a) = *slot(b); break;
        case ADDRESS_OF: *slot(a) = b; break;
        case ADD_THROUGH: *slot(*slot(a)) += *slot(b); break;
        case DECREMENT: *slot(a) -= 1; break;
        case JUMP_IF_ZERO: pc = *slot(a) == 0 ? PROGRAM_BASE + now->b : pc; break;
        case CALL:
            need(8 * ((uint64_t)program_functions[now->a].frame_words + 2), pc);
            push_frame(program_functions[now->a].frame_words, pc);
            pc = PROGRAM_BASE + program_functions[now->a].entry;
            break;
        case COLLECT: collect(pc); break;
        case RETURN:
            result = *slot(a);
            pc = *slot(stack.sched.bp + 8);
            stack.sched.sp = stack.sched.bp + 16;
            stack.sched.bp = *slot(stack.sched.bp);
            break;
        }
    }
    return result;
}

int main(void)
{
    char *mapping = mmap(NULL, ARENA_BYTES + CHUNK_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    marks = mmap(NULL, MARK_WORDS * sizeof *marks, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED || marks == MAP_FAILED)
        fail("no memory");
    arena = (uint64_t *)(((uintptr_t)mapping + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES);
    if (stackinit((uint64_t)(uintptr_t)arena, ARENA_BYTES) != STACK_OK)
        fail("the arena is refused");
    register_sites();
    struct stack_alloc_result first = stackalloc(0, FIXED_STACK_BYTES);
    stack = (struct goroutine_stack){.lo = first.lo,
                                     .hi = first.lo + FIXED_STACK_BYTES,
                                     .sched = {.sp = first.lo + FIXED_STACK_BYTES}};
    uint64_t sum = interpret();
    printf("1 + ... + 100000 = %" PRIu64 ", %" PRIu64 " moves\n", sum, moves);
    uint64_t bytes = stack.hi - stack.lo;
    if (stackfree(0, stack.lo, bytes) != STACK_OK || stack_bytes_in_use() != 0)
        fail("a stack was lost");
    return sum == UINT64_C(5000050000) && bytes == FIXED_STACK_BYTES ? 0 : 1;
}
