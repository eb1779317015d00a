/* operations.c: reads and writes scripts, driven by the table of operations.h. */
#include "src/script/operations.h"

#include <string.h>

static const struct {
    const char *text;
    enum operation_place place;
} table[OPERATION_COUNT] = {
#define OPERATION(name, text, place) {text, place},
    SCRIPT_OPERATIONS(OPERATION)
#undef OPERATION
};

/* Words that are no pointers into any stack, but may stand in a slot that is said to hold a pointer. */
static const struct {
    const char *name;
    int32_t word;
} odd_words[] = {{"null", 0},         {"one", 1},        {"page", 4095},       {"small", 12345},
                 {"high", INT32_MAX}, {"minus-one", -1}, {"lowest", INT32_MIN}};
#define ODD_WORDS (sizeof odd_words / sizeof *odd_words)

#define ARGUMENT_KINDS 31u /* strings of p and i of length 0 to 4 */
#define STACK_SIZES 12u    /* 1 KiB, in which nothing can run, to 2 MiB */
#define SIZE_SHIFTS 9u

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
        switch (at[1]) {
        case 'f': return SCRIPT_FUNCTIONS_MAX;
        case 'g': return SCRIPT_GOROUTINES_MAX;
        case 'a': return ARGUMENT_KINDS_MAX;
        case 'z': return operand == n ? 256 : SIZE_SHIFTS;
        case 'p': return ARGUMENT_KINDS;
        case 'm': return STACK_SIZES;
        case 'o': return ODD_WORDS;
        default: return 256;
        }
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

const char *operation_text(enum operation_code code)
{
    return table[code].text;
}

uint32_t operand_frame_bytes(const uint8_t *size)
{
    return (size[0] + 1u) << size[1] << 4;
}

/* The one form of a size: the least shift.  False if no form has it. */
static bool frame_size_take(uint64_t bytes, uint8_t *size)
{
    for (uint32_t shift = 0; shift < SIZE_SHIFTS; shift++) {
        uint64_t units = bytes >> (4 + shift);
        if (units != 0 && units << (4 + shift) == bytes && units <= 256) {
            size[0] = (uint8_t)(units - 1);
            size[1] = (uint8_t)shift;
            return true;
        }
    }
    return false;
}

uint32_t operand_argument_count(uint8_t kinds)
{
    uint32_t count = 0;
    while (kinds + 1u >= 2u << count)
        count++;
    return count;
}

uint32_t operand_argument_pointers(uint8_t kinds)
{
    return kinds + 1u - (1u << operand_argument_count(kinds));
}

uint64_t operand_stack_size(uint8_t size)
{
    return UINT64_C(1024) << size;
}

int32_t operand_odd_word(uint8_t odd)
{
    return odd_words[odd].word;
}

/* May an operation stand here?  Keeps track of where the script is. */
struct position {
    bool in_body;
    uint32_t functions;
};

static bool position_take(struct position *at, enum operation_code code)
{
    if (code == OPERATION_FUNC) {
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
        if (operation.code == OPERATION_FUNC)
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

/* Slots from 128 on are counted from the top of the frame. */
static int slot_print(uint8_t slot, char *text, size_t size)
{
    return slot < 128 ? snprintf(text, size, "%u", slot)
                      : snprintf(text, size, "top-%u", 256u - slot);
}

static int kinds_print(uint8_t kinds, char *text)
{
    uint32_t count = operand_argument_count(kinds);
    for (uint32_t i = 0; i < count; i++)
        text[i] = operand_argument_pointers(kinds) >> i & 1 ? 'p' : 'i';
    if (count == 0)
        text[count++] = '-';
    text[count] = '\0';
    return (int)count;
}

static int operand_print(char kind, const uint8_t *operand, char *text, size_t size)
{
    switch (kind) {
    case 's': return slot_print(*operand, text, size);
    case 'f': return snprintf(text, size, "f%u", *operand);
    case 'g': return snprintf(text, size, "g%u", *operand);
    case 'z': return snprintf(text, size, "%u", operand_frame_bytes(operand));
    case 'p': return kinds_print(*operand, text);
    case 'm': return snprintf(text, size, "%u", (unsigned)operand_stack_size(*operand));
    case 'o': return snprintf(text, size, "%s", odd_words[*operand].name);
    default: return snprintf(text, size, "%u", *operand);
    }
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
    if (operation.code == OPERATION_FUNC)
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
        if (operation.code != OPERATION_FUNC && operation.code != OPERATION_MAIN)
            used += (size_t)snprintf(text + used, SCRIPT_TEXT_MAX - used, "  ");
        used += operation_print(operation, function, text + used, SCRIPT_TEXT_MAX - used);
        function += operation.code == OPERATION_FUNC;
        text[used++] = '\n';
        text[used] = '\0';
    }
    return used;
}

/* A word of the line that is read. */
struct word {
    const char *text;
    size_t size;
};

static struct word word_take(const char **at, const char *end)
{
    while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r'))
        ++*at;
    struct word word = {*at, 0};
    while (*at < end && **at != ' ' && **at != '\t' && **at != '\r') {
        ++*at;
        word.size++;
    }
    return word;
}

static bool number_take(struct word word, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (word.text[i] < '0' || word.text[i] > '9' || *number > 1u << 30)
            return false;
        *number = *number * 10 + (uint64_t)(word.text[i] - '0');
    }
    return word.size != 0 && (word.size == 1 || word.text[0] != '0');
}

