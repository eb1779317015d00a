/* panic_probe.h: a goroutine function that defers, panics and recovers as a plan says.  panic_probe.S, panic_test.c. */
#ifndef CONTIG_RUNTIME_TEST_PANIC_PROBE_H
#define CONTIG_RUNTIME_TEST_PANIC_PROBE_H

#define PLAN_DEFERS 0
#define PLAN_COUNT 8
#define PLAN_FRAME_FUNCTION 16
#define PLAN_FRAME_CONTEXT 24
#define PLAN_ACTION 32
#define PLAN_VALUE 40
#define PLAN_AFTER 48
#define PLAN_DONE 56

#define ACTION_NONE 0
#define ACTION_PANIC 1
#define ACTION_QUIT 2
#define ACTION_CALL 3
#define ACTION_SEND 4
#define ACTION_RECURSE 5

#endif
