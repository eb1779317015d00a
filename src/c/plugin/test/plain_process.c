/* plain_process.c: what code that was made fit for goroutine stacks needs in a process that has none.
 *
 * Linked by plugin_test.py to what it compiles: no check fails, since the guard of this thread is 0. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static char side_stack[1 << 20];

__thread void *__safestack_unsafe_stack_ptr = side_stack + sizeof side_stack;

void contig_c_copy_arguments(void *to, const void *from, size_t bytes);

void contig_c_copy_arguments(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

void __morestack(void);

void __morestack(void)
{
    abort();
}
