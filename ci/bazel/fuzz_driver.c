/* fuzz_driver.c: main() of a fuzz target that libFuzzer does not drive.
 *
 * With files on the command line it runs the target once on each; that is what `bazel test` does, a share of the
 * files in each shard.  Without, and compiled by an AFL++ compiler, it serves afl-fuzz in one process
 * (persistent mode, input in shared memory). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

#ifdef __AFL_HAVE_MANUAL_CONTROL
__AFL_FUZZ_INIT();
#endif

static void *grown(void *block, size_t size)
{
    void *larger = realloc(block, size);

    if (!larger) {
        perror("fuzz_driver: realloc");
        exit(1);
    }
    return larger;
}

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t size = 0, capacity = 0, got;

    if (!file) {
        perror(path);
        return -1;
    }
    do {
        if (size == capacity)
            data = grown(data, capacity = capacity ? 2 * capacity : 4096);
        got = fread(data + size, 1, capacity - size, file);
        size += got;
    } while (got);
    fclose(file);

    /* A copy of exactly the input's size, so that ASan sees a read past its end. */
    uint8_t *input = grown(NULL, size ? size : 1);
    memcpy(input, data, size);
    free(data);
    LLVMFuzzerTestOneInput(input, size);
    free(input);
    return 0;
}

/* A number that Bazel's test runner passes in the environment. */
static int shard_setting(const char *name, int otherwise)
{
    const char *text = getenv(name);

    return text ? atoi(text) : otherwise;
}

static void serve_afl(void)
{
#ifdef __AFL_HAVE_MANUAL_CONTROL
    /* What a target does at its first input only would look like an unstable path. */
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    __AFL_INIT();
    /* AFL++ wants this between the two: the buffer exists only after the first. */
    const uint8_t *input = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(10000))
        LLVMFuzzerTestOneInput(input, (size_t)__AFL_FUZZ_TESTCASE_LEN);
#else
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
#endif
}

int main(int argc, char **argv)
{
    int shards = shard_setting("TEST_TOTAL_SHARDS", 1);
    int shard = shard_setting("TEST_SHARD_INDEX", 0);
    const char *status = getenv("TEST_SHARD_STATUS_FILE");
    int replayed = 0, failed = 0;

    /* Touching this file tells Bazel that the test does share out its work. */
    if (status) {
        FILE *file = fopen(status, "w");
        if (file)
            fclose(file);
    }
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    if (argc < 2) {
        serve_afl();
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' || (i - 1) % shards != shard)
            continue;
        failed |= replay(argv[i]) != 0;
        replayed++;
    }
    printf("replayed %d of %d inputs (shard %d of %d)\n", replayed, argc - 1, shard + 1, shards);
    return failed;
}
