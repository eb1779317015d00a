/* outside.c: what the cases call, and a program around them; nothing of it ever runs. */
#include <stddef.h>

__thread void *__safestack_unsafe_stack_ptr;

long outside(long a, ...);
void contig_c_copy_arguments(void *to, const void *from, size_t bytes);
void __morestack(void);

long outside(long a, ...)
{
    return a;
}

void contig_c_copy_arguments(void *to, const void *from, size_t bytes)
{
    (void)to;
    (void)from;
    (void)bytes;
}

void __morestack(void)
{
}

int main(void)
{
    return 0;
}
