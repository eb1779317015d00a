/* main.c: the conform command alone, for those who check a runtime of their own. */
#include "src/command/output.h"
#include "src/conform/moves/command.h"

int main(int argc, char **argv)
{
    static char name[] = "conform";
    output_begin();
    if (argc > 0)
        argv[0] = name;
    return output_finish(conform_moves_main(argc, argv));
}
