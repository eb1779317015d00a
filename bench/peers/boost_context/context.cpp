// context.cpp: Boost.Context: `context switch-raw COUNT`, `context spawn AT-ONCE ROUNDS`, `context park COUNT`.
//
// Stacks of a fixed size, from Boost's pool: nothing grows.  A parked fiber has the smallest stack that works, 4 KiB.
#include <boost/context/detail/fcontext.hpp>
#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <vector>

#include "bench/peers/peer.h"

namespace ctx = boost::context;
namespace raw = boost::context::detail;

static void bounce(raw::transfer_t from)
{
    for (;;)
        from = raw::jump_fcontext(from.fctx, nullptr);
}

static void measure_switch(long count)
{
    static char stack[65536];
    raw::transfer_t other = {raw::make_fcontext(stack + sizeof stack, sizeof stack, bounce), nullptr};
    double begin = processor_time();
    for (long i = 0; i < count / 2; i++)
        other = raw::jump_fcontext(other.fctx, nullptr);
    result("ns", (processor_time() - begin) / (double)count);
}

static void measure_spawn(long at_once, long rounds)
{
    ctx::pooled_fixedsize_stack pool(4096);
    double begin = processor_time();
    for (long i = 0; i < at_once * rounds; i++)
        ctx::fiber(std::allocator_arg, pool, [](ctx::fiber &&back) { return std::move(back); }).resume();
    result("ns", (processor_time() - begin) / (double)(at_once * rounds));
}

static void measure_park(long count)
{
    std::vector<ctx::fiber> fibers(count);
    ctx::pooled_fixedsize_stack pool(4096, 1024);
    double resident = resident_bytes(), begin = processor_time();
    for (auto &fiber : fibers)
        fiber = ctx::fiber(std::allocator_arg, pool, [](ctx::fiber &&back) {
                    return std::move(back).resume();
                }).resume();
    result("ns", (processor_time() - begin) / (double)count);
    result("bytes", (resident_bytes() - resident) / (double)count);
    for (auto &fiber : fibers)
        fiber = std::move(fiber).resume();
}

int main(int argc, char **argv)
{
    std::vector<std::string> words(argv + 1, argv + argc);
    words[0] == "switch-raw" ? measure_switch(atol(argv[2]))
    : words[0] == "spawn"    ? measure_spawn(atol(argv[2]), atol(argv[3]))
                             : measure_park(atol(argv[2]));
}
