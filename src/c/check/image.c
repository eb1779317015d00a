/* image.c: reads a linked program.  CFRAME-30. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/c/check/image.h"

static bool read_sections(struct image *image)
{
    size_t count, names;
    if (elf_getshdrnum(image->elf, &count) != 0 || elf_getshdrstrndx(image->elf, &names) != 0 ||
        count == 0)
        return false;
    image->sections = calloc(count + 1, sizeof *image->sections);
    if (image->sections == NULL)
        return false;
    image->section_count = count;
    for (size_t i = 0; i < count; i++) {
        Elf_Scn *scn = elf_getscn(image->elf, i);
        GElf_Shdr header;
        struct section *section = &image->sections[i];
        section->name = "";
        if (scn == NULL || gelf_getshdr(scn, &header) == NULL)
            return false;
        const char *name = elf_strptr(image->elf, names, header.sh_name);
        section->name = name == NULL ? "" : name;
        section->address = header.sh_addr;
        section->size = header.sh_size;
        section->in_memory = (header.sh_flags & SHF_ALLOC) != 0;
        if (header.sh_type == SHT_NOBITS || section->address + section->size < section->address)
            continue;
        const Elf_Data *data = elf_rawdata(scn, NULL);
        if (data != NULL && data->d_buf != NULL && data->d_size == header.sh_size)
            section->bytes = data->d_buf;
    }
    return true;
}

static int by_address(const void *a, const void *b)
{
    const struct symbol *left = a, *right = b;
    if (left->address != right->address)
        return left->address < right->address ? -1 : 1;
    /* Of several names for one function the shortest code, then the first name, comes last: it is kept. */
    return left->size != right->size ? (left->size < right->size ? -1 : 1)
                                     : strcmp(left->name, right->name);
}

static bool read_symbols(struct image *image, Elf_Scn *scn, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(scn, NULL);
    if (data == NULL || header->sh_entsize == 0)
        return false;
    size_t count = data->d_size / header->sh_entsize;
    const char *file = "?";
    image->symbols = calloc(count + 1, sizeof *image->symbols);
    for (size_t i = 0; image->symbols != NULL && i < count; i++) {
        GElf_Sym entry;
        if (gelf_getsym(data, (int)i, &entry) == NULL)
            return false;
        const char *name = elf_strptr(image->elf, header->sh_link, entry.st_name);
        if (name == NULL)
            name = "";
        if (GELF_ST_TYPE(entry.st_info) == STT_FILE)
            file = name;
        if (entry.st_shndx == SHN_UNDEF || entry.st_shndx >= image->section_count)
            continue;
        image->symbols[image->symbol_count++] = (struct symbol){
            .name = name,
            .file = GELF_ST_BIND(entry.st_info) == STB_LOCAL ? file : "?",
            .address = entry.st_value,
            .size = entry.st_size,
            .section = entry.st_shndx,
            .function = GELF_ST_TYPE(entry.st_info) == STT_FUNC,
        };
    }
    if (image->symbols != NULL)
        qsort(image->symbols, image->symbol_count, sizeof *image->symbols, by_address);
    return image->symbols != NULL;
}

static bool symbol_of(struct image *image, const GElf_Shdr *header, uint64_t number,
                      GElf_Sym *entry, const char **name)
{
    Elf_Scn *scn = elf_getscn(image->elf, header->sh_link);
    GElf_Shdr table;
    Elf_Data *data = scn == NULL ? NULL : elf_getdata(scn, NULL);
    if (data == NULL || gelf_getshdr(scn, &table) == NULL || number > INT32_MAX ||
        gelf_getsym(data, (int)number, entry) == NULL)
        return false;
    const char *text = elf_strptr(image->elf, table.sh_link, entry->st_name);
    *name = text == NULL || GELF_ST_TYPE(entry->st_info) == STT_SECTION ? "" : text;
    return true;
}

