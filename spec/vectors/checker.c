/* checker.c: runs test vectors against a port of the core (port.h) and reports the first difference of each.
 *
 * Usage: checker FILE...  Exit status 0: every vector passed; 1: one did not; 2: a file cannot be read or
 * is no file of vectors. */
#include "spec/vectors/port.h"
#include "spec/vectors/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_BYTES 65536

static void name_step(const struct node *vector, unsigned step, const char *what)
{
    const struct node *name = need(vector, "name");
    printf("%.*s, step %u: %s: ", (int)name->length, name->text, step, what);
}

static int differs(const struct node *vector, unsigned step, const char *what, uint64_t expected,
                   uint64_t found)
{
    if (expected == found)
        return 0;
    name_step(vector, step, what);
    printf("expected %" PRIu64 ", found %" PRIu64 "\n", expected, found);
    return 1;
}

static int text_differs(const struct node *vector, unsigned step, const char *what,
                        const struct node *expected, const char *found)
{
    if (is_text(expected, found))
        return 0;
    name_step(vector, step, what);
    printf("expected %.*s, found %s\n", (int)expected->length, expected->text, found);
    return 1;
}

/* Compares with the port's state; white space in the vector does not matter. */
static int state_differs(const struct node *vector, unsigned step, const struct node *expected)
{
    char found[STATE_BYTES];
    size_t length = 0;
    size_t i = 0;

    port_state(found, sizeof found);
    while (i < expected->length &&
           (strchr(" \t\r\n", expected->text[i]) != NULL || found[length] == expected->text[i]))
        length += strchr(" \t\r\n", expected->text[i++]) == NULL;
    if (i == expected->length && found[length] == 0)
        return 0;
    name_step(vector, step, "state");
    printf("\n  expected %.*s\n  found    %s\n", (int)expected->length, expected->text, found);
    return 1;
}

static void read_marks(const struct node *words, uint8_t *marks)
{
    for (const struct node *word = words->first; word != NULL; word = word->next) {
        uint64_t place = number_of(word);
        if (place >= PORT_MOST_SPAN_WORDS)
            fail("a map that is too long", word->text);
        marks[place] = 1;
    }
}

static const char *append_sites(const struct node *rows)
{
    static struct port_site sites[PORT_MOST_SITES];
    uint32_t count = 0;

    memset(sites, 0, sizeof sites);
    for (const struct node *one = rows->first; one != NULL; one = one->next) {
        if (count == PORT_MOST_SITES)
            fail("too many sites", one->text);
        struct port_site *site = &sites[count++];
        site->pc = number(one, "pc");
        site->frame_words = (uint32_t)number(one, "frame_words");
        site->span_words = (uint32_t)number(one, "span_words");
        site->bottom = number(one, "bottom") != 0;
        site->bare = member(one, "bare") != NULL;
        site->has_objects = member(one, "objects") != NULL;
        read_marks(need(one, "live"), site->live);
        if (site->has_objects)
            read_marks(need(one, "objects"), site->object);
    }
    return port_sites_append(sites, count);
}

static uint32_t read_sudogs(const struct node *list, struct port_sudog *sudogs)
{
    uint32_t count = 0;
    for (const struct node *one = list->first; one != NULL; one = one->next) {
        if (count == PORT_MOST_RECORDS)
            fail("too many sudogs", one->text);
        sudogs[count++] =
            (struct port_sudog){number(one, "vu"), number(one, "vp"), number(one, "size")};
    }
    return count;
}

static uint32_t read_defers(const struct node *list, struct port_defer *defers)
{
    uint32_t count = 0;
    for (const struct node *one = list->first; one != NULL; one = one->next) {
        if (count == PORT_MOST_RECORDS)
            fail("too many deferred calls", one->text);
        defers[count++] = (struct port_defer){
            number(one, "sp"),    number(one, "varp"), number(one, "function"),
            number(one, "panic"), number(one, "link"), number(one, "function_data")};
    }
    return count;
}

/* What a call returned: what it returns is said by its name in the vector. */
struct answer {
    const char *status;
    const char *word;
    uint64_t number;
};

static void call_stackinit(const struct node *step, struct answer *answer)
{
    answer->status = port_init(number(step, "base"), number(step, "bytes"));
}

static void call_stackalloc(const struct node *step, struct answer *answer)
{
    answer->status = port_alloc((int)number(step, "p"), number(step, "bytes"), &answer->number);
}

static void call_stackfree(const struct node *step, struct answer *answer)
{
    answer->status = port_free((int)number(step, "p"), number(step, "lo"), number(step, "bytes"));
}

static void call_is_live_stack(const struct node *step, struct answer *answer)
{
    answer->number = (uint64_t)port_is_live(number(step, "lo"), number(step, "bytes"));
}

static void call_stackcache_clear(const struct node *step, struct answer *answer)
{
    (void)answer;
    port_clear((int)number(step, "p"));
}

static void call_freestackspans(const struct node *step, struct answer *answer)
{
    (void)step;
    (void)answer;
    port_sweep();
}

