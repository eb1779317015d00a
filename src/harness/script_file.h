/* script_file.h: a script from a file: text, if the name ends with .script, and otherwise bytes of a corpus.
 *
 * Called by the test programs that run the scripts which their arguments name. */
#ifndef CONTIG_HARNESS_SCRIPT_FILE_H
#define CONTIG_HARNESS_SCRIPT_FILE_H

#include <errno.h>
#include <string.h>

#include "src/command/output.h"
#include "src/script/operations.h"

/* False after a sentence: the file cannot be read, or its text is no script. */
static inline bool script_from_file(const char *name, struct script *script)
{
    static uint8_t bytes[1 << 16];
    struct script_error error;
    FILE *file = fopen(name, "rb");
    size_t size = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file), length = strlen(name);
    bool well = file != NULL && !ferror(file);
    if (!well)
        complain("cannot read the script %s: %s", name, strerror(errno));
    if (file != NULL)
        fclose(file);
    if (well && (length < 7 || strcmp(name + length - 7, ".script") != 0)) {
        script_from_bytes(script, bytes, size);
    } else if (well && size == sizeof bytes) {
        complain("the script %s has %zu bytes or more", name, sizeof bytes);
        return false;
    } else if (well && !script_parse(script, (const char *)bytes, size, &error)) {
        complain("%s, line %u: %s", name, error.line, error.message);
        return false;
    }
    return well;
}

#endif
