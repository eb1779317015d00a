/* operands.c: what each operand of an operation means, as a number and as a word of the text. */
#include "src/script/operands.h"

#include <string.h>

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

uint32_t operand_values(char kind, uint32_t byte)
{
    switch (kind) {
    case 'f': return SCRIPT_FUNCTIONS_MAX;
    case 'g': return SCRIPT_GOROUTINES_MAX;
    case 'a': return ARGUMENT_KINDS_MAX;
    case 'z': return byte == 0 ? 256 : SIZE_SHIFTS;
    case 'p': return ARGUMENT_KINDS;
    case 'm': return STACK_SIZES;
    case 'o': return ODD_WORDS;
    case 'c': return OPERAND_NIL_CHANNEL + 1;
    default: return 256;
    }
}

uint32_t operand_frame_bytes(const uint8_t *size)
{
    return (size[0] + 1u) << size[1] << 4;
}

bool frame_size_take(uint64_t bytes, uint8_t *size)
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

/* Slots from 128 on are counted from the top of the frame. */
static int slot_print(uint8_t slot, char *text, size_t size)
{
    return slot < 128 ? snprintf(text, size, "%u", slot)
                      : snprintf(text, size, "top-%u", 256u - slot);
}

static int element_print(uint8_t element, char *text, size_t size)
{
    return element == OPERAND_BESIDE ? snprintf(text, size, "beside")
                                     : slot_print(element, text, size);
}

static int channel_print(uint8_t channel, char *text, size_t size)
{
    return channel == OPERAND_NIL_CHANNEL ? snprintf(text, size, "nil")
                                          : snprintf(text, size, "c%u", channel);
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

int operand_print(char kind, const uint8_t *operand, char *text, size_t size)
{
    switch (kind) {
    case 's': return slot_print(*operand, text, size);
    case 'f': return snprintf(text, size, "f%u", *operand);
    case 'g': return snprintf(text, size, "g%u", *operand);
    case 'z': return snprintf(text, size, "%u", operand_frame_bytes(operand));
    case 'p': return kinds_print(*operand, text);
    case 'm': return snprintf(text, size, "%u", (unsigned)operand_stack_size(*operand));
    case 'o': return snprintf(text, size, "%s", odd_words[*operand].name);
    case 'c': return channel_print(*operand, text, size);
    case 'e': return element_print(*operand, text, size);
    default: return snprintf(text, size, "%u", *operand);
    }
}

struct word word_take(const char **at, const char *end)
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

static bool word_is(struct word word, const char *text)
{
    return strlen(text) == word.size && memcmp(text, word.text, word.size) == 0;
}

/* A slot that is counted from 128 below the top has the number of what stands beside. */
static bool element_take(struct word word, uint8_t *operand)
{
    if (!word_is(word, "beside"))
        return slot_take(word, operand) && *operand != OPERAND_BESIDE;
    *operand = OPERAND_BESIDE;
    return true;
}

static bool channel_take(struct word word, uint8_t *operand)
{
    if (!word_is(word, "nil"))
        return word_begins(word, "c") &&
               number_below(without(word, 1), SCRIPT_CHANNELS_MAX, operand);
    *operand = OPERAND_NIL_CHANNEL;
    return true;
}

static bool odd_take(struct word word, uint8_t *operand)
{
    for (uint32_t odd = 0; odd < ODD_WORDS; odd++)
        if (word_is(word, odd_words[odd].name)) {
            *operand = (uint8_t)odd;
            return true;
        }
    return false;
}

bool operand_take(char kind, struct word word, uint8_t *operand)
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
    case 'c': return channel_take(word, operand);
    case 'e': return element_take(word, operand);
    default: return number_below(word, 256, operand);
    }
}

const char *operand_description(char kind)
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
    case 'c': return "a channel: c0 to c7, or nil";
    case 'e': return "a slot: 0 to 127, top-1 to top-127, or beside";
    default: return "a number from 0 to 255";
    }
}
