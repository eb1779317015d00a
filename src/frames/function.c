/* function.c: see function.h. */
#include "src/frames/function.h"

struct function frames_functions[SCRIPT_FUNCTIONS_MAX];
uint32_t frames_script_functions;
struct compiled frames_now;

static struct function function_of(struct operation operation, uint32_t first, uint32_t end)
{
    bool bare = operation.code == OPERATION_BARE;
    uint8_t arguments = operation.operands[2];
    return (struct function){
        .words = operand_frame_bytes(operation.operands) / 8 + (bare ? BARE_WORDS : 0),
        .bare = bare,
        .arguments = bare ? arguments : operand_argument_count(arguments),
        .argument_pointers = bare ? 0 : operand_argument_pointers(arguments),
        .first = first,
        .end = end,
    };
}

void frames_functions_find(const struct script *script)
{
    bool in_body = false;
    frames_script_functions = 0;
    for (uint32_t i = 0; i < script->count; i++) {
        struct operation operation = script->operations[i];
        bool begins = operation_begins_function(operation.code);
        if (begins || operation.code == OPERATION_MAIN) {
            if (in_body)
                frames_functions[frames_script_functions - 1].end = i;
            in_body = begins;
        }
        if (begins)
            frames_functions[frames_script_functions++] =
                function_of(operation, i + 1, script->count);
    }
}
