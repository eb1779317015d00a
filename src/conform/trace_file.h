/* trace_file.h: the bytes of a trace, from a file or the standard input, plain or compressed with gzip.
 *
 * Keeps: every byte of the file is read, or there is an error that says why not.  What follows gzip data must be more
 * gzip data, or zeros up to the end of the file, as tapes and block devices add them.  Called by conform.c. */
#ifndef CONTIG_CONFORM_TRACE_FILE_H
#define CONTIG_CONFORM_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#define TRACE_FILE_BYTES 65536u

struct trace_file {
    int descriptor;
    bool compressed;
    bool in_member;    /* of gzip data: in the middle of one */
    bool at_end;       /* nothing more can be read */
    const char *error; /* why reading stopped before the end of the file, or NULL */
    uint64_t bytes;    /* read so far */
    z_stream stream;   /* next_in, avail_in: the part of `chunk` that is not used yet */
    unsigned char chunk[TRACE_FILE_BYTES];
    char message[96];
};

/* Opens a file, or the standard input for "-", in any old contents of `file`.  False with errno set. */
bool trace_file_open(struct trace_file *file, const char *name);

/* Writes the next bytes of the trace.  Fewer than `size` only at the end or before an error. */
size_t trace_file_read(struct trace_file *file, char *bytes, size_t size);

void trace_file_close(struct trace_file *file);

#endif
