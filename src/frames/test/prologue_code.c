/* prologue_code.c: prints what the frame compiler emits for every size of frame, for //proofs/assembly.
 *
 *   code ADDRESS BYTES      all functions of one script, in hexadecimal
 *   morestack ADDRESS       where their slow paths call
 *   function ENTRY BYTES    each function, and the size of its frame below the return address */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/frames/code_memory.h"
#include "src/frames/test/sizes.h"

void contig_morestack(void);

static void expect(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "prologue_code: %s\n", what);
    exit(2);
}

static void print_script(const struct script *script)
{
    printf("code %" PRIx64 " ", frames_code_executable);
    for (uint64_t i = 0; i < frames_code_bytes(); i++)
        printf("%02x", frames_code_writable[i]);
    printf("\nmorestack %" PRIx64 "\n", (uint64_t)(uintptr_t)contig_morestack);
    for (uint32_t i = 0; i < SCRIPT_FUNCTIONS_MAX; i++)
        printf("function %" PRIx64 " %u\n", (uint64_t)(uintptr_t)frames_function(i),
               operand_frame_bytes(script->operations[i].operands) + 8u);
}

int main(void)
{
    static struct script script;
    char message[200] = "";
    struct contig_options options = {.arena_bytes = 1 << 20};
    expect(contig_start(&options, message) == CONTIG_OK && frames_prepare(message), message);
    for (uint32_t first = 0; first < SIZES; first += SCRIPT_FUNCTIONS_MAX) {
        expect(sizes_compile(&script, OPERATION_FUNC, first), "the functions are not compiled");
        print_script(&script);
        frames_forget();
    }
    expect(contig_stop() == CONTIG_OK, "the stop failed");
    expect(fflush(stdout) == 0, "the standard output cannot be written");
    return 0;
}
