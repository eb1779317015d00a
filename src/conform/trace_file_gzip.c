/* trace_file_gzip.c: a trace, plain or compressed with gzip.  See trace_file.h.
 *
 * Keeps: every byte of the file is read, or there is an error that says why not.  What follows gzip data must be more
 * gzip data, or zeros up to the end of the file, as tapes and block devices add them.  zlib's own gzread ends without a
 * word at the first byte behind the gzip data that begins no gzip data.  Here the members are read one by one. */
/* For open and read. */
#define _DEFAULT_SOURCE

#include "src/conform/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define TRACE_FILE_BYTES 65536u

/* To inflateInit2: gzip's header and trailer, and nothing else. */
#define GZIP_WINDOW_BITS (15 + 16)

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

const char trace_file_forms[] = "plain or compressed with gzip";

/* Reads until the chunk is full or the file ends.  What is not used yet stays. */
static void fill(struct trace_file *file)
{
    memmove(file->chunk, file->stream.next_in, file->stream.avail_in);
    file->stream.next_in = file->chunk;
    while (!file->at_end && file->stream.avail_in < TRACE_FILE_BYTES) {
        ssize_t length = read(file->descriptor, file->chunk + file->stream.avail_in,
                              TRACE_FILE_BYTES - file->stream.avail_in);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            file->error = strerror(errno);
        file->at_end = length <= 0;
        if (length > 0) {
            file->stream.avail_in += (uInt)length;
            file->bytes += (uint64_t)length;
        }
    }
}

/* Do the next bytes begin gzip data? */
static bool member_follows(struct trace_file *file)
{
    if (file->stream.avail_in < 2)
        fill(file);
    return file->stream.avail_in >= 2 && file->stream.next_in[0] == 0x1f &&
           file->stream.next_in[1] == 0x8b;
}

/* After the last member: only zeros may follow. */
static void read_padding(struct trace_file *file)
{
    do {
        while (file->stream.avail_in > 0 && *file->stream.next_in == 0) {
            file->stream.next_in++;
            file->stream.avail_in--;
        }
        if (file->stream.avail_in > 0) {
            snprintf(file->message, sizeof file->message,
                     "something that is not gzip data follows the gzip data, at byte %" PRIu64
                     " of the file",
                     file->bytes - file->stream.avail_in + 1);
            file->error = file->message;
            return;
        }
        fill(file);
    } while (file->stream.avail_in > 0);
}

/* Goes on in a member; false at its end or after an error. */
static bool inflate_member(struct trace_file *file)
{
    if (file->stream.avail_in == 0)
        fill(file);
    int code = inflate(&file->stream, Z_NO_FLUSH);
    if (code == Z_OK)
        return true;
    file->in_member = false;
    if (code == Z_STREAM_END || file->error != NULL)
        return false;
    file->at_end = true;
    file->error = code == Z_BUF_ERROR        ? "the compressed file ends in the middle"
                  : file->stream.msg != NULL ? file->stream.msg
                                             : zError(code);
    return false;
}

static size_t read_compressed(struct trace_file *file, char *bytes, size_t size)
{
    file->stream.next_out = (unsigned char *)bytes;
    file->stream.avail_out = (uInt)size;
    while (file->stream.avail_out > 0 && file->error == NULL) {
        if (!file->in_member && !member_follows(file)) {
            read_padding(file);
            break;
        }
        if (!file->in_member)
            inflateReset(&file->stream);
        file->in_member = true;
        while (file->stream.avail_out > 0 && inflate_member(file))
            continue;
    }
    return size - file->stream.avail_out;
}

static size_t read_plain(struct trace_file *file, char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        if (file->stream.avail_in == 0)
            fill(file);
        size_t length = file->stream.avail_in < size - done ? file->stream.avail_in : size - done;
        if (length == 0)
            break;
        memcpy(bytes + done, file->stream.next_in, length);
        file->stream.next_in += length;
        file->stream.avail_in -= (uInt)length;
        done += length;
    }
    return done;
}

struct trace_file *trace_file_open(const char *name)
{
    static struct trace_file opened;
    struct trace_file *file = &opened;
    memset(file, 0, sizeof *file);
    file->descriptor =
        strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
    if (file->descriptor < 0)
        return NULL;
    file->stream.next_in = file->chunk;
    file->compressed = member_follows(file);
    if (file->compressed && inflateInit2(&file->stream, GZIP_WINDOW_BITS) != Z_OK) {
        close(file->descriptor);
        errno = ENOMEM;
        return NULL;
    }
    return file;
}

size_t trace_file_read(struct trace_file *file, char *bytes, size_t size, const char **error)
{
    size_t length =
        file->compressed ? read_compressed(file, bytes, size) : read_plain(file, bytes, size);
    *error = file->error;
    return length;
}

void trace_file_close(struct trace_file *file)
{
    if (file->compressed)
        inflateEnd(&file->stream);
    close(file->descriptor);
}
