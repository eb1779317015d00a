/* violations.c: calls of the core that break a clause each, to show that the wrappers see it.
 *
 * violations --list prints a line a case: function and clause.  violations FUNCTION CLAUSE makes the call, which must
 * end the program with that name; it says so and returns 0 if nothing happened.  Called by check.py. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "src/command/program.h"
#include "src/core/move/growstack.h"
#include "src/core/move/stack_check.h"

#define ARENA_BYTES (64u * CHUNK_BYTES)

static uint32_t marks[MARK_WORDS];
static struct stack_fault fault;
static struct goroutine_stack g;
static struct outside outside;
static uint64_t *arena;

/* A goroutine on a live stack, nothing of which is wrong but what a case changes. */
static void begin(void)
{
    char *mapping = mmap(NULL, ARENA_BYTES + CHUNK_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    arena = (uint64_t *)(((uintptr_t)mapping + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES);
    stackinit((uint64_t)(uintptr_t)arena, ARENA_BYTES);
    g.lo = stackalloc(0, 2048).lo;
    g.hi = g.lo + 2048;
    g.sched.sp = g.hi;
    outside.stktopsp = g.hi;
}

static void move(void)
{
    copystack(arena, marks, 0, &g, 4096, &fault);
}

static void copystack_table(void)
{
    sites_count = 1;
    move();
}

static void copystack_stacks(void)
{
    stack_units_of[0]++;
    move();
}

static void copystack_live(void)
{
    g.hi += 2048;
    move();
}

static void copystack_goroutine(void)
{
    copystack(arena, marks, 0, NULL, 4096, &fault);
}

static void copystack_records(void)
{
    g.outside = &outside;
    outside.defers = (struct defer *)stackcache;
    move();
}

static void copystack_memory(void)
{
    copystack(arena, marks, 0, &g, 4096, NULL);
}

/* The table is longer than the marks: whatever stands behind it is apart. */
static void copystack_apart(void)
{
    copystack(arena, (uint32_t *)set_member, 0, &g, 4096, &fault);
}

static void growstack_live(void)
{
    stackfree(0, g.lo, 2048);
    growstack(arena, marks, 0, &g, 64, 1 << 20, false, &fault);
}

static void shrinkstack_live(void)
{
    stackfree(0, g.lo, 2048);
    shrinkstack(arena, marks, 0, &g, &fault);
}

static void stackalloc_stacks(void)
{
    set_size[0]++;
    stackalloc(0, 2048);
}

static void stackalloc_p(void)
{
    stackalloc(NUM_P + 1, 2048);
}

static void stackfree_stacks(void)
{
    slot_owner[0].at[0] = SLOT_LIVE;
    stackfree(0, g.lo, 2048);
}

static void stackfree_p(void)
{
    stackfree(NUM_P + 1, g.lo, 2048);
}

static void stackcache_clear_p(void)
{
    stackcache_clear(NUM_P);
}

static void stackinit_zero(void)
{
    stackinit((uint64_t)(uintptr_t)arena, ARENA_BYTES);
}

static void newstack_size_size(void)
{
    newstack_size(0, 0, 64, 1 << 20);
}

static void shrinkstack_size_size(void)
{
    shrinkstack_size(0, 0);
}

static void sites_append_table(void)
{
    site_index[7] = 1;
    sites_append(NULL, 0, NULL, 0);
}

static void sites_append_input(void)
{
    sites_append((const struct site *)64, 1, NULL, 0);
}

static void sites_register_apart(void)
{
    sites_register(NULL, 0, site_maps, 1, 0);
}

static void unwind_first_stack(void)
{
    unwind_first(arena, g.lo, g.hi - 4, g.hi, 0);
}

static void unwind_next_frame(void)
{
    unwind_next(arena, g.hi, (struct unwound){.sp = g.hi, .site = 0});
}

static void outside_ok_stack(void)
{
    outside_ok(&outside, g.hi, g.lo, g.hi);
}

static void outside_ok_records(void)
{
    outside.sudogs_count = 1;
    outside.sudogs = (struct sudog *)4096;
    outside_ok(&outside, g.lo, g.lo, g.hi);
}

static void stack_ok_memory(void)
{
    g.hi += ARENA_BYTES * 1024u;
    stack_ok(arena, &g);
}

static const struct violation {
    const char *function, *clause;
    void (*make)(void);
} violations[] = {
    {"copystack", "table", copystack_table},
    {"copystack", "stacks", copystack_stacks},
    {"copystack", "live", copystack_live},
    {"copystack", "goroutine", copystack_goroutine},
    {"copystack", "records", copystack_records},
    {"copystack", "memory", copystack_memory},
    {"copystack", "apart", copystack_apart},
    {"growstack", "live", growstack_live},
    {"shrinkstack", "live", shrinkstack_live},
    {"stackalloc", "stacks", stackalloc_stacks},
    {"stackalloc", "p", stackalloc_p},
    {"stackfree", "stacks", stackfree_stacks},
    {"stackfree", "p", stackfree_p},
    {"stackcache_clear", "p", stackcache_clear_p},
    {"stackinit", "zero", stackinit_zero},
    {"newstack_size", "size", newstack_size_size},
    {"shrinkstack_size", "size", shrinkstack_size_size},
    {"sites_append", "table", sites_append_table},
    {"sites_append", "input", sites_append_input},
    {"sites_register", "apart", sites_register_apart},
    {"unwind_first", "stack", unwind_first_stack},
    {"unwind_next", "frame", unwind_next_frame},
    {"outside_ok", "stack", outside_ok_stack},
    {"outside_ok", "records", outside_ok_records},
    {"stack_ok", "memory", stack_ok_memory},
};
#define VIOLATION_COUNT (sizeof violations / sizeof *violations)

static int list(void)
{
    for (size_t i = 0; i < VIOLATION_COUNT; i++)
        printf("%s %s\n", violations[i].function, violations[i].clause);
    return output_finish(EXIT_OK);
}

static int make(const char *function, const char *clause)
{
    for (size_t i = 0; i < VIOLATION_COUNT; i++) {
        if (strcmp(function, violations[i].function) != 0 ||
            strcmp(clause, violations[i].clause) != 0)
            continue;
        begin();
        violations[i].make();
        printf("%s, requires %s: broken, and nobody noticed\n", function, clause);
        return output_finish(EXIT_OK);
    }
    return complain("violations: there is no violation %s %s; --list names them", function, clause);
}

int main(int argc, char **argv)
{
    bool listed = false;
    const struct option_form form = {.name = "list", .kind = OPTION_FLAG, .place = &listed};
    char name[] = "violations";
    int operands = program_arguments(name, "--list | FUNCTION CLAUSE", argc, argv, &form, 1, 0);
    if (operands != (listed ? 0 : 2))
        return complain("violations: it takes --list, or a function and a clause");
    return listed ? list() : make(argv[1], argv[2]);
}
