/* apart.c: see apart.h.
 *
 * A program whose tables do not fit into the limit on addresses is killed by the kernel without a word.  So its
 * headers are read first, and as many bytes are asked for as it will need. */
#define _GNU_SOURCE /* execv, MAP_ANONYMOUS */
#include "src/cli/apart.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/command/output.h"

#define NAME "contig_stacks"
/* For the C library, the loader and the first allocations. */
#define SLACK_BYTES (UINT64_C(8) << 20)

/* The path of the program beside this one; false with errno set. */
static bool path_make(char *path, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    char *name = strrchr(path, '/') + 1;
    errno = ENAMETOOLONG;
    if ((size_t)(name - path) + sizeof NAME > size)
        return false;
    memcpy(name, NAME, sizeof NAME);
    return true;
}

/* The bytes that the segments of a program take in memory; 0: it is none. */
static uint64_t memory_of(int file)
{
    Elf64_Ehdr header;
    uint64_t bytes = 0;
    if (pread(file, &header, sizeof header, 0) != sizeof header ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return 0;
    for (uint32_t i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        off_t at = (off_t)(header.e_phoff + i * sizeof segment);
        if (pread(file, &segment, sizeof segment, at) != sizeof segment)
            return 0;
        bytes += segment.p_type == PT_LOAD ? segment.p_memsz : 0;
    }
    return bytes;
}

/* So many bytes of private memory can be mapped. */
static bool is_free(uint64_t bytes)
{
    void *mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mapping != MAP_FAILED && munmap(mapping, bytes) == 0;
}

int stacks_main(int argc, char **argv)
{
    char path[PATH_MAX] = NAME, *command = argv[0];
    int file = path_make(path, sizeof path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return complain("%s: cannot read %s, which lies beside contig: %s", command, path,
                        strerror(errno));
    uint64_t bytes = memory_of(file);
    close(file);
    if (bytes == 0)
        return complain("%s: %s is not a program", command, path);
    if (!is_free(bytes + SLACK_BYTES))
        return complain(
            "%s needs %" PRIu64
            " bytes of addresses for its tables: %s; a limit (ulimit -v, -d) may be too "
            "low",
            command, bytes + SLACK_BYTES, strerror(errno));
    char **words = calloc((size_t)argc + 2, sizeof *words);
    if (words == NULL)
        return complain("%s: no memory for its arguments", command);
    words[0] = path;
    memcpy(words + 1, argv, (size_t)argc * sizeof *words);
    execv(path, words);
    int status = complain("%s: cannot run %s: %s", command, path, strerror(errno));
    free(words);
    return status;
}
