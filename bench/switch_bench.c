/* switch_bench.c: how long it takes from one goroutine to the next, and from a goroutine's birth to its end. */
#include "bench/bench.h"
#include "bench/bodies.h"
#include "src/bodies/bodies.h"
#include "src/runtime/runtime.h"

void measure_switch(char **arguments)
{
    struct body warm = {.argument = 1000}, body = {.argument = number(arguments[0]) / 2};
    runtime_begin();
    spawn(body_yield, &warm);
    contig_run();
    spawn(body_yield, &body);
    spawn(body_yield, &body);
    double begin = processor_time();
    contig_run();
    result("ns", (processor_time() - begin) / (2 * (double)body.argument));
    runtime_finish();
}

/* Raises a flag of mxcsr on the system stack, which goroutines do not have. */
void measure_switch_inexact(char **arguments)
{
    volatile double three = 3;
    three = 1 / three;
    measure_switch(arguments);
}

/* The two routines of switch.S alone: into a goroutine, which wants to yield at once, and back. */
void measure_switch_raw(char **arguments)
{
    struct body body = {.argument = number(arguments[0]) / 2 + 1};
    uint64_t id;
    runtime_begin();
    if (contig_go(body_yield, (uint64_t)(uintptr_t)&body, &id) != CONTIG_OK)
        fail("a goroutine cannot be made");
    struct g *g = contig_g_by_id(id);
    contig_execute(contig_m, g);
    double begin = processor_time();
    for (uint64_t i = 1; i < body.argument; i++)
        contig_execute(contig_m, g);
    result("ns", (processor_time() - begin) / (2 * (double)(body.argument - 1)));
    contig_m->curg = NULL;
    contig_run();
    runtime_finish();
}

/* Goroutines take turns for some rounds, and end.  If there are many, no cache holds the stack and the record of the
 * next one. */
void measure_robin(char **arguments)
{
    uint64_t goroutines = number(arguments[0]), rounds = number(arguments[1]);
    struct body body = {.argument = rounds};
    runtime_begin();
    for (uint64_t i = 0; i < goroutines; i++)
        spawn(body_yield, &body);
    double begin = processor_time();
    contig_run();
    result("ns", (processor_time() - begin) / (double)(rounds * goroutines));
    runtime_finish();
}

static struct bench_body counted;
static uint64_t spawned_at_once;

static uint64_t spawn_counted(uint64_t context)
{
    (void)context;
    for (uint64_t i = 0; i < spawned_at_once; i++)
        spawn(bench_count, &counted);
    return 0;
}

/* A goroutine makes `spawned_at_once` others and yields to them, again and again. */
void measure_spawn(char **arguments)
{
    uint64_t rounds = number(arguments[1]);
    spawned_at_once = number(arguments[0]);
    struct bench_body warm = {.rounds = 10, .call = spawn_counted},
                      body = {.rounds = rounds, .call = spawn_counted};
    runtime_begin();
    spawn(bench_spawn, &warm);
    contig_run();
    spawn(bench_spawn, &body);
    double begin = processor_time();
    contig_run();
    result("ns", (processor_time() - begin) / (double)(rounds * spawned_at_once));
    if (counted.result != (rounds + 10) * spawned_at_once)
        fail("a goroutine did not run");
    runtime_finish();
}
