/* fiber.h: as much of OCaml's headers as a runtime of fibers alone needs; ocaml_trace_test.py puts it in their place. */
#ifndef FAKE_FIBER_H
#define FAKE_FIBER_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

typedef intptr_t value;
typedef uintptr_t uintnat;

#define Stack_threshold_words 32
#define Stack_threshold (Stack_threshold_words * sizeof(value))

struct stack_handler {
    struct stack_info *parent;
};

struct stack_info {
    void *sp;
    void *exception_ptr;
    struct stack_handler *handler;
    int64_t id;
};

#define Stack_base(stk) ((value *)(stk + 1))
#define Stack_high(stk) (value *)stk->handler
#define Stack_parent(stk) (stk)->handler->parent

struct caml_state {
    int id;
    struct stack_info *current_stack;
    char *exn_handler;
    struct stack_info **stack_cache;
};

extern struct caml_state *Caml_state;
extern uintnat caml_max_stack_wsize, caml_fiber_wsz;

uintnat caml_get_init_stack_wsize(void);
void caml_change_max_stack_size(uintnat new_max_wsize);
struct stack_info *caml_alloc_stack(void);
struct stack_info *caml_alloc_main_stack(uintnat wsize);
int caml_try_realloc_stack(uintnat required_space);
void caml_free_stack(struct stack_info *stack);
void caml_raise_out_of_memory(void);

#endif
