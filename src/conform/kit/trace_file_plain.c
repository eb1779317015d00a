/* trace_file_plain.c: a trace that is not compressed, read with nothing but libc.  See trace_file.h. */
/* For open and dup. */
#define _DEFAULT_SOURCE

#include "src/conform/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

struct trace_file {
    int file;
    bool begun;
};

const char trace_file_forms[] = "plain";

struct trace_file *trace_file_open(const char *name)
{
    static struct trace_file opened;

    opened.begun = false;
    opened.file = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
    return opened.file < 0 ? NULL : &opened;
}

void trace_file_close(struct trace_file *file)
{
    close(file->file);
}

/* Fills the buffer, or reads up to the end; a pipe gives its bytes in parts. */
static size_t read_all(int file, char *bytes, size_t size, const char **error)
{
    size_t length = 0;

    while (length < size) {
        ssize_t more = read(file, bytes + length, size - length);
        if (more > 0)
            length += (size_t)more;
        else if (more == 0 || errno != EINTR) {
            *error = more == 0 ? NULL : strerror(errno);
            break;
        }
    }
    return length;
}

size_t trace_file_read(struct trace_file *file, char *bytes, size_t size, const char **error)
{
    *error = NULL;
    size_t length = read_all(file->file, bytes, size, error);
    if (!file->begun && length >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0) {
        *error = "compressed with gzip, which is not read here; gzip -dc FILE | makes it plain";
        return 0;
    }
    file->begun = true;
    return length;
}
