/* sizes_test.c: how large stacks of C become, and who says so: contig_c.h, called by C on goroutines. */
#include "src/c/test/started.h"

/* CGO-7 */
static void limits_are_by_goroutine(void)
{
    enum contig_error ended[3] = {CONTIG_INVARIANT, CONTIG_INVARIANT, CONTIG_INVARIANT};
    long depth[3] = {5000, 5000, 5000};
    start();
    for (int i = 0; i < 3; i++) {
        struct contig_c_options options = {.maximum_stack_bytes = i == 1 ? 32768 : 0,
                                           .ended = &ended[i]};
        EXPECT(contig_go_c(diver, &depth[i], &options, NULL) == CONTIG_OK);
    }
    contig_run();
    EXPECT(ended[0] == CONTIG_OK && ended[1] == CONTIG_STACK_OVERFLOW && ended[2] == CONTIG_OK);
    EXPECT(reported("exceeds 32768-byte limit") && reported("deep()") && reported("diver()"));
    EXPECT(contig_set_maximum_stack(1 << 30) == 1000000000);
    stop();
}

static void roomy(void *argument)
{
    struct contig_c_statistics *statistics = argument;
    EXPECT(contig_c_read_statistics(contig_c_self(), &statistics[0]) == CONTIG_OK);
    deep(500);
    EXPECT(contig_c_read_statistics(contig_c_self(), &statistics[1]) == CONTIG_OK);
    EXPECT(contig_c_reserve(300000) == CONTIG_OK);
    EXPECT(contig_c_read_statistics(contig_c_self(), &statistics[2]) == CONTIG_OK);
    EXPECT(contig_c_reserve(UINT64_C(1) << 40) == CONTIG_STACK_OVERFLOW);
}

/* CGO-7 */
static void room_can_be_reserved(void)
{
    struct contig_c_statistics seen[3];
    struct contig_c_options options = {.reserve_bytes = 60000};
    start();
    EXPECT(contig_go_c(roomy, seen, &options, NULL) == CONTIG_OK);
    contig_run();
    EXPECT(seen[0].stack_bytes == 65536 && seen[0].growths == 0);
    EXPECT(seen[1].stack_bytes == 65536 && seen[1].growths == 0);
    EXPECT(seen[2].stack_bytes == 524288);
    struct contig_c_function function;
    go(diver, &(long){3000});
    contig_run();
    bool found = false;
    for (uint64_t i = 0; contig_c_read_function(i, &function); i++)
        found = found || (strcmp(function.name, "deep") == 0 && function.growths > 0);
    EXPECT(found);
    stop();
}

static void hungry(void *argument)
{
    *(long *)argument = deep(*(long *)argument);
}

/* CGO-7: what goes without options gets those of its function. */
static void defaults_are_by_function(void)
{
    struct contig_c_statistics seen[3];
    struct contig_c_options room = {.reserve_bytes = 60000}, small = {.maximum_stack_bytes = 32768};
    enum contig_error ended = CONTIG_INVARIANT, error;
    struct contig_c_options own = {.ended = &ended};
    long depth[2] = {5000, 5000};
    start();
    EXPECT(contig_c_set_defaults(roomy, &room) == CONTIG_OK);
    EXPECT(contig_c_set_defaults(hungry, &small) == CONTIG_OK);
    EXPECT(contig_c_set_defaults(NULL, &room) == CONTIG_BAD_OPTION);
    EXPECT(contig_c_set_defaults(diver, NULL) == CONTIG_BAD_OPTION);
    EXPECT(contig_c_set_defaults(diver, &own) == CONTIG_BAD_OPTION);
    go(roomy, seen);
    contig_run();
    EXPECT(seen[0].stack_bytes == 65536 && seen[0].growths == 0);
    go(hungry, &depth[0]);
    EXPECT(contig_go_c(hungry, &depth[1], &own, NULL) == CONTIG_OK);
    contig_run();
    EXPECT(reported("exceeds 32768-byte limit") && depth[0] == 5000);
    EXPECT(contig_last_error(NULL) == CONTIG_STACK_OVERFLOW && ended == CONTIG_OK);
    for (uintptr_t i = 0;
         (error = contig_c_set_defaults((void (*)(void *))(16 * i + 16), &room)) == CONTIG_OK; i++)
        EXPECT(i < 1024);
    EXPECT(error == CONTIG_OUT_OF_MEMORY && contig_c_set_defaults(roomy, &small) == CONTIG_OK);
    stop();
}

/* With several threads C does not run on goroutines. */
static void several_threads_are_refused(void)
{
    char message[200] = "";
    long depth = 1;
    struct contig_options options = {.procs = 2, .arena_bytes = 64 << 20};
    EXPECT(contig_start(&options, message) == CONTIG_OK);
    EXPECT(contig_go_c(diver, &depth, NULL, NULL) == CONTIG_BAD_STATE);
    EXPECT(contig_stop() == CONTIG_OK);
}

static void shrinker(void *argument)
{
    struct contig_c_statistics *statistics = argument;
    volatile long before = 77;
    deep(3000);
    EXPECT(contig_c_read_statistics(contig_c_self(), &statistics[0]) == CONTIG_OK);
    for (int i = 0; i < 10; i++)
        EXPECT(contig_gc() == CONTIG_OK);
    EXPECT(contig_c_read_statistics(contig_c_self(), &statistics[1]) == CONTIG_OK);
    EXPECT(before == 77);
}

/* CGO-5 */
static void stacks_shrink_in_calls_of_libraries(void)
{
    struct contig_c_statistics seen[2];
    start();
    go(shrinker, seen);
    contig_run();
    EXPECT(seen[0].stack_bytes > 65536 && seen[1].stack_bytes == 2048);
    stop();
}

int main(void)
{
    limits_are_by_goroutine();
    room_can_be_reserved();
    stacks_shrink_in_calls_of_libraries();
    defaults_are_by_function();
    several_threads_are_refused();
    puts("all is as promised");
    return 0;
}
