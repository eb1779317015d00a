/* contig_conform.h: does the trace of a runtime's stacks follow the specification?  For any program, in C or C++.
 *
 * A runtime writes a line of text for each thing that it does with a stack (spec/trace.md); these functions judge the
 * lines in order and stop at the first one that the specification forbids.  Use: contig_conform_start once, then
 * contig_conform_line for each line until it is false or there is none, then contig_conform_end.
 * docs/conform_your_runtime.md begins at the beginning.
 *
 * No call prints, ends the process, or keeps a pointer to its arguments.  One trace is used by one thread at a time. */
#ifndef CONTIG_CONFORM_KIT_CONTIG_CONFORM_H
#define CONTIG_CONFORM_KIT_CONTIG_CONFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct contig_conform;

/* All zero is what most want; NULL is the same. */
struct contig_conform_options {
    const char *profile; /* NULL: the one that the trace's first line names, or else 1.19 */
    bool exact;          /* each choice must be Go's own */
    /* the words of each move, too: one such trace at a time, which maps 2 GiB of addresses */
    bool moves;
    uint64_t memory_bytes; /* what the live state may take; 0: 4 GiB */
};

/* The numbers are the exit statuses of the command. */
enum contig_conform_result {
    CONTIG_CONFORM_CONFORMS = 0,
    CONTIG_CONFORM_DEVIATES = 1,
    /* a line that cannot be read, nothing in the trace, or too little memory */
    CONTIG_CONFORM_UNDECIDED = 2
};

struct contig_conform_report {
    enum contig_conform_result result;
    uint64_t line;        /* where it stopped, from 1 on; 0: before the first line */
    char requirement[16]; /* of a deviation, such as COPY-1; spec/trace.md has the list */
    char expected[320];   /* of a deviation; if undecided, why: a sentence */
    char found[320];
    char profile[16];
    uint64_t lines, events, allocations, growths, shrinks;
    uint64_t moves, words; /* with options->moves: those that were made again and compared */
};

/* Begins a trace.  NULL only if there is no memory; an option that cannot be met is reported at the end. */
struct contig_conform *contig_conform_start(const struct contig_conform_options *options);

/* Judges one line, given without its newline.  False from the first deviation or unreadable line on. */
bool contig_conform_line(struct contig_conform *c, const char *text, size_t length);

/* Ends the trace, frees `c`, and says how it went. */
enum contig_conform_result contig_conform_end(struct contig_conform *c,
                                              struct contig_conform_report *report);

#ifdef __cplusplus
}
#endif

#endif
