/* layout.h: what C and assembly both know: offsets in struct frame_context and struct frame_pace, checked in
 * compile.c; and the kinds of fields that templates have (code.h). */
#ifndef CONTIG_FRAMES_LAYOUT_H
#define CONTIG_FRAMES_LAYOUT_H

#define CONTEXT_SHADOW 0
#define CONTEXT_DEPTH 8
#define CONTEXT_WAITS_FOR 16
#define CONTEXT_FAULT_ADDRESS 24
#define CONTEXT_FAULT_FOUND 32
#define CONTEXT_FAULT_WANTED 40
#define CONTEXT_PACE 48
#define CONTEXT_OFFER_ARGUMENTS 56
#define CONTEXT_OFFER_RESULT 72

#define PACE_CALLS_LEFT 0
#define PACE_EVERY 4
#define PACE_COUNTDOWN 8
#define PACE_POISON 16
#define PACE_M 24

#define TEMPLATE_END 0
#define TEMPLATE_WORD 1
#define TEMPLATE_ADDRESS 2
#define TEMPLATE_DISTANCE 3

/* What a field holds in its template. */
#define TEMPLATE_LATER 0x11111111
#define TEMPLATE_LATER_ADDRESS 0x1111111111111111

#endif
