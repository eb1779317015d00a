/* operations.c: reads and writes scripts, driven by the table of operations.h. */
#include "src/script/operands.h"

#include <string.h>

static const struct {
    const char *text;
    enum operation_place place;
} table[OPERATION_COUNT] = {
#define OPERATION(name, text, place) {text, place},
    SCRIPT_OPERATIONS(OPERATION)
#undef OPERATION
};

/* From the text form, which says it once. */
static uint32_t values_of(enum operation_code code, uint32_t operand)
{
    const char *at = table[code].text;
    for (uint32_t n = 0; (at = strchr(at, '%')) != NULL; at += 2) {
        uint32_t width = at[1] == 'z' ? 2 : 1;
        if (operand >= n + width) {
            n += width;
            continue;
        }
        return operand_values(at[1], operand - n);
    }
    return 0;
}

/* Asked for every byte of every script that is run. */
uint32_t operation_operand_values(enum operation_code code, uint32_t operand)
{
    static uint16_t known[OPERATION_COUNT][OPERATION_OPERANDS];
    static bool filled;
    for (uint32_t i = 0; !filled && i < OPERATION_COUNT * OPERATION_OPERANDS; i++)
        known[i / OPERATION_OPERANDS][i % OPERATION_OPERANDS] =
            (uint16_t)values_of(i / OPERATION_OPERANDS, i % OPERATION_OPERANDS);
    filled = true;
    return known[code][operand];
}

enum operation_place operation_place(enum operation_code code)
{
    return table[code].place;
}

bool operation_begins_function(enum operation_code code)
{
    return code == OPERATION_FUNC || code == OPERATION_BARE;
}

const char *operation_text(enum operation_code code)
{
    return table[code].text;
}

/* May an operation stand here?  Keeps track of where the script is. */
struct position {
    bool in_body;
    uint32_t functions;
};

static bool position_take(struct position *at, enum operation_code code)
{
    if (operation_begins_function(code)) {
        if (at->functions == SCRIPT_FUNCTIONS_MAX)
            return false;
        at->functions++;
        at->in_body = true;
    } else if (code == OPERATION_MAIN) {
        if (!at->in_body)
            return false;
        at->in_body = false;
    }
    return table[code].place == ANYWHERE || (table[code].place == BODY) == at->in_body;
}

void script_from_bytes(struct script *script, const uint8_t *bytes, size_t size)
{
    struct position at = {0};
    script->count = 0;
    for (size_t i = 0; i + OPERATION_BYTES <= size && script->count < SCRIPT_OPERATIONS_MAX;
         i += OPERATION_BYTES) {
        struct operation operation = {.code = bytes[i] % OPERATION_COUNT};
        if (!position_take(&at, operation.code))
            continue;
        for (uint32_t k = 0; k < OPERATION_OPERANDS; k++) {
            uint32_t values = operation_operand_values(operation.code, k);
            uint8_t byte = bytes[i + 1 + k];
            operation.operands[k] = byte < values ? byte
                                    : values == 0 ? 0
                                                  : (uint8_t)(byte % values);
        }
        if (operation_begins_function(operation.code))
            frame_size_take(operand_frame_bytes(operation.operands), operation.operands);
        script->operations[script->count++] = operation;
    }
}

size_t script_to_bytes(const struct script *script, uint8_t *bytes)
{
    for (uint32_t i = 0; i < script->count; i++) {
        bytes[OPERATION_BYTES * i] = script->operations[i].code;
        memcpy(bytes + OPERATION_BYTES * i + 1, script->operations[i].operands, OPERATION_OPERANDS);
    }
    return OPERATION_BYTES * script->count;
}

size_t operation_print(struct operation operation, uint32_t function, char *text, size_t size)
{
    const uint8_t *operand = operation.operands;
    size_t used = 0;
    for (const char *at = table[operation.code].text; *at != '\0' && used + 16 < size; at++) {
        if (*at != '%') {
            text[used++] = *at;
            continue;
        }
        at++;
        used += (size_t)operand_print(*at, operand, text + used, size - used);
        operand += *at == 'z' ? 2 : 1;
    }
    text[used] = '\0';
    if (operation_begins_function(operation.code))
        used += (size_t)snprintf(text + used, size - used, " # f%u", function);
    return used;
}