static bool word_begins(struct word word, const char *prefix)
{
    return word.size > strlen(prefix) && memcmp(word.text, prefix, strlen(prefix)) == 0;
}

static struct word without(struct word word, size_t prefix)
{
    return (struct word){word.text + prefix, word.size - prefix};
}

static bool number_below(struct word word, uint32_t bound, uint8_t *operand)
{
    uint64_t number;
    if (!number_take(word, &number) || number >= bound)
        return false;
    *operand = (uint8_t)number;
    return true;
}

static bool slot_take(struct word word, uint8_t *operand)
{
    uint64_t number;
    if (!word_begins(word, "top-"))
        return number_below(word, 128, operand);
    if (!number_take(without(word, 4), &number) || number < 1 || number > 128)
        return false;
    *operand = (uint8_t)(256 - number);
    return true;
}

static bool kinds_take(struct word word, uint8_t *operand)
{
    uint32_t pointers = 0;
    if (word.size == 1 && word.text[0] == '-')
        word.size = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (i >= ARGUMENT_KINDS_MAX || (word.text[i] != 'p' && word.text[i] != 'i'))
            return false;
        pointers |= (uint32_t)(word.text[i] == 'p') << i;
    }
    *operand = (uint8_t)((1u << word.size) - 1 + pointers);
    return true;
}

static bool stack_size_take(struct word word, uint8_t *operand)
{
    uint64_t number;
    if (!number_take(word, &number))
        return false;
    for (uint8_t size = 0; size < STACK_SIZES; size++)
        if (operand_stack_size(size) == number) {
            *operand = size;
            return true;
        }
    return false;
}

static bool odd_take(struct word word, uint8_t *operand)
{
    for (uint32_t odd = 0; odd < ODD_WORDS; odd++)
        if (strlen(odd_words[odd].name) == word.size &&
            memcmp(odd_words[odd].name, word.text, word.size) == 0) {
            *operand = (uint8_t)odd;
            return true;
        }
    return false;
}

static bool operand_take(char kind, struct word word, uint8_t *operand)
{
    uint64_t number;
    switch (kind) {
    case 's': return slot_take(word, operand);
    case 'f':
        return word_begins(word, "f") &&
               number_below(without(word, 1), SCRIPT_FUNCTIONS_MAX, operand);
    case 'g':
        return word_begins(word, "g") &&
               number_below(without(word, 1), SCRIPT_GOROUTINES_MAX, operand);
    case 'a': return number_below(word, ARGUMENT_KINDS_MAX, operand);
    case 'z': return number_take(word, &number) && frame_size_take(number, operand);
    case 'p': return kinds_take(word, operand);
    case 'm': return stack_size_take(word, operand);
    case 'o': return odd_take(word, operand);
    default: return number_below(word, 256, operand);
    }
}

static const char *operand_description(char kind)
{
    switch (kind) {
    case 's': return "a slot: 0 to 127, or top-1 to top-128";
    case 'f': return "a function: f0 to f15";
    case 'g': return "a goroutine: g0 to g31";
    case 'a': return "an argument: 0 to 3";
    case 'z':
        return "a frame size: 16 to 1048576 bytes, at most 256 times a power of two from 16 to "
               "4096";
    case 'p': return "the kinds of up to 4 arguments: - or letters p and i";
    case 'm': return "a stack size: a power of two from 1024 to 2097152";
    case 'o': return "an odd word: null, one, page, small, high, minus-one or lowest";
    default: return "a number from 0 to 255";
    }
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
    if (code == OPERATION_FUNC)
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
