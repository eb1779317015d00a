/* fiber.c: a runtime of fibers alone, written for ocaml_trace_test.py: it has the functions and lines of OCaml's that
 * ci/ocaml_trace looks for, and grows its stacks by the same rules. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caml/fiber.h"

static_assert(sizeof(struct stack_info) % sizeof(value) == 0, "");

uintnat caml_max_stack_wsize = 1 << 12, caml_fiber_wsz = 64;
static int64_t fiber_id;

uintnat caml_get_init_stack_wsize (void)
{
  return 256;
}

void caml_change_max_stack_size (uintnat new_max_wsize)
{
  caml_max_stack_wsize = new_max_wsize;
}

static struct stack_info *stack_of(uintnat wsize, int64_t id)
{
  struct stack_info *stack = malloc(sizeof *stack + wsize * sizeof(value) + 15 + sizeof(struct stack_handler));

  if (stack == NULL)
    return NULL;
  stack->handler = (struct stack_handler *)(((uintnat)(stack + 1) + wsize * sizeof(value) + 15) / 16 * 16);
  stack->sp = stack->handler;
  stack->id = id;
  return stack;
}

struct stack_info *caml_alloc_stack (void)
{
  struct stack_info *stack = stack_of(caml_fiber_wsz, fiber_id++);

  if (!stack) caml_raise_out_of_memory();
  return stack;
}

struct stack_info *caml_alloc_main_stack (uintnat init_wsize)
{
  struct stack_info *stk = stack_of(init_wsize, fiber_id++);

  return stk;
}

/* The chain of exception handlers, linked through the stack. */
static void rewrite(struct stack_info *old_stack, char **link, struct stack_info *new_stack)
{
  while ((char *)Stack_base(old_stack) < *link && *link < (char *)old_stack->handler) {
    *link = (char *)new_stack->handler - ((char *)old_stack->handler - *link);
    link = (char **)*link;
  }
}

int caml_try_realloc_stack(uintnat required_space)
{
  struct stack_info *old_stack = Caml_state->current_stack, *new_stack;
  uintnat stack_used = (uintnat)(Stack_high(old_stack) - (value *)old_stack->sp);
  uintnat wsize = (uintnat)(Stack_high(old_stack) - Stack_base(old_stack)) & ~(uintnat)1;
  uintnat max_stack_wsize = caml_max_stack_wsize;

  do {
    if (wsize >= max_stack_wsize) return 0;
    wsize *= 2;
  } while (wsize < stack_used + required_space);
  new_stack = stack_of(wsize, old_stack->id);
  if (!new_stack) return 0;
  memcpy(Stack_high(new_stack) - stack_used,
         Stack_high(old_stack) - stack_used,
         stack_used * sizeof(value));
  new_stack->sp = Stack_high(new_stack) - stack_used;
  Stack_parent(new_stack) = Stack_parent(old_stack);
  rewrite(old_stack, &Caml_state->exn_handler, new_stack);
  caml_free_stack(old_stack);
  Caml_state->current_stack = new_stack;
  return 1;
}

void caml_free_stack (struct stack_info* stack)
{
  struct stack_info** cache = Caml_state->stack_cache;

  (void)cache;
  free(stack);
}
