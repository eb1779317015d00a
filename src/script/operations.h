/* operations.h: the one table of what a script can say, in text and in bytes.
 *
 * A script is a list of operations.  Those after `func` or `bare` are the body of a function, compiled to machine code
 * by src/frames; those after `main`, or before the first function, are done by the scheduler, one after the other
 * (`main` ends the functions, and stands after one).  A line holds one operation or none; what follows a # is a
 * comment:
 *
 *      func frame 96 args pi             # f0; two words of arguments: a pointer and an integer
 *        ptr slot 3 -> slot 7
 *        call f0 depth 40
 *        check slot 3
 *      main
 *        go f0
 *        move
 *        run
 *
 * A `bare` function has frames as compiled C has them: no frame pointer is saved, rbp is data like any other register,
 * and no word is a pointer.  What would make a pointer there makes an integer of the same value.  What needs a pointer
 * (`follow`, `store`, `link`, `wait`, `defer`, a slot of the frame for a channel) is left out.
 *
 * In bytes an operation is a record of four: its number in the table, then its operands.  Any bytes are a script:
 * every byte is taken modulo what it can be, and an operation that has no meaning where it stands is left out.
 * What was read is canonical: script_to_bytes gives bytes that mean the same, and text and bytes of it are each
 * other's inverse.  Called by the compiler, the runner, the fuzz targets and their mutators, and `contig replay`. */
#ifndef CONTIG_SCRIPT_OPERATIONS_H
#define CONTIG_SCRIPT_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The columns: name of the constant, the text form, where it may stand.  Operands in the text:
 *   %f function: f and the number of its `func`       %g goroutine: g0 is the first of the script
 *   %s slot of the frame       %a argument, or number of arguments     %v integer 0..255        %n count 0..255
 *   %z frame bytes (2 bytes)   %p kinds of arguments  %m stack size            %o odd word
 *   %c channel: c0 is the first of the script; `nil`   %e slot whose word is sent, or which receives one
 * `beside` is a slot outside of the stack: the word that ends where the goroutine's stack begins.
 * The cases of a `select` are those that stand between it and the one before it; without a case it is left out.
 * New operations are added at the end, so that recorded scripts keep their meaning. */
#define SCRIPT_OPERATIONS(OPERATION)                              \
    OPERATION(FUNC, "func frame %z args %p", ANYWHERE)            \
    OPERATION(MAIN, "main", ANYWHERE)                             \
    OPERATION(SET, "set slot %s = %v", BODY)                      \
    OPERATION(LOOKALIKE, "lookalike slot %s", BODY)               \
    OPERATION(PTR, "ptr slot %s -> slot %s", BODY)                \
    OPERATION(PTR_ARG, "ptr slot %s -> arg %a", BODY)             \
    OPERATION(ODD, "odd slot %s = %o", BODY)                      \
    OPERATION(OBJECT, "object slot %s -> slot %s", BODY)          \
    OPERATION(STALE, "stale slot %s", BODY)                       \
    OPERATION(COPY, "copy slot %s <- slot %s", BODY)              \
    OPERATION(COPY_ARG, "copy slot %s <- arg %a", BODY)           \
    OPERATION(FOLLOW, "follow slot %s <- through slot %s", BODY)  \
    OPERATION(STORE, "store %v through slot %s", BODY)            \
    OPERATION(LINK, "link slot %s through slot %s", BODY)         \
    OPERATION(CHECK, "check slot %s", BODY)                       \
    OPERATION(LEAF, "leaf", BODY)                                 \
    OPERATION(CALL, "call %f depth %n", BODY)                     \
    OPERATION(YIELD, "yield", BODY)                               \
    OPERATION(PARK, "park", BODY)                                 \
    OPERATION(WAIT, "wait slot %s", BODY)                         \
    OPERATION(EXIT, "exit", BODY)                                 \
    OPERATION(THROW, "throw", BODY)                               \
    OPERATION(GO, "go %f", ANYWHERE)                              \
    OPERATION(WAKE, "wake %g", ANYWHERE)                          \
    OPERATION(SEND, "send %v to %g", ANYWHERE)                    \
    OPERATION(GC, "gc", ANYWHERE)                                 \
    OPERATION(SHRINK, "shrink %g", ANYWHERE)                      \
    OPERATION(MOVE, "move", ANYWHERE)                             \
    OPERATION(PREEMPT, "preempt", ANYWHERE)                       \
    OPERATION(MOVE_EVERY, "move every %n", ANYWHERE)              \
    OPERATION(PREEMPT_EVERY, "preempt every %n", ANYWHERE)        \
    OPERATION(LIMIT, "limit %m", ANYWHERE)                        \
    OPERATION(OOM, "oom after %n", ANYWHERE)                      \
    OPERATION(MEMORY, "memory again", ANYWHERE)                   \
    OPERATION(PIN, "pin %g", ANYWHERE)                            \
    OPERATION(UNPIN, "unpin %g", ANYWHERE)                        \
    OPERATION(FLUSH, "flush caches", ANYWHERE)                    \
    OPERATION(TRACE, "trace %g", ANYWHERE)                        \
    OPERATION(AUDIT, "audit", ANYWHERE)                           \
    OPERATION(STEP, "step", MAIN_ONLY)                            \
    OPERATION(RUN, "run", MAIN_ONLY)                              \
    OPERATION(DEFER, "defer slot %s", BODY)                       \
    OPERATION(DEFER_HERE, "defer slot %s in slot %s", BODY)       \
    OPERATION(CHAN, "chan of %n", ANYWHERE)                       \
    OPERATION(CHAN_SEND, "send slot %e to %c", BODY)              \
    OPERATION(CHAN_RECEIVE, "receive slot %e from %c", BODY)      \
    OPERATION(CHAN_CLOSE, "close %c", ANYWHERE)                   \
    OPERATION(CASE_SEND, "case send slot %e to %c", BODY)         \
    OPERATION(CASE_RECEIVE, "case receive slot %e from %c", BODY) \
    OPERATION(SELECT, "select", BODY)                             \
    OPERATION(SELECT_DEFAULT, "select or go on", BODY)            \
    OPERATION(BARE, "bare frame %z args %a", ANYWHERE)

