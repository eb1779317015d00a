/* stacks.c: the commands that need stacks, as the program contig_stacks that contig runs. */
#include <string.h>

#include "src/cli/command.h"
#include "src/conform/moves/command.h"

int main(int argc, char **argv)
{
    output_begin();
    if (argc > 1 && strcmp(argv[1], "demo") == 0)
        return output_finish(demo_main(argc - 1, argv + 1));
    if (argc > 1 && strcmp(argv[1], "replay") == 0)
        return output_finish(replay_main(argc - 1, argv + 1));
    if (argc > 1 && strcmp(argv[1], "conform") == 0)
        return output_finish(conform_moves_main(argc - 1, argv + 1));
    return output_finish(complain(
        "contig_stacks is run by contig: contig demo, contig replay, contig conform --moves"));
}
