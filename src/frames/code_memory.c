/* code_memory.c: see code_memory.h. */
#define _GNU_SOURCE /* memfd_create, MAP_FIXED_NOREPLACE */
#include "src/frames/code_memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

uint8_t *frames_code_writable;
uint64_t frames_code_executable;

/* Steps in which a free place is looked for. */
#define PLACE_STEP (UINT64_C(64) << 20)
#define PLACES 28u

static void *map_near(int file, uint64_t above)
{
    uint64_t first = (above + PLACE_STEP) / PLACE_STEP * PLACE_STEP;
    for (uint32_t i = 0; i < PLACES; i++) {
        void *wanted = (void *)(uintptr_t)(first + i * PLACE_STEP);
        void *got = mmap(wanted, CODE_BYTES, PROT_READ | PROT_EXEC,
                         MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0);
        if (got == wanted)
            return got;
        if (got != MAP_FAILED)
            munmap(got, CODE_BYTES);
    }
    return MAP_FAILED;
}

bool frames_code_memory_map(uint64_t above, char *message)
{
    int file = memfd_create("contig frames", MFD_CLOEXEC);
    void *writable = MAP_FAILED, *executable = MAP_FAILED;
    if (file >= 0 && ftruncate(file, CODE_BYTES) == 0) {
        writable = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        executable = map_near(file, above);
    }
    if (writable == MAP_FAILED || executable == MAP_FAILED) {
        snprintf(message, 200, "no memory for machine code: %s", strerror(errno));
        if (writable != MAP_FAILED)
            munmap(writable, CODE_BYTES);
        if (executable != MAP_FAILED)
            munmap(executable, CODE_BYTES);
    }
    if (file >= 0)
        close(file);
    if (writable == MAP_FAILED || executable == MAP_FAILED)
        return false;
    frames_code_writable = writable;
    frames_code_executable = (uint64_t)(uintptr_t)executable;
    return true;
}
