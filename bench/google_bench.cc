// google_bench.cc: the same runtime under Google Benchmark, for one question: how does an operation grow with its size?
//
// bench/run measures beside others, in processes that take turns.  Here the library chooses the number of iterations,
// and fits a curve: a second opinion on the slopes of bench/sweeps.py, by other code.
#include <benchmark/benchmark.h>

#include <cstdint>

// C11's word for it.
#define _Static_assert static_assert
extern "C" {
#include "bench/bodies.h"
#include "src/bodies/bodies.h"
}
#include "src/contig.h"

namespace {

void begin(benchmark::State &state)
{
    char message[200];
    if (contig_start(nullptr, message) != CONTIG_OK)
        state.SkipWithError(message);
}

void finish(benchmark::State &state)
{
    if (contig_stop() != CONTIG_OK)
        state.SkipWithError("not every byte of stack memory was given back");
}

uint64_t spawn(contig_function *function, void *context)
{
    uint64_t id = 0;
    contig_go(function, reinterpret_cast<uint64_t>(context), &id);
    return id;
}

// A cycle over so many goroutines that wait: linear.
void cycle(benchmark::State &state)
{
    body context = {};
    begin(state);
    for (int64_t i = 0; i < state.range(0); i++)
        spawn(body_park, &context);
    contig_run();
    for (auto _ : state)
        contig_gc();
    state.SetComplexityN(state.range(0));
    finish(state);
}

// So many goroutines are made, run and end: linear.
void spawn_run_exit(benchmark::State &state)
{
    begin(state);
    for (auto _ : state) {
        for (int64_t i = 0; i < state.range(0); i++)
            spawn(body_return, nullptr);
        contig_run();
    }
    state.SetComplexityN(state.range(0));
    finish(state);
}

// Calls so deep on a new stack, which grows, and back: linear, though each growth copies all frames.
void recursion(benchmark::State &state)
{
    begin(state);
    for (auto _ : state) {
        bench_body context = {};
        context.levels = static_cast<uint64_t>(state.range(0));
        context.rounds = 1;
        spawn(bench_12, &context);
        contig_run();
    }
    state.SetComplexityN(state.range(0));
    finish(state);
}

// One goroutine wakes, whatever number of others wait: constant.
void wake_one(benchmark::State &state)
{
    body context = {};
    begin(state);
    for (int64_t i = 0; i < state.range(0); i++)
        spawn(body_park, &context);
    for (auto _ : state) {
        uint64_t id = spawn(body_park, &context);
        contig_run();
        contig_ready(id);
        contig_run();
    }
    state.SetComplexityN(state.range(0));
    finish(state);
}

BENCHMARK(cycle)->RangeMultiplier(8)->Range(64, 32768)->Complexity(benchmark::oN);
BENCHMARK(spawn_run_exit)->RangeMultiplier(8)->Range(8, 4096)->Complexity(benchmark::oN);
BENCHMARK(recursion)->RangeMultiplier(8)->Range(64, 32768)->Complexity(benchmark::oN);
BENCHMARK(wake_one)->RangeMultiplier(8)->Range(8, 32768)->Complexity(benchmark::o1);

} // namespace

BENCHMARK_MAIN();
