/* main.c: the contig command: picks what to do by its first argument.
 *
 * What needs stacks is a program of its own, contig_stacks, which lies in the same folder: its tables take 1.1 GB of
 * addresses, and whoever replays a trace need not have them. */
#include <string.h>

#include "src/cli/apart.h"
#include "src/command/output.h"
#include "src/conform/conform.h"

struct subcommand {
    const char *name, *what;
    int (*run)(int argc, char **argv);
};

/* Moves are judged by the core itself, which needs its tables. */
static int conform_here_or_apart(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--moves") == 0)
            return stacks_main(argc, argv);
    return conform_main(argc, argv);
}

static const struct subcommand subcommands[] = {
    {"demo", "goroutines that grow, move and shrink, and check themselves", stacks_main},
    {"replay", "runs a script and prints each step", stacks_main},
    {"conform", "replays traces of a runtime's stacks against the specification",
     conform_here_or_apart},
};
#define SUBCOMMAND_COUNT (sizeof subcommands / sizeof *subcommands)

static int usage(void)
{
    printf("usage: contig COMMAND ...\n\n");
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        printf("  %-10s %s\n", subcommands[i].name, subcommands[i].what);
    printf("\ncontig COMMAND --help says more\n");
    return EXIT_OK;
}

static int command_run(int argc, char **argv)
{
    if (argc < 2)
        return complain(
            "a command is missing; usage: contig COMMAND ...; contig --help names them");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return usage();
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    return complain("there is no command %s; contig --help names them", argv[1]);
}

int main(int argc, char **argv)
{
    output_begin();
    return output_finish(command_run(argc, argv));
}
