/* demos.c: the demonstrations of `contig demo` alone, for the build that checks the callers of the core. */
#include "src/cli/command.h"

int main(int argc, char **argv)
{
    return demo_main(argc, argv);
}
