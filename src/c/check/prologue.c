/* prologue.c: the check of the stack at a function's entry, in the one form that clang 14 writes.
 *
 *         lea  -N(%rsp), %r11            only for frames of 256 bytes and more; N is 0 for others
 *         cmp  %fs:0x70, %rsp or %r11
 *         jbe  slow                      or: ja body
 *   body: ...
 *   slow: mov  $FRAME, %r10d
 *         mov  $ARGUMENTS, %r11d
 *         call __morestack
 *         ret                            never executed: __morestack goes on behind it
 *         jmp  body                      or body itself, or the same once more
 *
 * CFRAME-17, CFRAME-18.  Called by function.c for each function. */
#include "src/c/check/function.h"
#include "src/runtime/arch/x86_64/layout.h"

static bool is_guard_comparison(const struct instruction *instruction, unsigned number)
{
    return instruction->kind == INSTRUCTION_COMPARE && instruction->segment &&
           instruction->base == NO_REGISTER && instruction->index == NO_REGISTER &&
           instruction->displacement == GUARD_TLS_OFFSET &&
           instruction->operands[0].kind == OPERAND_REGISTER &&
           instruction->operands[0].number == number && instruction->operands[0].bytes == 8;
}

static bool is_check_address(const struct instruction *instruction)
{
    return instruction->kind == INSTRUCTION_ADDRESS && instruction->operands[0].number == R11 &&
           instruction->operands[0].bytes == 8 && instruction->base == RSP &&
           instruction->index == NO_REGISTER && instruction->displacement < 0;
}

static bool is_constant(const struct instruction *instruction, unsigned number, int64_t *value)
{
    *value = instruction->operands[1].value;
    return instruction->kind == INSTRUCTION_MOVE &&
           instruction->operands[0].kind == OPERAND_REGISTER &&
           instruction->operands[0].number == number &&
           instruction->operands[1].kind == OPERAND_IMMEDIATE && *value >= 0;
}

/* From `slow`, the first instruction of the slow path. */
static bool slow_path_fits(struct function *function, size_t slow)
{
    if (slow + 3 >= function->count ||
        !is_constant(&function->code[slow], R10, &function->frame_bytes) ||
        !is_constant(&function->code[slow + 1], R11, &function->argument_bytes) ||
        function->links[slow + 2].callee != CALLEE_MORESTACK ||
        function->code[slow + 3].kind != INSTRUCTION_RETURN || function->code[slow + 3].length != 1)
        return false;
    function->slow = slow + 2;
    return true;
}

static bool check_fits(struct function *function, size_t branch)
{
    const struct link *link = &function->links[branch];
    const struct instruction *instruction = &function->code[branch];
    if (branch >= function->count || instruction->kind != INSTRUCTION_BRANCH ||
        link->edge_count != 2)
        return false;
    size_t taken = function->edges[link->first_edge + 1];
    if (instruction->branch_below_or_equal)
        return slow_path_fits(function, taken);
    return instruction->branch_taken_above && slow_path_fits(function, branch + 1);
}

static void find_check(struct program *program, struct function *function)
{
    const struct instruction *code = function->code;
    size_t compare = 0;
    if (function->count > 1 && is_check_address(&code[0]) && is_guard_comparison(&code[1], R11)) {
        compare = 1;
        function->check_bytes = -code[0].displacement;
    } else if (function->count == 0 || !is_guard_comparison(&code[0], RSP)) {
        return;
    }
    function->checked = check_fits(function, compare + 1);
    if (!function->checked)
        refuse(program, function->name, function->begin,
               "its check of the stack is not in clang 14's form; compile it with contig-cc, and "
               "link it with GNU ld");
}

void prologue_read(struct program *program, struct function *function)
{
    find_check(program, function);
    for (size_t i = 0; i < function->count; i++) {
        const struct link *link = &function->links[i];
        bool own = function->checked && i == function->slow;
        if (link->callee == CALLEE_MORESTACK && !own)
            refuse(program, function->name, function->code[i].address,
                   "it calls __morestack without a check of the stack; compile it with contig-cc, "
                   "and link it with GNU ld");
    }
}
