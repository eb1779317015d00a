/* flow.c: where each instruction leads.  CFRAME-3, CFRAME-4, CFRAME-31.
 *
 * Jump tables are read by their relocations.  Nobody says where a table ends, and other code may name any of its words:
 * it goes on up to where the function's next table begins, or to the first word that is no address.  Any other jump
 * through a pointer leads to each place of its function whose address is kept somewhere, or is a tail call. */
#include <stdlib.h>
#include <string.h>

#include "src/c/check/function.h"
#include "src/c/check/leaves.h"

static bool add_edge(struct function *function, struct link *link, size_t to)
{
    if (to >= function->count) {
        link->out = true;
        return true;
    }
    if (function->edge_count == function->edge_room) {
        size_t room = 2 * function->edge_room + 64;
        uint32_t *more = realloc(function->edges, room * sizeof *more);
        if (more == NULL)
            return false;
        function->edges = more;
        function->edge_room = room;
    }
    function->edges[function->edge_count++] = (uint32_t)to;
    link->edge_count++;
    return true;
}

/* A name of a shared library may have a version behind it. */
static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    size_t length = strcspn(name, "@");
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == length && memcmp(name, names[i], length) == 0)
            return true;
    return false;
}

static const char *without_prefix(const char *name)
{
    size_t length = strlen(STUB_PREFIX);
    return strncmp(name, STUB_PREFIX, length) == 0 ? name + length : name;
}

static bool never_returns(const char *name)
{
    static const char *const names[] = {NO_RETURN_NAMES};
    return is_one_of(without_prefix(name), names, sizeof names / sizeof *names);
}

static bool is_setjmp(const char *name)
{
    static const char *const names[] = {SETJMP_NAMES};
    return is_one_of(without_prefix(name), names, sizeof names / sizeof *names);
}

static bool is_leaf(const char *name)
{
#define LEAF_NAME(name, returns_address) #name,
    static const char *const names[] = {LEAVES(LEAF_NAME)};
    return is_one_of(name, names, sizeof names / sizeof *names);
}

static const char *symbol_name(const struct image *image, uint64_t address)
{
    size_t low = 0, high = image->symbol_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->symbols[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < image->symbol_count && image->symbols[low].address == address
               ? image->symbols[low].name
               : "";
}

/* The name by which the code calls: that of the relocation, since the place may be an entry of the linker's. */
static const char *called_name(const struct image *image, const struct instruction *instruction,
                               uint64_t target)
{
    size_t at = image_relocation(image, instruction->address);
    if (at < image->relocation_count &&
        image->relocations[at].place < instruction->address + instruction->length &&
        image->relocations[at].name[0] != '\0')
        return image->relocations[at].name;
    return symbol_name(image, target);
}

static void link_direct(struct program *program, struct function *function, size_t index,
                        uint64_t target)
{
    struct link *link = &function->links[index];
    const struct instruction *instruction = &function->code[index];
    link->name = called_name(&program->image, instruction, target);
    link->function = program_function_at(program, target);
    if (link->function >= 0) {
        link->callee = CALLEE_FUNCTION;
        link->name = program->functions[link->function].name;
    } else if (image_in_text(&program->image, target)) {
        link->callee = CALLEE_UNKNOWN;
        refuse(program, function->name, instruction->address,
               "it leads into the middle of a function; keep it on the system stack");
    } else if (strcmp(link->name, "__morestack") == 0) {
        link->callee = CALLEE_MORESTACK;
    } else {
        link->callee = is_leaf(link->name) ? CALLEE_LEAF : CALLEE_OUTSIDE;
        link->setjmp = is_setjmp(link->name);
        function->setjmp |= link->setjmp;
    }
}

static bool within(const struct function *function, uint64_t address)
{
    return address > function->begin && address < function->end;
}

static bool edge_to_address(struct program *program, struct function *function, size_t index,
                            uint64_t target)
{
    size_t to = function_index(function, target);
    if (to == SIZE_MAX) {
        refuse(program, function->name, function->code[index].address,
               "it jumps into the middle of an instruction; keep it on the system stack");
        return true;
    }
    return add_edge(function, &function->links[index], to);
}

static bool has_table(const struct instruction *instruction)
{
    return instruction->kind == INSTRUCTION_JUMP &&
           instruction->operands[0].kind == OPERAND_MEMORY && instruction->index != NO_REGISTER &&
           instruction->base == NO_REGISTER && !instruction->segment;
}

/* The relocation of a word that holds an address, or NULL. */
static const struct relocation *address_word(const struct image *image, uint64_t place)
{
    size_t at = image_relocation(image, place);
    return at < image->relocation_count && image->relocations[at].place == place &&
                   image->relocations[at].type == R_X86_64_64
               ? &image->relocations[at]
               : NULL;
}

/* Where the next of the function's tables begins, by its jumps. */
static uint64_t next_table(const struct function *function, uint64_t table)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < function->count; i++) {
        uint64_t other = (uint64_t)function->code[i].displacement;
        if (has_table(&function->code[i]) && other > table && other < next)
            next = other;
    }
    return next;
}

/* A table of the function's own places: an array of functions, through which it makes a tail call, is none. */
static bool is_own_table(const struct program *program, const struct function *function,
                         uint64_t table)
{
    const struct relocation *word = address_word(&program->image, table);
    return word != NULL && word->target >= function->begin && word->target <= function->end;
}

