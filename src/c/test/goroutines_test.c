/* goroutines_test.c: contig_c.h, called by C on goroutines.
 *
 * Each test starts the runtime anew, on the system stack. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <time.h>

#include "src/c/test/started.h"

/* clang's pointer of the side stack that is in use. */
extern _Thread_local void *__safestack_unsafe_stack_ptr;

/* What a C function keeps in registers, on the stack and on the side stack is there after a switch. */
static void switcher(void *argument)
{
    long *sum = argument, mine[4] = {1, 2, 3, 4};
    register long a = *sum, b = a + 1, c = a + 2, d = a + 3, e = a + 4;
    for (int i = 0; i < 50; i++) {
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
        EXPECT(contig_c_yield() == CONTIG_OK);
        mine[i % 4] += a + b + c + d + e + deep(i);
    }
    *sum = mine[0] + mine[1] + mine[2] + mine[3] - 5 * 50 * a;
}

/* CGO-3 */
static void switches_keep_everything(void)
{
    long sums[20];
    start();
    for (long i = 0; i < 20; i++) {
        sums[i] = 1000 * i;
        go(switcher, &sums[i]);
    }
    contig_run();
    for (int i = 0; i < 20; i++)
        EXPECT(sums[i] == 10 + 50 * 10 + 49 * 50 / 2);
    stop();
}

/* A yield that a prologue is asked for keeps its arguments. */
__attribute__((noinline)) static double asked(long a, double x, long b, double y, long c, long d,
                                              long e, long f, long on_stack, float z)
{
    volatile long keep = a;
    return (double)(keep + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * on_stack) + x + 2 * y +
           4 * (double)z;
}

static void preempted(void *argument)
{
    double *result = argument;
    contig_poison_next_prologue(false);
    contig_c_yield();
    *result = asked(1, 0.5, 2, 0.25, 3, 4, 5, 6, 7, 0.125F);
    result[1]++;
}

/* CGO-2 */
static void a_prologue_that_yields_keeps_arguments(void)
{
    double result[2] = {0, 0};
    start();
    go(preempted, result);
    while (contig_step())
        result[1] += 10;
    EXPECT(result[0] == 1 + 4 + 9 + 16 + 25 + 36 + 49 + 0.5 + 0.5 + 0.5);
    EXPECT(result[1] == 31); /* the poisoned yield, the prologue's, and the end */
    stop();
}

static void parker(void *argument)
{
    int *woken = argument;
    *contig_c_local() = woken;
    while (*woken < 3) {
        EXPECT(contig_c_park(CONTIG_WAIT_CHAN_RECEIVE) == CONTIG_OK);
        EXPECT(*contig_c_local() == woken);
        ++*woken;
    }
}

static void parked_goroutines_wake(void)
{
    int woken = 0;
    char text[2000];
    start();
    uint64_t id = go(parker, &woken);
    for (int i = 0; i < 3; i++) {
        EXPECT(contig_run() == 1 && woken == i);
        EXPECT(contig_stack(id, text, sizeof text) > 0);
        EXPECT(strstr(text, "[chan receive]") != NULL && strstr(text, "parker()") != NULL);
        EXPECT(strstr(text, "goroutines_test.c:") != NULL);
        EXPECT(contig_ready(id) == CONTIG_OK);
    }
    EXPECT(contig_run() == 0 && woken == 3);
    EXPECT(contig_c_self() == 0 && contig_c_local() == NULL);
    stop();
}

static int awake;

