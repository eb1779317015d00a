/* evaluate.h: what the generated wrappers are made of: unbounded integers, questions about memory, and the report.
 *
 * Included by the generated file only; evaluate.c has the bodies. */
#ifndef CONTIG_PROOFS_CALLERS_EVALUATE_H
#define CONTIG_PROOFS_CALLERS_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An integer of ACSL: wider than any sum or product of two words; what overflows it all the same traps. */
typedef __int128 whole;

/* Addresses [from, to); none if to <= from. */
struct contract_place {
    whole from, to;
};

struct contract_count {
    uint64_t evaluated, passed_over;
};

/* One conjunct of a requires; the counts are of this process. */
struct contract_clause {
    const char *function, *label, *text;
    struct contract_count here;
};

/* Elements [first, last] of an array. */
struct contract_place contract_stretch(const void *base, whole first, whole last,
                                       size_t element_bytes);

struct contract_place contract_object(const void *object, size_t bytes);

/* The smallest place that holds both. */
struct contract_place contract_both(struct contract_place a, struct contract_place b);

/* No two of the places have an address in common. */
bool contract_apart(const struct contract_place *places, int count);

/* The place is mapped, to the page; under AddressSanitizer it is no part of what is freed or out of bounds. */
bool contract_mapped(struct contract_place place);

/* The value, which must be in [least, most]: the program ends with the name of the clause otherwise. */
whole contract_fits(whole value, whole least, whole most);

/* Whether a conjunct that looks at a whole table is evaluated in this call: in the first 256 of a process, and then 128
 * times whenever their number doubles.  The others are counted as passed over. */
bool contract_due(struct contract_clause *clause);

/* Begins a conjunct of the call at FILE:LINE; a fault before contract_end is reported with its name. */
void contract_begin(struct contract_clause *clause, const char *file, int line);

/* Ends it: true if it holds.  Otherwise the program is aborted, with function, clause and place of the call. */
void contract_end(bool holds);

/* Names all conjuncts.  Their counts, over all processes, go to the file that CONTIG_CALLERS_COUNTS names, if any: a
 * struct contract_count for each conjunct, in this order.  The file must have that size. */
void contract_start(struct contract_clause *clauses, size_t count);

#endif
