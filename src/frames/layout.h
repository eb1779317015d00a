/* layout.h: what compiled frames and the helpers in assembly know of struct frame_context and struct frame_pace.
 * Checked against the C structures in compile.c. */
#ifndef CONTIG_FRAMES_LAYOUT_H
#define CONTIG_FRAMES_LAYOUT_H

#define CONTEXT_SHADOW 0
#define CONTEXT_DEPTH 8
#define CONTEXT_WAITS_FOR 16
#define CONTEXT_FAULT_ADDRESS 24
#define CONTEXT_FAULT_FOUND 32
#define CONTEXT_FAULT_WANTED 40
#define CONTEXT_PACE 48

#define PACE_CALLS_LEFT 0
#define PACE_EVERY 4
#define PACE_COUNTDOWN 8
#define PACE_POISON 16
#define PACE_M 24

#endif
