/* script.h: a string of bytes as a sequence of operations on goroutines, for fuzzing and replay.
 *
 * Any bytes are a script.  The scheduler takes an operation when no goroutine runs, a running goroutine takes its
 * own; when the bytes have come to an end every goroutine returns from all its frames.  Each frame checks itself
 * (src/bodies), the core's checkers look at the whole heap, and at rest every byte must be accounted for.
 *
 *   byte   scheduler                              goroutine
 *   0      spawn a goroutine                      return from this frame
 *   1      run the first runnable one             call a frame of the class in the next byte
 *   2      run all until none is runnable         yield
 *   3      garbage collection cycle               park
 *   4      wake the goroutine in the next byte    end with all frames
 *   5      poison the next prologue: yield        garbage collection cycle
 *   6      poison the next prologue: move         spawn a goroutine
 *   7      largest stack: 2 KiB << next byte      wake the goroutine in the next byte
 *   8      allocations fail after next byte       call the same class 16 times
 *   9      look at everything                     poison the next prologue: move
 * taken modulo 10. */
#ifndef CONTIG_SCRIPT_SCRIPT_H
#define CONTIG_SCRIPT_SCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Addresses that scripts run in: small, so that running out of memory is one of the things that happen. */
#define SCRIPT_ARENA_BYTES (UINT64_C(2) << 20)

struct script_result {
    const char *violation; /* NULL: none */
    uint64_t steps;        /* operations done */
};

/* Starts the runtime, runs the script, stops the runtime.  With `out`, a line per step.  The process must not have
 * started the runtime with another arena. */
struct script_result script_run(const uint8_t *bytes, size_t size, FILE *out, FILE *trace);

#endif
