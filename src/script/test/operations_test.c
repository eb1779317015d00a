/* operations_test.c: text and bytes of a script are each other's inverse, for any bytes; what a text is told
 * that is wrong; and what the header, its argument, says of the language is so. */
#include <stdlib.h>
#include <string.h>

#include "src/script/operations.h"

static struct script first, second;
static uint8_t bytes[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX + 3],
    again[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX];
static char text[SCRIPT_TEXT_MAX], text_again[SCRIPT_TEXT_MAX];

static void expect(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "operations_test: %s\n%s", what, text);
    exit(1);
}

static void identity(size_t size)
{
    struct script_error error;
    script_from_bytes(&first, bytes, size);
    size_t length = script_print(&first, text);
    expect(length == strlen(text) && length < SCRIPT_TEXT_MAX, "the length of the text is wrong");
    expect(script_parse(&second, text, length, &error), "a printed script is refused");
    expect(second.count == first.count && memcmp(second.operations, first.operations,
                                                 first.count * sizeof *first.operations) == 0,
           "bytes to text and back is not the identity");
    script_print(&second, text_again);
    expect(strcmp(text, text_again) == 0, "text to bytes and back is not the identity");
    size_t canonical = script_to_bytes(&first, again);
    script_from_bytes(&second, again, canonical);
    expect(second.count == first.count && memcmp(second.operations, first.operations,
                                                 first.count * sizeof *first.operations) == 0,
           "what was read is not canonical");
}

static void identity_of_random_bytes(void)
{
    uint64_t random = 88172645463325252u;
    for (uint32_t round = 0; round < 20000; round++) {
        size_t size = random % sizeof bytes;
        for (size_t i = 0; i < size; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            bytes[i] = (uint8_t)(random >> 40);
        }
        identity(size);
    }
}

/* Every operation with every value of each operand. */
static void identity_of_every_operand(void)
{
    for (uint32_t code = 0; code < OPERATION_COUNT; code++)
        for (uint32_t operand = 0; operand < OPERATION_OPERANDS; operand++)
            for (uint32_t value = 0; value < 256; value++) {
                bool in_body = operation_place(code) == BODY;
                memset(bytes, 0, 8);
                bytes[0] = in_body ? OPERATION_FUNC : OPERATION_GC;
                bytes[4] = (uint8_t)code;
                bytes[5 + operand] = (uint8_t)value;
                identity(8);
            }
}

static void refused(const char *script, uint32_t line, const char *message)
{
    struct script_error error;
    snprintf(text, sizeof text, "%s", script);
    expect(!script_parse(&first, script, strlen(script), &error), "a wrong script is accepted");
    snprintf(text, sizeof text, "%s: line %u, %s\n", script, error.line, error.message);
    expect(error.line == line && strstr(error.message, message) != NULL,
           "a wrong script is refused with another message");
}

static void errors(void)
{
    refused("gc\nfly\n", 2, "expected an operation, not `fly`");
    refused("go", 1, "expected a function: f0 to f15, not the end of the line");
    refused("go g1", 1, "expected a function: f0 to f15, not `g1`");
    refused("\n\n wake g32", 3, "expected a goroutine: g0 to g31, not `g32`");
    refused("func frame 17 args -", 1, "expected a frame size");
    refused("func frame 96 args pq", 1, "expected the kinds of up to 4 arguments");
    refused("func frame 96 args -\nptr slot 3 -> slot top-129", 2,
            "expected a slot: 0 to 127, or top-1 to top-128, not `top-129`");
    refused("func frame 96 args -\nptr slot 3 slot 4", 2, "expected `->`, not `slot`");
    refused("bare frame 96 args p", 1, "expected an argument: 0 to 3, not `p`");
    refused("gc now", 1, "expected the end of the line, not `now`");
    refused("ptr slot 3 -> slot 4", 1, "expected an operation that may stand outside of functions");
    refused("func frame 96 args -\nrun", 2, "expected an operation that may stand in a function");
    refused("main\ngc", 1, "expected a function before `main`");
    refused("func frame 96 args -\nmain\nmain", 3, "expected a function before `main`");
    refused("limit 3000", 1, "expected a stack size: a power of two");
    refused("close c8", 1, "expected a channel: c0 to c7, or nil, not `c8`");
    refused("func frame 96 args -\nreceive slot top-128 from c0", 2,
            "expected a slot: 0 to 127, top-1 to top-127, or beside, not `top-128`");
    refused("oom after 256", 1, "expected a number from 0 to 255");
    refused("oom after 007", 1, "expected a number from 0 to 255");
}

