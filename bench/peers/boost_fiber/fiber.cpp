// fiber.cpp: Boost.Fiber, one thread and its round-robin scheduler: switch, robin, spawn, park as in contig_bench.
//
// Stacks of a fixed size, from a pool: nothing grows.  With 8 KiB a fiber crashes now and then.
#include <boost/fiber/all.hpp>
#include <vector>
#include "bench/peers/peer.h"

namespace fibers = boost::fibers;
using fibers::fiber;
static fibers::pooled_fixedsize_stack pool(16384, 1024);

static fiber make(auto function) { return fiber(std::allocator_arg, pool, function); }

static void measure_robin(long goroutines, long rounds)
{
    std::vector<fiber> all;
    for (long i = 0; i < goroutines; i++)
        all.push_back(make([n = rounds]() mutable { while (n-- > 0) boost::this_fiber::yield(); }));
    double begin = processor_time();
    for (auto &one : all)
        one.join();
    result("ns", (processor_time() - begin) / (double)(goroutines * rounds));
}

static void measure_spawn(long at_once, long rounds)
{
    std::vector<fiber> all(at_once);
    double begin = processor_time();
    for (long i = 0; i < rounds; i++) {
        for (auto &one : all) one = make([] {});
        for (auto &one : all) one.join();
    }
    result("ns", (processor_time() - begin) / (double)(at_once * rounds));
}

static void measure_park(long count)
{
    std::vector<fiber> all(count);
    fibers::promise<void> wake;
    auto woken = wake.get_future().share();
    double resident = resident_bytes(), begin = processor_time();
    for (auto &one : all)
        one = make([&] { woken.wait(); });
    boost::this_fiber::yield();
    result("ns", (processor_time() - begin) / (double)count);
    result("bytes", (resident_bytes() - resident) / (double)count);
    wake.set_value();
    for (auto &one : all)
        one.join();
}

int main(int, char **argv)
{
    long first = atol(argv[2]), second = argv[3] != nullptr ? atol(argv[3]) : 0;
    switch (argv[1][0]) {
    case 'r': return measure_robin(first, second), 0;
    case 's': return argv[1][1] == 'w' ? measure_robin(2, first / 2) : measure_spawn(first, second), 0;
    default: return measure_park(first), 0;
    }
}
