/* function.c: the functions of a program, decoded.  CFRAME-1, CFRAME-2. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/c/check/function.h"

#define LONGEST_INSTRUCTION 15u

static bool is_padding(const struct instruction *instruction)
{
    return instruction->kind == INSTRUCTION_NOTHING || instruction->kind == INSTRUCTION_STOP;
}

/* Between two functions there is nothing that runs. */
static void check_gap(struct program *program, uint64_t begin, uint64_t end)
{
    uint64_t available;
    const uint8_t *bytes = image_bytes(&program->image, begin, &available);
    for (uint64_t at = begin; bytes != NULL && at < end;) {
        struct instruction instruction;
        /* The linker fills with zero bytes where an object asks for more alignment. */
        if (bytes[at - begin] == 0) {
            at++;
            continue;
        }
        if (decode(bytes + (at - begin), end - at, at, &instruction) == DECODE_NO_INSTRUCTION ||
            !is_padding(&instruction)) {
            refuse(program, "?", at,
                   "there is code that belongs to no function; give its symbol a type and a size "
                   "(.type NAME, @function and .size NAME, . - NAME)");
            return;
        }
        at += instruction.length;
    }
}

static bool decode_function(struct program *program, struct function *function)
{
    uint64_t available, size = function->end - function->begin;
    const uint8_t *bytes = image_bytes(&program->image, function->begin, &available);
    function->code = calloc(size, sizeof *function->code);
    if (function->code == NULL || bytes == NULL || available < size)
        return false;
    for (uint64_t at = 0; at < size;) {
        uint64_t rest = size - at;
        struct instruction *instruction = &function->code[function->count];
        enum decode_status status =
            decode(bytes + at, rest < LONGEST_INSTRUCTION ? rest : LONGEST_INSTRUCTION,
                   function->begin + at, instruction);
        if (status != DECODE_OK) {
            refuse(program, function->name, function->begin + at,
                   status == DECODE_DISAGREE
                       ? "Zydis and Capstone disagree about the instruction; keep it on the "
                         "system stack"
                       : "there is no instruction that both decoders know; keep it on the "
                         "system stack");
            function->count = 0;
            break;
        }
        function->count++;
        at += instruction->length;
    }
    struct instruction *fitting =
        realloc(function->code, (function->count + 1) * sizeof *function->code);
    if (fitting != NULL)
        function->code = fitting;
    function->links = calloc(function->count + 1, sizeof *function->links);
    return function->links != NULL;
}

/* Functions begin where a symbol of a function is; of several names for one place the last is kept. */
static bool collect(struct program *program)
{
    const struct image *image = &program->image;
    program->functions = calloc(image->symbol_count + 1, sizeof *program->functions);
    if (program->functions == NULL)
        return false;
    for (size_t i = 0; i < image->symbol_count; i++) {
        const struct symbol *symbol = &image->symbols[i];
        if (!symbol->function || symbol->size == 0 || !image_in_text(image, symbol->address) ||
            symbol->size > image->text->address + image->text->size - symbol->address)
            continue;
        const struct function *last = program->functions + program->function_count - 1;
        if (program->function_count > 0 && last->begin == symbol->address) {
            program->function_count--;
        } else if (program->function_count > 0 && symbol->address < last->end) {
            refuse(program, symbol->name, symbol->address,
                   "it begins within another function; give each a symbol of its own size");
            continue;
        }
        program->functions[program->function_count++] = (struct function){
            .name = symbol->name,
            .file = symbol->file,
            .begin = symbol->address,
            .end = symbol->address + symbol->size,
            .chain = -1,
        };
    }
    return true;
}

static void check_layout(struct program *program)
{
    const struct section *text = program->image.text;
    uint64_t end = text->address;
    for (size_t i = 0; i < program->function_count; i++) {
        const struct function *function = &program->functions[i];
        check_gap(program, end, function->begin);
        end = function->end;
    }
    check_gap(program, end, text->address + text->size);
}

bool program_read(struct program *program)
{
    if (!collect(program))
        return false;
    check_layout(program);
    for (size_t i = 0; i < program->function_count; i++)
        if (!decode_function(program, &program->functions[i]))
            return false;
    for (size_t i = 0; i < program->function_count; i++) {
        if (!flow_build(program, &program->functions[i]))
            return false;
        prologue_read(program, &program->functions[i]);
    }
    flow_returns(program);
    return true;
}

void program_free(struct program *program)
{
    for (size_t i = 0; i < program->function_count; i++) {
        free(program->functions[i].code);
        free(program->functions[i].links);
        free(program->functions[i].edges);
    }
    free(program->functions);
    refusals_free(&program->refusals);
}

int32_t program_function_of(const struct program *program, uint64_t address)
{
    size_t low = 0, high = program->function_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (program->functions[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == program->function_count || address < program->functions[low].begin)
        return -1;
    return (int32_t)low;
}

int32_t program_function_at(const struct program *program, uint64_t address)
{
    int32_t number = program_function_of(program, address);
    return number >= 0 && program->functions[number].begin == address ? number : -1;
}

size_t function_index(const struct function *function, uint64_t address)
{
    size_t low = 0, high = function->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (function->code[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < function->count && function->code[low].address == address ? low : SIZE_MAX;
}
