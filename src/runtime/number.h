/* number.h: the one reader of numbers that a person wrote: in options, arguments and the environment.
 *
 * Decimal digits only: no sign, no blank, no 0x, and a leading 0 does not mean octal.  Nothing is cut: what does not
 * fit is refused.  Called by src/command and by contig_start. */
#ifndef CONTIG_RUNTIME_NUMBER_H
#define CONTIG_RUNTIME_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* True, and *number is set, if all of `text` is a decimal number from `least` to `most`. */
static inline bool number_read(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || value > (UINT64_MAX - (uint64_t)(*text - '0')) / 10)
            return false;
        value = 10 * value + (uint64_t)(*text - '0');
    }
    if (value < least || value > most)
        return false;
    *number = value;
    return true;
}

#endif
