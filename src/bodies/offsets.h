/* offsets.h: where the assembly of this folder finds the fields of struct body (bodies.h asserts that they match). */
#ifndef CONTIG_BODIES_OFFSETS_H
#define CONTIG_BODIES_OFFSETS_H

#define BODY_ARGUMENT 0
#define BODY_RESULT 8
#define BODY_CALL 16
#define BODY_LEVELS 24
#define BODY_IDENTITY 32
#define BODY_MOVED 40
#define BODY_WALKS 48

#endif
