/* parser_fuzz.c: any text is a script or has a line that is wrong; what was read is printed, and read again, the
 * same. */
#include "fuzz/target.h"
#include "src/script/operations.h"

static bool same(const struct script *a, const struct script *b)
{
    return a->count == b->count &&
           memcmp(a->operations, b->operations, a->count * sizeof *a->operations) == 0;
}

static void text_and_bytes_agree(const struct script *script)
{
    static struct script again;
    static char text[SCRIPT_TEXT_MAX];
    static uint8_t bytes[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX];
    struct script_error error;
    size_t length = script_print(script, text);
    require(length == strlen(text) && length < sizeof text, "model",
            "the length of the text is wrong");
    require(script_parse(&again, text, length, &error) && same(script, &again), "model",
            "text and back is not the identity");
    script_from_bytes(&again, bytes, script_to_bytes(script, bytes));
    require(same(script, &again), "model", "bytes and back is not the identity");
}

/* A script of so many bytes has each operation a few times; a longer one takes as long as it is. */
#define BYTES_USUALLY 64u

/* The input is a text; then it is the bytes of a script, all of them for lengths that are multiples of 64. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct script script;
    struct script_error error = {0};
    if (script_parse(&script, (const char *)bytes, size, &error))
        text_and_bytes_agree(&script);
    else
        require(error.line >= 1 && strncmp(error.message, "expected ", 9) == 0 &&
                    strlen(error.message) < sizeof error.message,
                "model", "an error does not say what was expected");
    script_from_bytes(&script, bytes,
                      size % 64 == 0 || size < BYTES_USUALLY ? size : BYTES_USUALLY);
    text_and_bytes_agree(&script);
    return 0;
}
