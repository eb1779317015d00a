/* replay.c: `contig replay`: runs fuzz inputs and prints each step, so that a finding can be read. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/cli/command.h"
#include "src/script/script.h"

/* A script longer than this is no fuzz input. */
#define SCRIPT_BYTES_MAX (1u << 20)

static int usage(FILE *out)
{
    fprintf(out, "usage: contig replay FILE...\n\nRuns each file as a script (src/script/script.h) and prints its steps.\n");
    return out == stdout ? EXIT_OK : EXIT_USE;
}

static int replay_file(const char *name)
{
    static uint8_t bytes[SCRIPT_BYTES_MAX + 1];
    FILE *file = fopen(name, "rb");
    size_t size = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file);
    if (file == NULL || ferror(file)) {
        fprintf(stderr, "contig: cannot read the script %s: %s\n", name, strerror(errno));
        return EXIT_USE;
    }
    fclose(file);
    if (size > SCRIPT_BYTES_MAX) {
        fprintf(stderr, "contig: the script %s has more than %u bytes\n", name, SCRIPT_BYTES_MAX);
        return EXIT_USE;
    }
    printf("%s: %zu bytes\n", name, size);
    struct script_result result = script_run(bytes, size, stdout, NULL);
    printf("%s: %s after %llu steps\n", name, result.violation == NULL ? "no violation" : result.violation, (unsigned long long)result.steps);
    return result.violation == NULL ? EXIT_OK : EXIT_WRONG;
}

int replay_main(int argc, char **argv)
{
    int worst = EXIT_OK;
    if (argc == 1 && strcmp(argv[0], "--help") == 0)
        return usage(stdout);
    if (argc == 0 || argv[0][0] == '-')
        return usage(stderr);
    for (int i = 0; i < argc; i++) {
        int status = replay_file(argv[i]);
        worst = status > worst ? status : worst;
    }
    return worst;
}