static void call_gc(const struct node *step, struct answer *answer)
{
    (void)answer;
    port_gc(number(step, "running") != 0);
}

static void call_newstack_size(const struct node *step, struct answer *answer)
{
    answer->number = port_newstack_size(number(step, "old"), number(step, "used"),
                                        number(step, "frame"), number(step, "maximum"));
}

static void call_shrinkstack_size(const struct node *step, struct answer *answer)
{
    answer->number = port_shrinkstack_size(number(step, "old"), number(step, "used"));
}

static void call_starting_stack_size(const struct node *step, struct answer *answer)
{
    answer->number = port_starting_stack_size(number(step, "scanned"), number(step, "stacks"),
                                              number(step, "maximum"));
}

static void call_newstack_step(const struct node *step, struct answer *answer)
{
    answer->word = port_newstack_step(number(step, "guard"), number(step, "asked") != 0);
}

static void call_shrink_step(const struct node *step, struct answer *answer)
{
    answer->word = port_shrink_step(number(step, "off") != 0, number(step, "in_system_call") != 0,
                                    number(step, "async_safe_point") != 0,
                                    number(step, "parking_on_channel") != 0, number(step, "size"),
                                    number(step, "used"));
}

static void call_sgsize(const struct node *step, struct answer *answer)
{
    struct port_sudog sudogs[PORT_MOST_RECORDS];
    uint32_t count = read_sudogs(need(step, "sudogs"), sudogs);
    answer->number = port_sgsize(sudogs, count, number(step, "sp"), number(step, "hi"));
}

static void call_sites_append(const struct node *step, struct answer *answer)
{
    answer->status = append_sites(need(step, "sites"));
}

static void call_sites_truncate(const struct node *step, struct answer *answer)
{
    (void)answer;
    port_sites_truncate((uint32_t)number(step, "count"));
}

static void call_site_find(const struct node *step, struct answer *answer)
{
    answer->number = port_site_find(number(step, "pc"));
}

#define CALL(name, result)         \
    {                              \
#name, result, call_##name \
    }

/* The calls, and the member of a step that holds the number or the word that they return. */
static const struct {
    const char *name;
    const char *result;
    void (*run)(const struct node *step, struct answer *answer);
} calls[] = {
    CALL(stackinit, NULL),
    CALL(stackalloc, "lo"),
    CALL(stackfree, NULL),
    CALL(is_live_stack, "result"),
    CALL(stackcache_clear, NULL),
    CALL(freestackspans, NULL),
    CALL(gc, NULL),
    CALL(newstack_size, "result"),
    CALL(shrinkstack_size, "result"),
    CALL(starting_stack_size, "result"),
    CALL(newstack_step, "result"),
    CALL(shrink_step, "result"),
    CALL(sgsize, "result"),
    CALL(sites_append, NULL),
    CALL(sites_truncate, NULL),
    CALL(site_find, "result"),
};

static int step_differs(const struct node *vector, unsigned count, const struct node *step)
{
    const struct node *name = need(step, "call");
    struct answer answer = {NULL, NULL, 0};
    size_t call = 0;

    while (call < sizeof calls / sizeof calls[0] && !is_text(name, calls[call].name))
        call++;
    if (call == sizeof calls / sizeof calls[0])
        fail("a call that this checker does not know", name->text);
    calls[call].run(step, &answer);
    if (answer.status != NULL &&
        text_differs(vector, count, "status", need(step, "status"), answer.status))
        return 1;
    if (answer.word != NULL)
        return text_differs(vector, count, calls[call].result, need(step, calls[call].result),
                            answer.word);
    return calls[call].result != NULL && differs(vector, count, calls[call].result,
                                                 number(step, calls[call].result), answer.number);
}

static int steps_differ(const struct node *vector)
{
    unsigned count = 0;

    for (const struct node *step = need(vector, "steps")->first; step != NULL;
         step = step->next, count++) {
        const struct node *state = member(step, "state");
        if (step_differs(vector, count, step) ||
            (state != NULL && state_differs(vector, count, state)))
            return 1;
    }
    return 0;
}

/* The words from sp upwards are those of the list. */
static int words_differ(const struct node *vector, const struct node *words, uint64_t sp)
{
    for (const struct node *word = words->first; word != NULL; word = word->next, sp += 8)
        if (differs(vector, 1, "a word", number_of(word), port_word(sp)))
            return 1;
    return 0;
}

static struct port_outside read_outside(const struct node *node)
{
    struct port_outside outside = {.first_defer = number(node, "first_defer"),
                                   .panic = number(node, "panic"),
                                   .stktopsp = number(node, "stktopsp")};
    outside.defers_count = read_defers(need(node, "defers"), outside.defers);
    outside.sudogs_count = read_sudogs(need(node, "sudogs"), outside.sudogs);
    return outside;
}

