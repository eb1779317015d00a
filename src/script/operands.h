/* operands.h: operands of one kind, as bytes and as words of a text; the kinds are the letters of the table.
 *
 * Called by operations.c. */
#ifndef CONTIG_SCRIPT_OPERANDS_H
#define CONTIG_SCRIPT_OPERANDS_H

#include "src/script/operations.h"

/* How many values a byte of an operand can have. */
uint32_t operand_values(char kind, uint32_t byte);

/* The one form of a size: the least shift.  False if no form has it. */
bool frame_size_take(uint64_t bytes, uint8_t *size);

/* Returns the length, as snprintf does. */
int operand_print(char kind, const uint8_t *operand, char *text, size_t size);

/* A word of the line that is read. */
struct word {
    const char *text;
    size_t size;
};

/* The next word up to `end`, of size 0 if there is none; *at goes behind it. */
struct word word_take(const char **at, const char *end);

bool operand_take(char kind, struct word word, uint8_t *operand);
/* What was expected, for a message. */
const char *operand_description(char kind);

#endif
