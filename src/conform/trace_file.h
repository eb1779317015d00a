/* trace_file.h: the bytes of a trace, whatever form the file has.
 *
 * Two implementations: trace_file_gzip.c reads plain files and gzip, kit/trace_file_plain.c needs nothing but
 * libc.  Called by conform.c. */
#ifndef CONTIG_CONFORM_TRACE_FILE_H
#define CONTIG_CONFORM_TRACE_FILE_H

#include <stddef.h>

struct trace_file;

/* What can be read, for the help. */
extern const char trace_file_forms[];

/* `-` is standard input.  NULL with errno set if it cannot be opened; one file is open at a time. */
struct trace_file *trace_file_open(const char *name);
void trace_file_close(struct trace_file *file);

/* The next bytes, fewer than `size` only at the end or at an error.  *error is NULL, or why what follows cannot be
 * read; it is valid until the file is closed. */
size_t trace_file_read(struct trace_file *file, char *bytes, size_t size, const char **error);

#endif
