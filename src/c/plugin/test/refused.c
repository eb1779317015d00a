/* refused.c: each function that follows a comment "refused" is refused by the plugin, with that sentence.
 *
 * Read by plugin_test.py, which compiles it and compares each line of clang's errors. */
struct big {
    long words[70];
};

long callee(int count, ...);
register long stack_pointer __asm__("rsp");

/* refused: reads_register: a register variable names the stack pointer or rbp; remove it */
long reads_register(void)
{
    return stack_pointer;
}

/* refused: moves_stack_pointer: inline assembly names the stack pointer or rbp; write it without, or keep the function
 * on the system stack */
long moves_stack_pointer(void)
{
    long sp;
    __asm__ volatile("mov %%rsp, %0" : "=r"(sp));
    return sp;
}

/* refused: clobbers_frame_pointer: inline assembly names the stack pointer or rbp; write it without, or keep the
 * function on the system stack */
void clobbers_frame_pointer(void)
{
    __asm__ volatile("" : : : "rbp");
}

/* refused: bare: a naked function has no check of the stack; write it in a file of assembly with the macros of frame.h
 */
__attribute__((naked)) void bare(void)
{
    __asm__("ret");
}

/* refused: many_arguments: a call of a variadic function passes 560 bytes on the stack, and at most 512 are copied;
 * pass fewer arguments, or a pointer to them */
long many_arguments(struct big big)
{
    return callee(1, big);
}

/* refused: has_chain: it passes a static chain, whose register the check of the stack uses; pass an ordinary argument
 */
long has_chain(long (*function)(long))
{
    return __builtin_call_with_static_chain(function(1), &callee);
}

/* refused: walks_frames: it reads the return address of a caller by frame pointers, which there are none of; use
 * level 0 */
void *walks_frames(void)
{
    return __builtin_return_address(1);
}

/* refused: takes_frame: it takes the address of its frame, which moves; keep such code on the system stack */
void *takes_frame(void)
{
    return __builtin_frame_address(0);
}

static void *saved[5];

/* refused: jumps: __builtin_setjmp and __builtin_longjmp keep addresses of the stack; use setjmp and longjmp */
void jumps(void)
{
    __builtin_longjmp(saved, 1);
}

/* refused: preserves: its calling convention is not C's, and morestack does not keep its registers; remove the
 * attribute */
__attribute__((preserve_most)) long preserves(long a)
{
    return a + callee(0);
}

/* refused: calls_preserving: it calls a function with another calling convention than C's, whose registers morestack
 * does not keep; remove the attribute */
long calls_preserving(long a)
{
    return preserves(a) + 1;
}

/* refused: windows: its calling convention is not C's, and morestack does not keep its registers; remove the
 * attribute */
__attribute__((ms_abi)) long windows(long a)
{
    return a + 1;
}

typedef float wide __attribute__((vector_size(32)));

/* refused: takes_wide: an argument is a vector of more than 128 bits, and morestack keeps 128; pass a pointer to it */
float takes_wide(wide a)
{
    return a[1];
}

/* Nothing is wrong with these. */
void *level_zero(void)
{
    return __builtin_return_address(0);
}

long pushes(long a)
{
    __asm__ volatile("bswap %0" : "+r"(a));
    return a;
}