static int outside_differs(const struct node *vector, const struct node *after,
                           const struct port_outside *found)
{
    struct port_outside expected = read_outside(after);

    if (differs(vector, 1, "first_defer", expected.first_defer, found->first_defer) ||
        differs(vector, 1, "panic", expected.panic, found->panic) ||
        differs(vector, 1, "stktopsp", expected.stktopsp, found->stktopsp))
        return 1;
    if (memcmp(expected.defers, found->defers, sizeof expected.defers) == 0 &&
        memcmp(expected.sudogs, found->sudogs, sizeof expected.sudogs) == 0)
        return 0;
    name_step(vector, 1, "a record outside of the stack");
    printf("expected what the vector says, found another\n");
    return 1;
}

static const char *run_move(const struct node *vector, struct port_goroutine *g,
                            struct port_fault *fault)
{
    const struct node *call = need(vector, "call");
    if (is_text(call, "copystack"))
        return port_copystack(g, number(vector, "new_bytes"), fault);
    if (is_text(call, "growstack"))
        return port_growstack(g, number(vector, "frame"), number(vector, "maximum"),
                              number(vector, "forced") != 0, fault);
    if (is_text(call, "shrinkstack"))
        return port_shrinkstack(g, fault);
    fail("a call that this checker does not know", call->text);
}

/* A fault that the vector does not name must not be written. */
static int fault_differs(const struct node *vector, const struct port_fault *found)
{
    const struct node *expected = member(vector, "fault");
    struct port_fault none = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

    if (expected != NULL)
        none = (struct port_fault){number(expected, "frame"), number(expected, "sp"),
                                   number(expected, "pc")};
    return differs(vector, 1, "frame of the fault", none.frame, found->frame) ||
           differs(vector, 1, "sp of the fault", none.sp, found->sp) ||
           differs(vector, 1, "pc of the fault", none.pc, found->pc);
}

static int stack_differs(const struct node *vector, const struct node *after,
                         const struct port_goroutine *g)
{
    return differs(vector, 1, "lo", number(after, "lo"), g->lo) ||
           differs(vector, 1, "bytes", number(after, "bytes"), g->hi - g->lo) ||
           differs(vector, 1, "sp", number(after, "sp"), g->sp) ||
           differs(vector, 1, "pc", number(after, "pc"), g->pc) ||
           differs(vector, 1, "bp", number(after, "bp"), g->bp) ||
           differs(vector, 1, "ctxt", number(after, "ctxt"), g->ctxt) ||
           words_differ(vector, need(after, "words"), g->sp) ||
           (g->outside != NULL && outside_differs(vector, need(after, "outside"), g->outside));
}

static int move_differs(const struct node *vector)
{
    const struct node *before = need(vector, "before");
    struct port_goroutine g = {.sp = number(before, "sp"),
                               .pc = number(before, "pc"),
                               .bp = number(before, "bp"),
                               .ctxt = number(before, "ctxt")};
    struct port_fault fault = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    struct port_outside outside;
    uint64_t place = g.sp;

    if (number(vector, "chunks") > PORT_MOST_CHUNKS ||
        strcmp(append_sites(need(vector, "sites")), "OK") != 0)
        fail("chunks or sites that no move can have", vector->text);
    if (strcmp(port_alloc(0, number(before, "bytes"), &g.lo), "OK") != 0 ||
        differs(vector, 0, "lo of the old stack", number(before, "lo"), g.lo))
        return 1;
    g.hi = g.lo + number(before, "bytes");
    if (member(before, "outside") != NULL) {
        outside = read_outside(need(before, "outside"));
        g.outside = &outside;
    }
    for (const struct node *word = need(before, "words")->first; word != NULL;
         word = word->next, place += 8)
        port_set_word(place, number_of(word));
    if (text_differs(vector, 1, "status", need(vector, "status"), run_move(vector, &g, &fault)))
        return 1;
    return fault_differs(vector, &fault) || stack_differs(vector, need(vector, "after"), &g) ||
           state_differs(vector, 1, need(vector, "state"));
}

static int vector_differs(const void *argument)
{
    const struct node *vector = argument;

    if (member(vector, "chunks") != NULL &&
        strcmp(port_init(PORT_BASE, number(vector, "chunks") * PORT_CHUNK_BYTES), "OK") != 0)
        fail("chunks of no arena", vector->text);
    return is_text(need(vector, "kind"), "move") ? move_differs(vector) : steps_differ(vector);
}

/* Status 2 of a vector's process: the file cannot be read, as it has said. */
static void check_vector(const struct node *vector, unsigned *passed, unsigned *failed)
{
    int status = port_isolated(vector_differs, vector);
    if (status == 2)
        exit(2);
    ++*(status == 0 ? passed : failed);
}

static void check_file(const char *name, unsigned *passed, unsigned *failed)
{
    for (const struct node *vector = need(read_json(name), "vectors")->first; vector != NULL;
         vector = vector->next)
        check_vector(vector, passed, failed);
}

int main(int argc, char **argv)
{
    unsigned passed = 0;
    unsigned failed = 0;

    for (int i = 1; i < argc; i++)
        check_file(argv[i], &passed, &failed);
    if (passed + failed == 0) {
        fprintf(stderr, "usage: checker FILE... (with test vectors)\n");
        return 2;
    }
    printf("%u vectors passed, %u failed\n", passed, failed);
    return failed != 0;
}
