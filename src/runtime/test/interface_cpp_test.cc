// interface_cpp_test.cc: contig.h from C++: it compiles, links and runs.
#include "src/contig.h"

#include <cstdio>
#include <cstring>

extern "C" void body_return();

static unsigned long givens;

int main()
{
    contig_options options = {};
    options.arena_bytes = 1 << 20;
    options.check = true;
    options.given = [](uint64_t, uint64_t) { givens++; };
    contig_statistics statistics;
    uint64_t id = 0;
    bool good = contig_go(body_return, 0, &id) == CONTIG_BAD_STATE && contig_start(&options, nullptr) == CONTIG_OK &&
                contig_go(body_return, 0, &id) == CONTIG_OK && id == 1 && contig_run() == 0 && contig_check_all() &&
                contig_gc() == CONTIG_OK && contig_stack(0, nullptr, 0) == 0 && contig_last_error(nullptr) == CONTIG_OK;
    contig_read_statistics(&statistics);
    good = good && statistics.spawned == 1 && statistics.errors == 0 && contig_stop() == CONTIG_OK && givens == 1 &&
           std::strcmp(contig_error_name(CONTIG_OK), "no error") == 0;
    std::printf("interface_cpp_test: %s\n", good ? "passed" : "FAILED");
    return good ? 0 : 1;
}
