/* target.h: what the fuzz targets share: taking numbers off the input, and saying what was found. */
#ifndef CONTIG_FUZZ_TARGET_H
#define CONTIG_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Bytes that have not been used yet; after the end everything is 0. */
struct input {
    const uint8_t *at, *end;
};

static inline uint64_t input_take(struct input *input, uint32_t bytes)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < bytes; i++)
        number |= (uint64_t)(input->at < input->end ? *input->at++ : 0) << 8 * i;
    return number;
}

static inline bool input_left(const struct input *input)
{
    return input->at < input->end;
}

/* A finding: fuzz/run prints the command that shows it again. */
static inline void require(bool good, const char *oracle, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "FINDING: oracle %s: %s\n", oracle, what);
    abort();
}

#endif
