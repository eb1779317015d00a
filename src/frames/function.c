/* function.c: see function.h. */
#include "src/frames/function.h"

struct function frames_functions[SCRIPT_FUNCTIONS_MAX];
uint32_t frames_script_functions;
struct compiled frames_now;

void frames_functions_find(const struct script *script)
{
    bool in_body = false;
    frames_script_functions = 0;
    for (uint32_t i = 0; i < script->count; i++) {
        struct operation operation = script->operations[i];
        bool begins = operation.code == OPERATION_FUNC;
        if (begins || operation.code == OPERATION_MAIN) {
            if (in_body)
                frames_functions[frames_script_functions - 1].end = i;
            in_body = begins;
        }
        if (begins)
            frames_functions[frames_script_functions++] = (struct function){
                .words = operand_frame_bytes(operation.operands) / 8,
                .arguments = operand_argument_count(operation.operands[2]),
                .argument_pointers = operand_argument_pointers(operation.operands[2]),
                .first = i + 1,
                .end = script->count,
            };
    }
}
