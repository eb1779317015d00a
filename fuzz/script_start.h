/* script_start.h: what targets that run scripts do once per process. */
#ifndef CONTIG_FUZZ_SCRIPT_START_H
#define CONTIG_FUZZ_SCRIPT_START_H

#include <signal.h>

#include "fuzz/target.h"
#include "src/script/script.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* An empty script starts the runtime for the first time, so that all executions are alike for AFL++.  A crash in
 * compiled code happens on a goroutine's stack, which has no room for a signal handler. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct script empty;
    static const struct script_options options;
    static char handlers_stack[1 << 16];
    stack_t stack = {.ss_sp = handlers_stack, .ss_size = sizeof handlers_stack}, present;
    (void)argc, (void)argv;
    if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE) != 0)
        sigaltstack(&stack, NULL);
    struct script_result result = script_run(&empty, &options);
    require(result.violation == NULL, "start", result.violation);
    return 0;
}

#endif
