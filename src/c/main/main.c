/* main.c: the main of a program that contig-cc linked: its own main is the first goroutine.
 *
 * The program ends when that returns, as every C program does; or when no goroutine can run any more.  Linked unless
 * contig-cc was told --host-main. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/c/contig_c.h"

/* The program's own, which the linker renamed. */
int contig_c_main(int argc, char **argv, char **environment);

struct call {
    int argc;
    char **argv, **environment;
};

/* Runs contig_c_main(call) on the goroutine's stack and exits. */
void contig_c_call_main(void *call);

/* CONTIG_STATISTICS=FILE: what growth has cost, forced moves included. */
static void write_statistics(void)
{
    struct contig_statistics statistics;
    const char *path = getenv("CONTIG_STATISTICS");
    FILE *out = fopen(path, "w");
    bool failed = out == NULL;
    contig_read_statistics(&statistics);
    if (!failed)
        failed = fprintf(out, "%" PRIu64 " growths, %" PRIu64 " bytes copied\n", statistics.growths,
                         statistics.copied_bytes) < 0;
    if (out != NULL && fclose(out) != 0)
        failed = true;
    if (failed)
        fprintf(stderr, "contig: %s cannot be written: %s\n", path, strerror(errno));
}

int main(int argc, char **argv, char **environment)
{
    struct call call = {argc, argv, environment};
    enum contig_error ended = CONTIG_OK;
    struct contig_c_options options = {.ended = &ended};
    static char text[1 << 16], message[200];
    enum contig_error error = contig_start(&(struct contig_options){.procs = 1}, message);
    if (error != CONTIG_OK) {
        fprintf(stderr, "contig: %s\n", message);
        return EXIT_FAILURE;
    }
    if (getenv("CONTIG_STATISTICS") != NULL && atexit(write_statistics) != 0)
        fprintf(stderr, "contig: there will be no statistics: no memory\n");
    error = contig_go_c(contig_c_call_main, &call, &options, NULL);
    if (error != CONTIG_OK) {
        fprintf(stderr, "contig: main cannot begin: %s\n", contig_error_name(error));
        return EXIT_FAILURE;
    }
    if (contig_run() == 0)
        return ended == CONTIG_OK ? EXIT_SUCCESS : 2;
    contig_stack(0, text, sizeof text);
    fprintf(stderr, "fatal error: all goroutines are asleep - deadlock!\n\n%s", text);
    return 2;
}