/* What lies behind the table leads out of the function, as the hole of a table that nothing takes may. */
static bool edges_of_table(struct program *program, struct function *function, size_t index,
                           uint64_t table)
{
    uint64_t next = next_table(function, table);
    const struct relocation *word;
    for (uint64_t place = table;
         place < next && (word = address_word(&program->image, place)) != NULL; place += WORD_BYTES)
        if (word->target >= function->begin && word->target < function->end &&
            !edge_to_address(program, function, index, word->target))
            return false;
    return true;
}

/* A computed goto, or a table that was read before: each place of the function whose address is kept somewhere. */
static bool edges_of_labels(struct program *program, struct function *function, size_t index)
{
    const struct image *image = &program->image;
    for (size_t i = 0; i < image->relocation_count; i++) {
        const struct relocation *row = &image->relocations[i];
        bool whole =
            row->type == R_X86_64_64 || row->type == R_X86_64_32S || row->type == R_X86_64_32;
        if (whole && within(function, row->target) &&
            !edge_to_address(program, function, index, row->target))
            return false;
    }
    return true;
}

static bool build_jump(struct program *program, struct function *function, size_t index)
{
    const struct instruction *instruction = &function->code[index];
    const struct operand *operand = &instruction->operands[0];
    struct link *link = &function->links[index];
    if (operand->kind == OPERAND_IMMEDIATE) {
        uint64_t target = (uint64_t)operand->value;
        if (target == function->begin || within(function, target))
            return edge_to_address(program, function, index, target);
        link->tail = true;
        link_direct(program, function, index, target);
        return true;
    }
    link->callee = CALLEE_UNKNOWN;
    link->name = "a pointer";
    uint64_t table = (uint64_t)instruction->displacement;
    if (has_table(instruction) && is_own_table(program, function, table)) {
        link->callee = CALLEE_NONE;
        return edges_of_table(program, function, index, table);
    }
    link->tail = true;
    return edges_of_labels(program, function, index);
}

static bool build_call(struct program *program, struct function *function, size_t index)
{
    const struct instruction *instruction = &function->code[index];
    struct link *link = &function->links[index];
    size_t next = index + 1;
    if (instruction->operands[0].kind == OPERAND_IMMEDIATE) {
        link_direct(program, function, index, (uint64_t)instruction->operands[0].value);
        if (link->callee == CALLEE_MORESTACK)
            next++; /* over the `ret`, which __morestack never comes back to */
    } else {
        link->callee = CALLEE_UNKNOWN;
        link->name = "a pointer";
    }
    return add_edge(function, link, next);
}

bool flow_build(struct program *program, struct function *function)
{
    for (size_t i = 0; i < function->count; i++) {
        struct link *link = &function->links[i];
        bool fits = true;
        link->function = -1;
        link->name = "";
        link->first_edge = (uint32_t)function->edge_count;
        switch (function->code[i].kind) {
        case INSTRUCTION_RETURN:
        case INSTRUCTION_STOP: break;
        case INSTRUCTION_JUMP: fits = build_jump(program, function, i); break;
        case INSTRUCTION_CALL: fits = build_call(program, function, i); break;
        case INSTRUCTION_BRANCH:
            fits = add_edge(function, link, i + 1) && build_jump(program, function, i);
            break;
        default: fits = add_edge(function, link, i + 1); break;
        }
        if (!fits)
            return false;
    }
    return true;
}

bool flow_comes_back(const struct program *program, const struct function *function, size_t index)
{
    const struct link *link = &function->links[index];
    if (link->callee == CALLEE_FUNCTION)
        return program->functions[link->function].returns;
    return link->callee != CALLEE_OUTSIDE || !never_returns(link->name);
}

static bool reaches_return(const struct program *program, const struct function *function,
                           uint8_t *seen, uint32_t *stack)
{
    size_t depth = 0;
    memset(seen, 0, function->count);
    if (function->count > 0)
        stack[depth++] = 0;
    while (depth > 0) {
        uint32_t index = stack[--depth];
        const struct link *link = &function->links[index];
        if (seen[index] != 0)
            continue;
        seen[index] = 1;
        if (function->code[index].kind == INSTRUCTION_RETURN ||
            (link->tail && flow_comes_back(program, function, index)))
            return true;
        if (function->code[index].kind == INSTRUCTION_CALL &&
            !flow_comes_back(program, function, index))
            continue;
        for (uint32_t i = 0; i < link->edge_count; i++)
            if (!seen[function->edges[link->first_edge + i]])
                stack[depth++] = function->edges[link->first_edge + i];
    }
    return false;
}

/* The least fix point: a function returns if a way to its end is known. */
void flow_returns(struct program *program)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < program->function_count; i++) {
            struct function *function = &program->functions[i];
            if (function->returns || function->count == 0)
                continue;
            uint8_t *seen = calloc(function->count, 1);
            uint32_t *stack = calloc(function->edge_count + 1, sizeof *stack);
            bool returns =
                seen == NULL || stack == NULL || reaches_return(program, function, seen, stack);
            free(seen);
            free(stack);
            changed |= returns;
            function->returns = returns;
        }
    }
}
