/* script_start.h: what targets that run scripts do once per process. */
#ifndef CONTIG_FUZZ_SCRIPT_START_H
#define CONTIG_FUZZ_SCRIPT_START_H

#include <signal.h>
#include <stdbool.h>

#include "fuzz/target.h"
#include "src/harness/script.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* libFuzzer sets its handlers (of SIGALRM, above all) after LLVMFuzzerInitialize, and without SA_ONSTACK: a tick that
 * comes while a goroutine runs would write its frame, 3 KiB and more, over whatever lies below a small stack.  Called
 * by the targets before each script; does its work once. */
static inline void handlers_on_their_own_stack(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    for (int number = 1; number < SIGRTMIN; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_DFL ||
            action.sa_handler == SIG_IGN)
            continue;
        action.sa_flags |= SA_ONSTACK;
        sigaction(number, &action, NULL);
    }
}

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
    /* Its table is filled at the first call. */
    operation_operand_values(OPERATION_FUNC, 0);
    return 0;
}

#endif
