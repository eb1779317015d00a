/* canary_test.c: without guards, an overflow of a side stack is noticed when its goroutine ends; see no_guards.c. */
#include <string.h>

#include "src/c/contig_c.h"
#include "src/testing/expect.h"

/* Of which the guard takes 32 KiB. */
#define SIDE_STACK_BYTES (256 << 10)

static void writer(void *bytes)
{
    char buffer[*(size_t *)bytes];
    memset(buffer, 1, sizeof buffer);
    __asm__ volatile("" : : "r"(buffer) : "memory");
}

static enum contig_error ended_with(size_t bytes)
{
    enum contig_error ended = CONTIG_INVARIANT;
    struct contig_c_options options = {.ended = &ended};
    EXPECT(contig_go_c(writer, &bytes, &options, NULL) == CONTIG_OK);
    contig_run();
    return ended;
}

/* CGO-8 */
int main(void)
{
    struct contig_options options = {.quiet = true};
    EXPECT(contig_start(&options, NULL) == CONTIG_OK);
    EXPECT(ended_with(SIDE_STACK_BYTES - (40 << 10)) == CONTIG_OK);
    EXPECT(ended_with(SIDE_STACK_BYTES - (30 << 10)) == CONTIG_STACK_OVERFLOW);
    EXPECT(ended_with(100) == CONTIG_OK);
    EXPECT(contig_stop() == CONTIG_OK);
    return 0;
}
