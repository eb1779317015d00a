/* expect.h: how a test in C says that something is not as it should be: one line, and the test is over.
 *
 * EXPECT names the place, for tests whose every check is written out; require counts, for tests with random inputs,
 * where the same check is made many times.  Called by tests only. */
#ifndef CONTIG_TESTING_EXPECT_H
#define CONTIG_TESTING_EXPECT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPECT(condition)                                                            \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                 \
        }                                                                            \
    } while (0)

static unsigned long long checks_passed;

static inline void require(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "FAILED: %s, after %llu checks\n", what, checks_passed);
        exit(1);
    }
    checks_passed++;
}

#endif