static bool read_relocations(struct image *image, Elf_Scn *scn, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(scn, NULL);
    if (data == NULL || header->sh_entsize == 0)
        return false;
    size_t count = data->d_size / header->sh_entsize, before = image->relocation_count;
    struct relocation *more =
        realloc(image->relocations, (before + count + 1) * sizeof *image->relocations);
    if (more == NULL)
        return false;
    image->relocations = more;
    for (size_t i = 0; i < count; i++) {
        GElf_Rela entry;
        GElf_Sym symbol;
        const char *name = "";
        if (gelf_getrela(data, (int)i, &entry) == NULL ||
            !symbol_of(image, header, GELF_R_SYM(entry.r_info), &symbol, &name))
            return false;
        image->relocations[image->relocation_count++] = (struct relocation){
            .place = entry.r_offset,
            .target = symbol.st_value + (uint64_t)entry.r_addend,
            .name = name,
            .type = (uint32_t)GELF_R_TYPE(entry.r_info),
        };
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct relocation *left = a, *right = b;
    return left->place < right->place ? -1 : left->place > right->place;
}

static bool read_tables(struct image *image)
{
    Elf_Scn *scn = NULL;
    while ((scn = elf_nextscn(image->elf, scn)) != NULL) {
        GElf_Shdr header;
        if (gelf_getshdr(scn, &header) == NULL)
            return false;
        if (header.sh_type == SHT_SYMTAB && image->symbols == NULL &&
            !read_symbols(image, scn, &header))
            return false;
        if (header.sh_type == SHT_RELA && header.sh_info < image->section_count &&
            image->sections[header.sh_info].in_memory && (header.sh_flags & SHF_ALLOC) == 0 &&
            !read_relocations(image, scn, &header))
            return false;
    }
    if (image->relocations != NULL)
        qsort(image->relocations, image->relocation_count, sizeof *image->relocations, by_place);
    return true;
}

static bool read_base(struct image *image)
{
    size_t count;
    if (elf_getphdrnum(image->elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (gelf_getphdr(image->elf, (int)i, &header) == NULL)
            return false;
        if (header.p_type == PT_LOAD) {
            image->base = header.p_vaddr;
            return true;
        }
    }
    return false;
}

static const char *read_all(struct image *image)
{
    GElf_Ehdr header;
    if (elf_kind(image->elf) != ELF_K_ELF || gelf_getehdr(image->elf, &header) == NULL ||
        header.e_machine != EM_X86_64 || gelf_getclass(image->elf) != ELFCLASS64)
        return "is no ELF program for x86-64";
    if (header.e_type == ET_REL)
        return "is an object file; link it first";
    if (!read_sections(image) || !read_base(image) || !read_tables(image))
        return "is damaged: its tables lead out of the file";
    if (image->symbols == NULL)
        return "has no symbol table; link it without -s";
    image->text = image_section(image, TEXT_SECTION);
    if (image->text == NULL || image->text->bytes == NULL || image->text->size == 0)
        return "has no section " TEXT_SECTION "; link its C with contig-cc";
    if (image->relocation_count == 0)
        return "has no relocations; link it with -Wl,--emit-relocs";
    return NULL;
}

const char *image_open(const char *path, struct image *image)
{
    *image = (struct image){.path = path, .descriptor = open(path, O_RDONLY | O_CLOEXEC)};
    if (image->descriptor < 0)
        return "cannot be opened";
    if (elf_version(EV_CURRENT) == EV_NONE)
        return "cannot be read by this libelf";
    image->elf = elf_begin(image->descriptor, ELF_C_READ, NULL);
    return image->elf == NULL ? "is no ELF program for x86-64" : read_all(image);
}

void image_close(struct image *image)
{
    if (image->elf != NULL)
        elf_end(image->elf);
    if (image->descriptor >= 0)
        close(image->descriptor);
    free(image->sections);
    free(image->symbols);
    free(image->relocations);
}

const struct section *image_section(const struct image *image, const char *name)
{
    for (size_t i = 0; i < image->section_count; i++)
        if (image->sections[i].in_memory && strcmp(image->sections[i].name, name) == 0)
            return &image->sections[i];
    return NULL;
}

const uint8_t *image_bytes(const struct image *image, uint64_t address, uint64_t *available)
{
    for (size_t i = 0; i < image->section_count; i++) {
        const struct section *section = &image->sections[i];
        if (section->in_memory && section->bytes != NULL && address >= section->address &&
            address - section->address < section->size) {
            *available = section->size - (address - section->address);
            return section->bytes + (address - section->address);
        }
    }
    return NULL;
}

size_t image_relocation(const struct image *image, uint64_t address)
{
    size_t low = 0, high = image->relocation_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->relocations[middle].place < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool image_in_text(const struct image *image, uint64_t address)
{
    return address >= image->text->address && address - image->text->address < image->text->size;
}
