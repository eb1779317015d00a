/* program.c: what ocaml_trace_test.py links with the runtime beside it: fibers that grow until they may not.
 *
 * Without an argument they grow and end; 'fail' ends with status 3, 'close' closes the descriptor that is named next,
 * 'wait' waits for ever. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caml/fiber.h"

#define FIBERS 40
#define HANDLER_EVERY 7

static struct caml_state state;
struct caml_state *Caml_state = &state;

void caml_raise_out_of_memory(void)
{
    exit(4);
}

static void push(value word)
{
    value *sp = state.current_stack->sp;
    *--sp = word;
    state.current_stack->sp = sp;
}

static void push_handler(void)
{
    push((value)caml_free_stack);
    push((value)state.exn_handler);
    state.exn_handler = state.current_stack->sp;
}

/* Makes room for a frame and the red zone; false if the limit forbids. */
static int room_for(uintnat words)
{
    value *least = Stack_base(state.current_stack) + words + Stack_threshold_words;
    return (value *)state.current_stack->sp >= least || caml_try_realloc_stack(words + Stack_threshold_words) != 0;
}

/* A fiber that calls until it has that many words, or may have no more. */
static void run(uintnat words, uintnat frame)
{
    state.current_stack = caml_alloc_stack();
    state.exn_handler = NULL;
    push(0);
    push(0);
    push_handler();
    for (uintnat k = 0; k < words && room_for(frame); k += frame) {
        if (k % HANDLER_EVERY == 0)
            push_handler();
        for (uintnat n = 2; n < frame; n++)
            push((value)(k + n));
    }
    caml_free_stack(state.current_stack);
}

int main(int argc, char **argv)
{
    struct stack_info *first = caml_alloc_main_stack(caml_get_init_stack_wsize());

    if (argc > 1 && strcmp(argv[1], "fail") == 0)
        return 3;
    if (argc > 2 && strcmp(argv[1], "close") == 0)
        close(atoi(argv[2]));
    if (argc > 1 && strcmp(argv[1], "wait") == 0)
        pause();
    for (uintnat k = 0; k < FIBERS; k++)
        run(k * k * k, 4 + 5 * k);
    caml_change_max_stack_size(1 << 14);
    run(1 << 16, 100);
    state.current_stack = first;
    printf("%d fibers\n", FIBERS + 1);
    return 0;
}