static double milliseconds_now(void)
{
    struct timespec now;
    EXPECT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void sleeper(void *argument)
{
    uint64_t milliseconds = *(uint64_t *)argument;
    double begin = milliseconds_now();
    EXPECT(contig_c_sleep(0) == CONTIG_OK && contig_c_sleep(milliseconds * 1000000) == CONTIG_OK);
    EXPECT(milliseconds_now() - begin >= (double)milliseconds);
    awake++;
}

/* CGO-3 */
static void nobody_wakes_early(void)
{
    uint64_t times[] = {30, 10, 20};
    awake = 0;
    start();
    for (int i = 0; i < 3; i++)
        go(sleeper, &times[i]);
    EXPECT(contig_run() == 0 && awake == 3);
    stop();
}

/* In a function that a library calls back there is no goroutine's stack. */
static enum contig_error refused[2];

static int comparison(const void *a, const void *b)
{
    refused[0] = contig_c_yield();
    refused[1] = contig_c_park(CONTIG_WAIT_PARKED);
    return *(const int *)a - *(const int *)b;
}

static void sorter(void *argument)
{
    qsort(argument, 10, sizeof(int), comparison);
}

/* CGO-4 */
static void callbacks_cannot_yield(void)
{
    int numbers[10] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    start();
    go(sorter, numbers);
    contig_run();
    EXPECT(numbers[0] == 0 && numbers[9] == 9);
    EXPECT(refused[0] == CONTIG_BAD_STATE && refused[1] == CONTIG_BAD_STATE);
    EXPECT(reported("contig_c_yield was called outside of a goroutine's stack"));
    EXPECT(reported("contig_c_park was called outside of a goroutine's stack"));
    stop();
}

/* A callback runs other goroutines. */
static int run_others(const void *a, const void *b)
{
    contig_run();
    return *(const int *)a - *(const int *)b;
}

static void runner(void *argument)
{
    int numbers[3] = {3, 1, 2};
    long sum = 5;
    go(switcher, argument);
    qsort(numbers, 3, sizeof(int), run_others);
    EXPECT(numbers[0] == 1 && sum == 5);
    EXPECT(contig_c_yield() == CONTIG_OK);
    EXPECT(deep(1000) == 1000 && numbers[2] == 3);
}

/* CGO-5: the system stack goes on with its own side stack. */
static void scheduler_can_be_nested(void)
{
    long sum = 100;
    start();
    go(runner, &sum);
    const void *side = __safestack_unsafe_stack_ptr;
    contig_run();
    EXPECT(__safestack_unsafe_stack_ptr == side);
    EXPECT(sum == 10 + 50 * 10 + 49 * 50 / 2);
    stop();
}

struct pair {
    uint64_t out, in;
    long sum;
};

/* Elements lie on side stacks; the stacks that wait move meanwhile. */
static void sender(void *argument)
{
    struct pair *pair = argument;
    for (long i = 1; i <= 100; i++) {
        EXPECT(contig_c_send(pair->out, &i) == CONTIG_OK);
        deep(i);
    }
    EXPECT(contig_chan_close(pair->out) == CONTIG_OK);
    contig_c_send(pair->out, NULL);
}

static void receiver(void *argument)
{
    struct pair *pair = argument;
    long got = 0, other = 0;
    struct contig_select_case cases[2] = {{pair->in, (uint64_t)(uintptr_t)&got, 0},
                                          {pair->out, (uint64_t)(uintptr_t)&other, 0}};
    EXPECT(contig_c_select(cases, 2 + CONTIG_SELECT_DEFAULT) == CONTIG_SELECT_DEFAULT);
    EXPECT(contig_c_select(cases, 2) == 1 + (UINT64_C(1) << 32) && other == 1);
    pair->sum = other;
    while (contig_c_receive(pair->out, &got) == 1)
        pair->sum += got + deep(got) - got;
    EXPECT(got == 0);
}

/* CGO-3 */
static void channels_pass_what_lies_on_side_stacks(void)
{
    struct pair pair = {0};
    enum contig_error ended[2] = {CONTIG_INVARIANT, CONTIG_INVARIANT};
    struct contig_c_options first = {.ended = &ended[0]}, second = {.ended = &ended[1]};
    start();
    EXPECT(contig_chan_make(sizeof(long), 0, &pair.out) == CONTIG_OK);
    EXPECT(contig_chan_make(sizeof(long), 1, &pair.in) == CONTIG_OK);
    EXPECT(contig_go_c(receiver, &pair, &first, NULL) == CONTIG_OK);
    EXPECT(contig_go_c(sender, &pair, &second, NULL) == CONTIG_OK);
    EXPECT(contig_run() == 0 && pair.sum == 5050);
    EXPECT(ended[0] == CONTIG_OK && ended[1] == CONTIG_PANICKED);
    EXPECT(contig_c_send(pair.out, NULL) == CONTIG_BAD_STATE &&
           contig_c_receive(pair.out, NULL) == -1);
    stop();
}

static jmp_buf place;

static int jumping(const void *a, const void *b)
{
    if (*(const int *)a != *(const int *)b)
        longjmp(place, 3);
    return 0;
}

/* Out of a callback on the system stack, to frames that have moved since. */
static void jumper(void *argument)
{
    int numbers[2] = {1, 2};
    volatile int before = 5;
    int got = setjmp(place);
    if (got == 0) {
        deep(2000);
        qsort(numbers, 2, sizeof(int), jumping);
    }
    *(int *)argument = 10 * got + before;
}

/* CGO-6 */
static void jumps_find_their_frames(void)
{
    int result = 0;
    start();
    go(jumper, &result);
    contig_run();
    EXPECT(result == 35);
    stop();
}

static void exiter(void *argument)
{
    if (argument == NULL)
        contig_c_exit();
    contig_c_throw(argument);
}

static void goroutines_end_in_three_ways(void)
{
    enum contig_error ended[3] = {CONTIG_INVARIANT, CONTIG_INVARIANT, CONTIG_INVARIANT};
    long depth = 3;
    start();
    for (int i = 0; i < 3; i++) {
        struct contig_c_options options = {.ended = &ended[i]};
        EXPECT(contig_go_c(i == 2 ? diver : exiter,
                           i == 0   ? NULL
                           : i == 1 ? (void *)"thrown by C"
                                    : &depth,
                           &options, NULL) == CONTIG_OK);
    }
    contig_run();
    EXPECT(ended[0] == CONTIG_OK && ended[1] == CONTIG_THROWN && ended[2] == CONTIG_OK);
    EXPECT(reported("thrown by C") && reported("exiter()"));
    stop();
}

__attribute__((noinline)) static int eats(int n)
{
    char bytes[1000];
    memset(bytes, n, sizeof bytes);
    __asm__ volatile("" : : "r"(bytes) : "memory");
    return eats(n + 1) + bytes[n % 1000];
}

static void eater(void *argument)
{
    *(int *)argument = eats(0);
}

/* CGO-8 */
static void side_stacks_overflow(void)
{
    enum contig_error ended = CONTIG_INVARIANT;
    struct contig_c_options options = {.ended = &ended};
    int result = 0;
    long sum = 7;
    start();
    EXPECT(contig_go_c(eater, &result, &options, NULL) == CONTIG_OK);
    go(switcher, &sum);
    contig_run();
    EXPECT(ended == CONTIG_STACK_OVERFLOW && result == 0);
    EXPECT(reported("side stack exceeds") && reported("eats()") && reported("eater()"));
    EXPECT(sum == 10 + 50 * 10 + 49 * 50 / 2);
    stop();
}

static void toucher(void *argument)
{
    char bytes[3000];
    memset(bytes, 1, sizeof bytes);
    __asm__ volatile("" : : "r"(bytes) : "memory");
    if (argument != NULL)
        contig_c_park(CONTIG_WAIT_PARKED);
}

/* CGO-8: side stacks are used again */
static void many_goroutines(void)
{
    long depth = 1000000;
    start_with(false);
    go(diver, &depth);
    EXPECT(contig_run() == 0 && depth == 1000000);
    for (int round = 0; round < 20; round++)
        for (int i = 0; i < 500; i++) {
            go(toucher, NULL);
            if (i % 100 == 99)
                contig_run();
        }
    for (int i = 0; i < 5000; i++)
        go(toucher, "park");
    EXPECT(contig_run() == 5000);
    stop();
}

static void in_mode(bool forced)
{
    contig_c_force_moves(forced);
    switches_keep_everything();
    a_prologue_that_yields_keeps_arguments();
    parked_goroutines_wake();
    nobody_wakes_early();
    callbacks_cannot_yield();
    scheduler_can_be_nested();
    jumps_find_their_frames();
    channels_pass_what_lies_on_side_stacks();
    goroutines_end_in_three_ways();
    side_stacks_overflow();
}

int main(void)
{
    in_mode(false);
    many_goroutines();
    in_mode(true);
    puts("all is as promised");
    return 0;
}
