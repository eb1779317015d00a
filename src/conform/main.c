/* main.c: the conform command alone, for those who check their own runtime and build nothing else. */
#include "src/conform/conform.h"

int main(int argc, char **argv)
{
    return conform_main(argc, argv);
}