static void comments_and_blanks(void)
{
    struct script_error error;
    const char *script = "# nothing\n\n  gc # collect\r\n\trun\n";
    expect(script_parse(&first, script, strlen(script), &error) && first.count == 2,
           "comments or blanks are not left out");
    expect(script_parse(&first, "", 0, &error) && first.count == 0, "an empty script is refused");
}

/* The lines of the header that are set in further than its prose. */
static size_t example_read(const char *path, char *example, size_t size)
{
    static const char margin[] = " *      ";
    char line[200];
    size_t used = 0;
    FILE *header = fopen(path, "r");
    expect(header != NULL, "the header cannot be read");
    while (fgets(line, sizeof line, header) != NULL && strncmp(line, " */", 3) != 0)
        if (strncmp(line, margin, strlen(margin)) == 0)
            used += (size_t)snprintf(example + used, size - used, "%s", line + strlen(margin));
    fclose(header);
    return used;
}

/* The example as it is printed, but for the words of its comments. */
static void example_of_the_header(const char *path)
{
    struct script_error error = {0};
    char example[2000];
    size_t size = example_read(path, example, sizeof example);
    snprintf(text, sizeof text, "%s", example);
    expect(script_parse(&first, example, size, &error), "the example of the header is refused");
    expect(first.count >= 8 && first.operations[0].code == OPERATION_FUNC,
           "the header has no example");
    script_print(&first, text_again);
    for (char *line = strtok(example, "\n"), *printed = text_again; line != NULL;
         line = strtok(NULL, "\n")) {
        size_t length = strcspn(line, "#");
        while (length > 0 && line[length - 1] == ' ')
            length--;
        expect(strncmp(line, printed, length) == 0 && strchr(" \n", printed[length]) != NULL,
               "the example is printed otherwise");
        printed = strchr(printed, '\n') + 1;
    }
}

static bool accepted(const char *script)
{
    struct script_error error;
    return script_parse(&first, script, strlen(script), &error);
}

/* The sentences: where each operation may stand, and comments. */
static void places(void)
{
    for (uint32_t code = 0; code < OPERATION_COUNT; code++) {
        if (operation_begins_function(code) || code == OPERATION_MAIN)
            continue;
        char operation[80], script[240];
        operation_print((struct operation){.code = (uint8_t)code}, 0, operation, sizeof operation);
        snprintf(script, sizeof script, "%s # before the functions\n", operation);
        expect(accepted(script) == (operation_place(code) != BODY), script);
        snprintf(script, sizeof script, "func frame 96 args p\n%s # of the function\n", operation);
        expect(accepted(script) == (operation_place(code) != MAIN_ONLY), script);
        snprintf(script, sizeof script, "func frame 96 args p\nmain\n%s # of the scheduler\n",
                 operation);
        expect(accepted(script) == (operation_place(code) != BODY), script);
    }
    expect(accepted("func frame 96 args -\nmain\nfunc frame 96 args -\nmain\n"),
           "functions after `main` are refused");
    expect(accepted("bare frame 96 args 1\nyield\nmain\nbare frame 96 args 3\nmain\n") &&
               first.operations[0].code == OPERATION_BARE && first.operations[3].operands[2] == 3,
           "bare functions are none");
}

int main(int argc, char **argv)
{
    expect(argc == 2, "one argument: operations.h");
    example_of_the_header(argv[1]);
    places();
    expect(OPERATION_COUNT >= 25, "there are fewer than 25 operations");
    identity_of_random_bytes();
    identity_of_every_operand();
    errors();
    comments_and_blanks();
    printf("%d operations\n", (int)OPERATION_COUNT);
    return 0;
}
