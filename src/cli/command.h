/* command.h: what the files of the contig command share: requests, the runtime, results, progress. */
#ifndef CONTIG_CLI_COMMAND_H
#define CONTIG_CLI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "src/command/arguments.h"
#include "src/command/output.h"
#include "src/harness/script.h"

/* How a demonstration runs. */
struct command_options {
    bool check;
    bool json;
    const char *trace;    /* file name, "-" for standard output, or NULL */
    bool moves;           /* what each move writes, too */
    uint64_t arena_bytes; /* 0: the usual */
    uint64_t procs;       /* threads; 0: the usual */
};

/* What a command line asks for.  Each ..._options reads one (argv[0] is the command's name) and returns as
 * arguments_take does; it has no effect but on *request, argv and the standard error. */
struct demo;
struct demo_request {
    const struct demo *demo; /* NULL: all */
    uint64_t argument;
    struct command_options options;
};
int demo_options(int argc, char **argv, struct demo_request *request);

struct replay_request {
    struct script_options script;
    bool quiet, reduce, show_text, to_bytes, raw;
};
int replay_options(int argc, char **argv, struct replay_request *request);

/* Opens the trace and starts the runtime; false after a sentence. */
bool runtime_begin(const struct command_options *options, bool quiet);

/* Stops the runtime and closes the trace.  EXIT_WRONG after a sentence if an invariant was violated or a byte of stack
 * was not given back, EXIT_USE after one if the trace could not be written. */
int runtime_finish(void);

/* Called by the runtime after each move, if set. */
extern void (*command_moved)(uint64_t id, uint64_t old_bytes, uint64_t new_bytes,
                             uint64_t used_bytes);

/* A line on standard error at most once a second, and not before two seconds have passed since progress_begin. */
void progress_begin(const char *what);
void progress_step(uint64_t done, uint64_t all);

/* Results, as lines of text or as one JSON object per demonstration.  result_begin returns false after a sentence if
 * nothing can be written: then there is no need to begin. */
bool result_begin(bool json, const char *name);
void result_number(const char *key, uint64_t value);
void result_text(const char *key, const char *value);
/* one move of a stack */
void result_row(const char *kind, uint64_t from, uint64_t to, uint64_t used);
void result_end(int status); /* EXIT_OK: passed; EXIT_WRONG: failed; EXIT_USE: not decided */

/* Peak resident memory of this process in bytes, from the system. */
uint64_t peak_memory_bytes(void);

int demo_main(int argc, char **argv);
int replay_main(int argc, char **argv);

#endif
