/* image.h: the linked program that is checked: sections, symbols, relocations, as libelf reads them.
 *
 * Nothing of the file is trusted: what is not within it is not read.  Called by main.c and by all readers. */
#ifndef CONTIG_C_CHECK_IMAGE_H
#define CONTIG_C_CHECK_IMAGE_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The section that holds the code of C for goroutines, and nothing else. */
#define TEXT_SECTION "contig_c_text"

struct section {
    const char *name;
    uint64_t address, size;
    const uint8_t *bytes; /* NULL if the file holds none */
    bool in_memory;
};

struct symbol {
    const char *name, *file;
    uint64_t address, size;
    size_t section;
    bool function;
};

struct relocation {
    uint64_t place, target; /* symbol's value and addend */
    const char *name;       /* of the symbol, with its version ("@..."); "" if it is a section */
    uint32_t type;
};

struct image {
    const char *path;
    int descriptor;
    Elf *elf;
    uint64_t base; /* __executable_start: where the first segment is loaded */
    size_t section_count, symbol_count, relocation_count;
    struct section *sections;
    struct symbol *symbols;         /* by address */
    struct relocation *relocations; /* by place */
    const struct section *text;
};

/* Returns NULL, or why the program cannot be read: half a sentence. */
const char *image_open(const char *path, struct image *image);
void image_close(struct image *image);

const struct section *image_section(const struct image *image, const char *name);

/* The bytes in memory from an address on; `available` is how many.  NULL if there are none. */
const uint8_t *image_bytes(const struct image *image, uint64_t address, uint64_t *available);

/* The first relocation at or above an address; relocation_count if there is none. */
size_t image_relocation(const struct image *image, uint64_t address);

bool image_in_text(const struct image *image, uint64_t address);

#endif
