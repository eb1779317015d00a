/* explain_data.h: the table that spec/requirements.py writes at build time, sorted as the chapters are, then by
 * function.  Read by explain.c only. */
#ifndef CONTIG_EXPLAIN_EXPLAIN_DATA_H
#define CONTIG_EXPLAIN_EXPLAIN_DATA_H

struct explanation {
    const char *name; /* of a requirement or a function */
    const char *text;
};

extern const struct explanation explanations[];
extern const unsigned explanation_count;

#endif
