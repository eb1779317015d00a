/* jumps.c: setjmp and longjmp over growth, over callbacks of the C library, and in loops. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf outer, inner;
static int compared;

__attribute__((noinline)) static int thrower(int n, int value)
{
    volatile int keep = n;
    if (n == 0)
        longjmp(value % 2 == 0 ? outer : inner, value);
    return thrower(n - 1, value) + keep;
}

__attribute__((noinline)) static int catcher(int depth, int value)
{
    volatile int before = depth;
    int caught = setjmp(inner);
    if (caught != 0)
        return caught + before;
    return thrower(depth, value);
}

static int compare(const void *a, const void *b)
{
    if (++compared == 40)
        thrower(60, 4);
    return *(const int *)a - *(const int *)b;
}

__attribute__((noinline)) static int sorted(int n)
{
    int numbers[64];
    for (int i = 0; i < n; i++)
        numbers[i] = i * 37 % 61;
    qsort(numbers, (size_t)n, sizeof *numbers, compare);
    return numbers[0] + numbers[n - 1];
}

int main(void)
{
    for (int i = 0; i < 20; i++) {
        volatile int round = i;
        int caught = setjmp(outer);
        if (caught == 0)
            printf("%d: %d\n", i, catcher(10 * i, i));
        else
            printf("%d: outer %d\n", round, caught);
    }
    volatile int tries = 0;
    if (setjmp(outer) == 0)
        printf("sorted %d\n", sorted(64));
    else
        tries++;
    printf("%d compared, %d\n", compared, tries);
    compared = 100;
    printf("sorted %d\n", sorted(64));
    return 0;
}
