/* main.c: the contig command: picks what to do by its first argument. */
#include <string.h>

#include "src/cli/command.h"
#include "src/conform/conform.h"
#include "src/explain/explain.h"

struct subcommand {
    const char *name, *what;
    int (*run)(int argc, char **argv);
};

/* conform_main wants its own name in front, as main does. */
static int conform(int argc, char **argv)
{
    return conform_main(argc + 1, argv - 1);
}

static const struct subcommand subcommands[] = {
    {"demo", "goroutines that grow, move and shrink, and check themselves", demo_main},
    {"replay", "runs a fuzz input and prints each step", replay_main},
    {"conform", "replays traces of a runtime's stacks against the specification", conform},
    {"explain", "from a requirement or function to its contract, proof, tests and fuzz target", explain_main},
};
#define SUBCOMMAND_COUNT (sizeof subcommands / sizeof *subcommands)

static int usage(FILE *out)
{
    fprintf(out, "usage: contig COMMAND ...\n\n");
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", subcommands[i].name, subcommands[i].what);
    fprintf(out, "\ncontig COMMAND --help says more\n");
    return out == stdout ? EXIT_OK : EXIT_USE;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout);
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 2, argv + 2);
    fprintf(stderr, "contig: there is no command %s\n", argv[1]);
    return usage(stderr);
}
