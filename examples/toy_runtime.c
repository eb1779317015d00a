/* toy_runtime.c: a runtime on one page: tasks on stacks from malloc, which grow by copying, and its trace.
 *
 * docs/conform_your_runtime.md takes it as the example: each @ line says what the line of code beside it has done.  It
 * needs nothing of this tree:
 *     cc examples/toy_runtime.c -o toy_runtime && ./toy_runtime >toy.txt
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_BYTES 256u /* what a task begins with */
#define GUARD_BYTES 64u  /* what is left below every frame */
#define NUM_TASKS 3u
#define LEVELS 200u

/* A stack is [lo, hi); from sp on it is in use. */
struct task {
    unsigned id;
    char *lo, *sp, *hi;
};

static uintmax_t address(char *pointer)
{
    return (uintmax_t)(uintptr_t)pointer;
}

static char *stack_allocate(size_t bytes)
{
    char *lo = malloc(bytes);
    if (lo == NULL) {
        fprintf(stderr, "toy_runtime: there is no memory for a stack of %zu bytes\n", bytes);
        exit(2);
    }
    printf("@alloc %zu 0x%jx c=0x0 m=0\n", bytes, address(lo));
    return lo;
}

static void stack_free(char *lo, size_t bytes)
{
    printf("@free %zu 0x%jx c=0x0 m=0\n", bytes, address(lo));
    free(lo);
}

static void task_start(struct task *task, unsigned id)
{
    task->id = id;
    task->lo = stack_allocate(START_BYTES);
    task->hi = task->lo + START_BYTES;
    task->sp = task->hi;
    printf("@go gp=%u [0x%jx 0x%jx] m=0\n", id, address(task->lo), address(task->hi));
}

static void task_end(struct task *task)
{
    printf("@dead gp=%u goid=%u [0x%jx 0x%jx] m=0\n", task->id, task->id, address(task->lo),
           address(task->hi));
    stack_free(task->lo, (size_t)(task->hi - task->lo));
}

/* Moves the task to the least doubling of its stack that holds what is in use, the frame and the guard. */
static void stack_grow(struct task *task, size_t frame)
{
    struct task old = *task;
    size_t bytes = (size_t)(old.hi - old.lo), used = (size_t)(old.hi - old.sp), larger = 2 * bytes;
    while (larger - used < frame + GUARD_BYTES)
        larger *= 2;
    printf("@grow gp=%u goid=%u old=%zu sp=0x%jx max=%zu new=%zu m=0\n", old.id, old.id, bytes,
           address(old.sp), frame, larger);
    task->lo = stack_allocate(larger);
    task->hi = task->lo + larger;
    task->sp = task->hi - used;
    memcpy(task->sp, old.sp, used);
    printf("@copy gp=%u [0x%jx 0x%jx 0x%jx] -> [0x%jx 0x%jx 0x%jx] m=0\n", old.id, address(old.lo),
           address(old.sp), address(old.hi), address(task->lo), address(task->sp),
           address(task->hi));
    stack_free(old.lo, bytes);
}

/* Every eighth frame is large, so that one doubling is not always enough. */
static size_t frame_bytes(unsigned level)
{
    return level % 8 == 7 ? 600 : 56;
}

static void frame_push(struct task *task, unsigned level)
{
    size_t frame = frame_bytes(level);
    if ((size_t)(task->sp - task->lo) < frame + GUARD_BYTES)
        stack_grow(task, frame);
    task->sp -= frame;
    memcpy(task->sp, &level, sizeof level);
}

static unsigned frame_pop(struct task *task, unsigned level)
{
    unsigned kept;
    memcpy(&kept, task->sp, sizeof kept);
    task->sp += frame_bytes(level);
    return kept;
}

int main(void)
{
    struct task tasks[NUM_TASKS];
    unsigned sum = 0;

    setvbuf(stdout, NULL, _IOLBF, 0); /* a trace that ends early still has all that happened */
    printf("@trace 1 profile=plain fixed=%u guard=%u runtime=toy\n", START_BYTES, GUARD_BYTES);
    for (unsigned i = 0; i < NUM_TASKS; i++)
        task_start(&tasks[i], i + 1);
    for (unsigned level = 0; level < LEVELS; level++)
        for (unsigned i = 0; i < NUM_TASKS; i++)
            frame_push(&tasks[i], level);
    for (unsigned level = LEVELS; level-- > 0;)
        for (unsigned i = 0; i < NUM_TASKS; i++)
            sum += frame_pop(&tasks[i], level);
    for (unsigned i = 0; i < NUM_TASKS; i++)
        task_end(&tasks[i]);
    printf("the sum of all levels is %u\n", sum);
    return sum == NUM_TASKS * LEVELS * (LEVELS - 1) / 2 ? 0 : 1;
}
