/* side.c: the stacks of variables whose address is taken: one for each goroutine that runs C, none of which moves.
 *
 * All have one size, and lie in one reservation.  One is made the first time that it is needed; then it is reused, last
 * freed first.
 *
 *      side_top ---------------------- multiple of side_bytes
 *               variables, downwards
 *      side_low ----------------------
 *               guard                  GUARD_BYTES: nothing can touch them, where the system has MADV_GUARD_INSTALL;
 *               ----------------------          else their highest words must stay 0
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, madvise */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "src/c/runtime/c_runtime.h"
#include "src/runtime/number.h"

/* Linux 6.13 */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define SIDES_MAX 1048576u
#define DEFAULT_SIDE_BYTES (UINT64_C(256) << 10)
#define LEAST_SIDE_BYTES (UINT64_C(64) << 10)
/* A function that skips more than this at once is not noticed. */
#define GUARD_BYTES (UINT64_C(32) << 10)
/* So many free ones keep their memory, and as much of it as a few functions touch. */
#define WARM_MAX 64u
#define WARM_BYTES (UINT64_C(16) << 10)
#define CANARY_WORDS 8u
/* As the stack of a process is by default. */
#define SYSTEM_SIDE_BYTES (UINT64_C(8) << 20)

_Thread_local uint64_t __safestack_unsafe_stack_ptr;
_Thread_local uint64_t contig_c_system_side;

/* There are `sides` of them, of which `made` have a side stack. */
static struct c_goroutine *records;
static uint64_t base, side_bytes, sides, made;
static struct c_goroutine *free_list;
static uint64_t free_count;
static bool has_guards;

#define OFFSET_IS(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), "c_layout.h")
OFFSET_IS(struct g, stack.lo, G_STACK_LO);
OFFSET_IS(struct g, stack.hi, G_STACK_HI);
OFFSET_IS(struct g, id, G_ID);
OFFSET_IS(struct g, c, G_C);
OFFSET_IS(struct c_goroutine, function, C_FUNCTION);
OFFSET_IS(struct c_goroutine, argument, C_ARGUMENT);
OFFSET_IS(struct c_goroutine, side_top, C_SIDE_TOP);
OFFSET_IS(struct c_goroutine, reserve_bytes, C_RESERVE);
OFFSET_IS(struct c_goroutine, saved, C_SAVED);
OFFSET_IS(struct c_registers, xmm, REGISTERS_XMM);
OFFSET_IS(struct c_registers, arguments, REGISTERS_ARGUMENTS);
OFFSET_IS(struct c_registers, kept, REGISTERS_KEPT);
OFFSET_IS(struct c_registers, frame_bytes, REGISTERS_FRAME_BYTES);
OFFSET_IS(struct c_registers, side, REGISTERS_SIDE);
_Static_assert(sizeof(struct c_registers) == REGISTERS_BYTES, "c_layout.h");

static void *addresses(uint64_t bytes)
{
    void *mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return mapping == MAP_FAILED ? NULL : mapping;
}

/* The size that the environment asks for, rounded up to a power of two; 0, after a sentence: it cannot be that. */
static uint64_t side_bytes_wanted(void)
{
    const char *text = getenv("CONTIG_SIDE_STACK");
    uint64_t wanted = DEFAULT_SIDE_BYTES, bytes = LEAST_SIDE_BYTES;
    if (text != NULL && !number_read(text, LEAST_SIDE_BYTES, UINT64_C(1) << 36, &wanted)) {
        fprintf(stderr,
                "contig: CONTIG_SIDE_STACK=%.40s is not a number of bytes from %" PRIu64 " on\n",
                text, LEAST_SIDE_BYTES);
        return 0;
    }
    while (bytes < wanted)
        bytes *= 2;
    return bytes;
}

/* As many as SIDES_MAX of the usual size take of addresses, or as the system grants. */
static bool reserve(void)
{
    if (base != 0)
        return true;
    side_bytes = side_bytes_wanted();
    if (side_bytes == 0)
        return false;
    sides = SIDES_MAX * DEFAULT_SIDE_BYTES / side_bytes;
    if (sides > SIDES_MAX)
        sides = SIDES_MAX;
    char *mapping = addresses((sides + 1) * side_bytes);
    while (mapping == NULL && sides > 1) {
        sides /= 2;
        mapping = addresses((sides + 1) * side_bytes);
    }
    records = addresses(sides * sizeof *records);
    if (records == NULL || mapping == NULL)
        return false;
    base = ((uint64_t)(uintptr_t)mapping + side_bytes - 1) / side_bytes * side_bytes;
    has_guards = true;
    return true;
}

static struct c_goroutine *make(void)
{
    if (!reserve() || made == sides)
        return NULL;
    struct c_goroutine *c = &records[made];
    uint64_t low = base + made * side_bytes;
    *c = (struct c_goroutine){.side_low = low + GUARD_BYTES, .side_top = low + side_bytes};
    if (has_guards && madvise((void *)(uintptr_t)low, GUARD_BYTES, MADV_GUARD_INSTALL) != 0)
        has_guards = false;
    made++;
    return c;
}

struct c_goroutine *contig_c_side_take(void)
{
    struct c_goroutine *c = free_list;
    if (c == NULL)
        return make();
    free_list = c->next_free;
    free_count--;
    *c = (struct c_goroutine){.side_low = c->side_low, .side_top = c->side_top};
    return c;
}

/* The memory of a side stack below its warm part, and with many free ones all of it, goes back to the system. */
void contig_c_side_give(struct c_goroutine *c)
{
    uint64_t warm = free_count < WARM_MAX ? WARM_BYTES : 0;
    if (!contig_c_side_intact(c))
        (void)madvise((void *)(uintptr_t)(c->side_low - GUARD_BYTES), GUARD_BYTES, MADV_DONTNEED);
    (void)madvise((void *)(uintptr_t)c->side_low, c->side_top - warm - c->side_low, MADV_DONTNEED);
    c->next_free = free_list;
    free_list = c;
    free_count++;
}

bool contig_c_side_intact(const struct c_goroutine *c)
{
    const uint64_t *canary = (const uint64_t *)(uintptr_t)c->side_low - CANARY_WORDS;
    if (has_guards)
        return true;
    for (uint32_t i = 0; i < CANARY_WORDS; i++)
        if (canary[i] != 0)
            return false;
    return true;
}

struct c_goroutine *contig_c_side_of_guard(uint64_t address)
{
    if (base == 0 || address < base || address >= base + made * side_bytes)
        return NULL;
    struct c_goroutine *c = &records[(address - base) / side_bytes];
    return address < c->side_low ? c : NULL;
}

/* The thread that begins in main: its C, compiled for goroutines or not, needs a side stack before any constructor. */
static void system_side_make(void)
{
    char *low = addresses(SYSTEM_SIDE_BYTES);
    if (low == NULL) {
        fputs("contig: there are no addresses for a side stack\n", stderr);
        abort();
    }
    __safestack_unsafe_stack_ptr = (uint64_t)(uintptr_t)low + SYSTEM_SIDE_BYTES;
}

__attribute__((section(".preinit_array"),
               used)) static void (*const before_constructors)(void) = system_side_make;
