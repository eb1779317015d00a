/* main.c: `contig explain` as a program of its own, for its test. */
#include "src/explain/explain.h"

int main(int argc, char **argv)
{
    return explain_main(argc - 1, argv + 1);
}