size_t script_print(const struct script *script, char *text)
{
    size_t used = 0;
    uint32_t function = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < script->count; i++) {
        struct operation operation = script->operations[i];
        bool begins = operation_begins_function(operation.code);
        if (!begins && operation.code != OPERATION_MAIN)
            used += (size_t)snprintf(text + used, SCRIPT_TEXT_MAX - used, "  ");
        used += operation_print(operation, function, text + used, SCRIPT_TEXT_MAX - used);
        function += begins;
        text[used++] = '\n';
        text[used] = '\0';
    }
    return used;
}

/* One line against one row of the table.  Returns how many words fit; *whole is set if all did. */
static uint32_t line_matches(const char *line, const char *end, enum operation_code code,
                             struct operation *operation, struct script_error *error, bool *whole)
{
    const char *pattern = table[code].text, *pattern_end = pattern + strlen(pattern);
    uint8_t *operand = operation->operands;
    *operation = (struct operation){.code = (uint8_t)code};
    *whole = false;
    for (uint32_t words = 0;; words++) {
        struct word wanted = word_take(&pattern, pattern_end), word = word_take(&line, end);
        bool missing = word.size == 0;
        if (wanted.size == 0) {
            *whole = missing;
            snprintf(error->message, sizeof error->message,
                     "expected the end of the line, not `%.*s`",
                     (int)(word.size < 40 ? word.size : 40), word.text);
            return words;
        }
        int shown = (int)(word.size < 40 ? word.size : 40);
        if (wanted.text[0] == '%') {
            if (missing || !operand_take(wanted.text[1], word, operand)) {
                snprintf(error->message, sizeof error->message, "expected %s, not %s%.*s%s",
                         operand_description(wanted.text[1]), missing ? "the end of the line" : "`",
                         shown, word.text, missing ? "" : "`");
                return words;
            }
            operand += wanted.text[1] == 'z' ? 2 : 1;
        } else if (word.size != wanted.size || memcmp(word.text, wanted.text, word.size) != 0) {
            snprintf(error->message, sizeof error->message, "expected `%.*s`, not %s%.*s%s",
                     (int)wanted.size, wanted.text, missing ? "the end of the line" : "`", shown,
                     word.text, missing ? "" : "`");
            return words;
        }
    }
}

/* The row that the line is, or the message of the row that it came closest to. */
static bool line_take(const char *line, const char *end, struct operation *operation,
                      struct script_error *error)
{
    uint32_t best = 0;
    const char *start = line;
    struct word first = word_take(&start, end);
    snprintf(error->message, sizeof error->message, "expected an operation, not `%.*s`",
             (int)(first.size < 40 ? first.size : 40), first.text);
    for (uint32_t code = 0; code < OPERATION_COUNT; code++) {
        struct script_error here;
        bool whole;
        uint32_t words = line_matches(line, end, code, operation, &here, &whole);
        if (whole)
            return true;
        if (words > best) {
            best = words;
            memcpy(error->message, here.message, sizeof here.message);
        }
    }
    return false;
}

/* Where an operation may not stand, for a message. */
static const char *wanted_instead(const struct position *at, enum operation_code code)
{
    if (code == OPERATION_MAIN)
        return "a function before `main`, which ends the functions";
    if (operation_begins_function(code))
        return "an operation that may stand after 16 functions";
    return at->in_body ? "an operation that may stand in a function"
                       : "an operation that may stand outside of functions";
}

bool script_parse(struct script *script, const char *text, size_t size, struct script_error *error)
{
    const char *end = text + size;
    struct position at = {0};
    script->count = 0;
    for (error->line = 1; text < end; error->line++) {
        const char *line = text, *line_end = memchr(text, '\n', (size_t)(end - text));
        line_end = line_end == NULL ? end : line_end;
        text = line_end == end ? end : line_end + 1;
        const char *comment = memchr(line, '#', (size_t)(line_end - line)), *probe = line;
        line_end = comment == NULL ? line_end : comment;
        if (word_take(&probe, line_end).size == 0)
            continue;
        struct operation operation;
        if (!line_take(line, line_end, &operation, error))
            return false;
        if (!position_take(&at, operation.code)) {
            snprintf(error->message, sizeof error->message, "expected %s",
                     wanted_instead(&at, operation.code));
            return false;
        }
        if (script->count == SCRIPT_OPERATIONS_MAX) {
            snprintf(error->message, sizeof error->message,
                     "expected the end: a script has at most %u operations", SCRIPT_OPERATIONS_MAX);
            return false;
        }
        script->operations[script->count++] = operation;
    }
    return true;
}
