/* script_mutator.c: the mutator of scripts, as libFuzzer and AFL++ want it.
 *
 * Linked into script_fuzz it is libFuzzer's custom mutator; as a shared library (AFL_CUSTOM_MUTATOR_LIBRARY) it is
 * AFL++'s.  Inputs have at most 64 operations, so that each execution stays short. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/mutate.h"

#define OPERATIONS_WHILE_FUZZING 64u

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size, const uint8_t *second,
                                 size_t second_size, uint8_t *out, size_t max_size,
                                 unsigned int seed);
void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t max_size);
void afl_custom_deinit(void *state);

static struct random random_of(unsigned int seed)
{
    return (struct random){seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
}

static size_t mutated(struct random *random, const uint8_t *bytes, size_t size,
                      const uint8_t *other_bytes, size_t other_size, uint8_t *out, size_t max_size)
{
    static struct script script, other;
    static uint8_t result[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX];
    uint32_t operations = max_size / OPERATION_BYTES < OPERATIONS_WHILE_FUZZING
                              ? (uint32_t)(max_size / OPERATION_BYTES)
                              : OPERATIONS_WHILE_FUZZING;
    script_from_bytes(&script, bytes, size);
    if (script.count > operations)
        script.count = operations;
    if (other_bytes != NULL)
        script_from_bytes(&other, other_bytes, other_size);
    script_mutate(random, &script, other_bytes == NULL ? NULL : &other, operations);
    size_t length = script_to_bytes(&script, result);
    memcpy(out, result, length);
    return length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t max_size, unsigned int seed)
{
    struct random random = random_of(seed);
    return mutated(&random, bytes, size, NULL, 0, bytes, max_size);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size, const uint8_t *second,
                                 size_t second_size, uint8_t *out, size_t max_size,
                                 unsigned int seed)
{
    struct random random = random_of(seed);
    return mutated(&random, first, first_size, second, second_size, out, max_size);
}

struct afl_state {
    struct random random;
    uint8_t out[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX];
};

void *afl_custom_init(void *afl, unsigned int seed)
{
    struct afl_state *state = calloc(1, sizeof *state);
    (void)afl;
    if (state != NULL)
        state->random = random_of(seed);
    return state;
}

size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t max_size)
{
    struct afl_state *state = data;
    *out = state->out;
    return mutated(&state->random, bytes, size, other, other_size, state->out,
                   max_size < sizeof state->out ? max_size : sizeof state->out);
}

void afl_custom_deinit(void *state)
{
    free(state);
}