enum operation_place { ANYWHERE, BODY, MAIN_ONLY };

enum operation_code {
#define OPERATION(name, text, place) OPERATION_##name,
    SCRIPT_OPERATIONS(OPERATION)
#undef OPERATION
        OPERATION_COUNT
};

#define OPERATION_BYTES 4u

/* In a file, bytes follow this header, which no text begins with.  Inputs of fuzz targets are bytes without it: there
 * everything is bytes, and a header would only be mutated. */
#define SCRIPT_HEADER "\177contig script 1\n"

#define OPERATION_OPERANDS 3u

struct operation {
    uint8_t code;
    uint8_t operands[OPERATION_OPERANDS];
};

#define SCRIPT_OPERATIONS_MAX 256u
#define SCRIPT_FUNCTIONS_MAX 16u
#define SCRIPT_GOROUTINES_MAX 32u
#define SCRIPT_CHANNELS_MAX 8u

struct script {
    uint32_t count;
    struct operation operations[SCRIPT_OPERATIONS_MAX];
};

/* Any bytes; what is beyond SCRIPT_OPERATIONS_MAX operations is left out. */
void script_from_bytes(struct script *script, const uint8_t *bytes, size_t size);

/* At most OPERATION_BYTES * SCRIPT_OPERATIONS_MAX bytes; returns how many. */
size_t script_to_bytes(const struct script *script, uint8_t *bytes);

/* What is wrong with a text: the line, and what was expected there. */
struct script_error {
    uint32_t line;
    char message[160];
};

bool script_parse(struct script *script, const char *text, size_t size, struct script_error *error);

/* The text, with a final zero; returns its length, which is less than SCRIPT_TEXT_MAX. */
#define SCRIPT_TEXT_MAX (SCRIPT_OPERATIONS_MAX * 64u)
size_t script_print(const struct script *script, char *text);

/* One operation as it stands in the text; `function` is the number of the function that a FUNC makes. */
size_t operation_print(struct operation operation, uint32_t function, char *text, size_t size);

/* How many values an operand can have; 0: the operation has no such operand.  For mutators. */
uint32_t operation_operand_values(enum operation_code code, uint32_t operand);
enum operation_place operation_place(enum operation_code code);
bool operation_begins_function(enum operation_code code);
const char *operation_text(enum operation_code code);

/* What operands stand for. */
uint32_t operand_frame_bytes(const uint8_t *size); /* 16 bytes to 1 MiB; two bytes */
#define ARGUMENT_KINDS_MAX 4u
uint32_t operand_argument_count(uint8_t kinds);
uint32_t operand_argument_pointers(uint8_t kinds); /* bit i: argument i is a pointer */
uint64_t operand_stack_size(uint8_t size);
int32_t operand_odd_word(uint8_t odd);
#define OPERAND_NIL_CHANNEL SCRIPT_CHANNELS_MAX
#define OPERAND_BESIDE 128u

#endif
