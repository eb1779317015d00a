/* callbacks.c: libraries call back: on the system stack, with the program's functions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int ends;

__attribute__((noinline)) static int digits(int n)
{
    char text[32];
    snprintf(text, sizeof text, "%d", n);
    return n < 10 ? 1 : digits(n / 10) + (int)strlen(text) - (int)strlen(text + 1);
}

static int by_digits(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    int difference = digits(x) - digits(y);
    return difference != 0 ? difference : y - x;
}

static void at_end(void)
{
    printf("end %d\n", ++ends);
}

/* Sorts in a comparison: stubs inside of stubs. */
static int by_sorting(const void *a, const void *b)
{
    int both[2] = {*(const int *)a, *(const int *)b};
    qsort(both, 2, sizeof *both, by_digits);
    return both[0] == *(const int *)a ? -(both[0] != both[1]) : 1;
}

int main(void)
{
    int numbers[200];
    for (int i = 0; i < 200; i++)
        numbers[i] = (i * 7919) % 100003;
    qsort(numbers, 200, sizeof *numbers, by_digits);
    printf("%d %d %d\n", numbers[0], numbers[100], numbers[199]);
    qsort(numbers, 100, sizeof *numbers, by_sorting);
    printf("%d %d %d\n", numbers[0], numbers[50], numbers[99]);
    int key = numbers[50];
    const int *found = bsearch(&key, numbers, 100, sizeof *numbers, by_sorting);
    printf("%ld\n", found == NULL ? -1 : (long)(found - numbers));
    atexit(at_end);
    atexit(at_end);
    errno = 0;
    printf("%g %d\n", strtod("1e999", NULL), errno == ERANGE);
    return 3;
}
