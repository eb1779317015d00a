/* main.c: `contig explain` as a program of its own, for its test. */
#include "src/command/output.h"
#include "src/explain/explain.h"

int main(int argc, char **argv)
{
    output_begin();
    return output_finish(explain_main(argc, argv));
}
