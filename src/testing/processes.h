/* processes.h: a test for each promise, each in a process of its own.  Called by the tests of src/runtime and spec. */
#ifndef CONTIG_TESTING_PROCESSES_H
#define CONTIG_TESTING_PROCESSES_H

#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/testing/expect.h"

struct test {
    const char *name;
    void (*run)(void);
};
/* clang-format off */
#define TEST(name) {#name, name}
/* clang-format on */

static inline bool test_passes(const char *file, const struct test *test)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        test->run();
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "%s: %s FAILED (status %d)\n", file, test->name, status);
        return false;
    }
    return true;
}

/* The exit status of a test program. */
static inline int tests_run(const char *file, const struct test *tests, size_t count)
{
    size_t passed = 0;
    for (size_t i = 0; i < count; i++)
        passed += test_passes(file, &tests[i]);
    printf("%s: %zu of %zu passed\n", file, passed, count);
    return passed == count ? 0 : 1;
}

#endif
