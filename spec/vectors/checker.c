/* checker.c: runs test vectors against a port of the core (port.h) and reports the first difference of each.
 *
 * Usage: checker FILE...  Plain C; reads the JSON itself.  Exit status 0: every vector passed. */
#include "spec/vectors/port.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A JSON value: its text, and for arrays and objects its members in order, keys included. */
struct node {
    const char *text;
    size_t length;
    const char *key;
    size_t key_length;
    struct node *first;
    struct node *next;
};

#define MOST_NODES (1u << 20)
#define STATE_BYTES 8192

static struct node *nodes;
static uint32_t num_nodes;
static const char *at;

static void fail(const char *what)
{
    fprintf(stderr, "checker: %s near: %.40s\n", what, at);
    exit(2);
}

static struct node *parse(void);

static void skip_space(void)
{
    at += strspn(at, " \t\r\n");
}

/* A string, without its quotes; the vectors use no escapes. */
static void parse_string(const char **text, size_t *length)
{
    *text = ++at;
    at = strpbrk(at, "\"\\");
    if (at == NULL || *at != '"')
        fail("a string that is not plain");
    *length = (size_t)(at++ - *text);
}

static void parse_members(struct node *parent, char end)
{
    struct node **link = &parent->first;
    const char *key = NULL;
    size_t key_length = 0;

    for (at++, skip_space(); *at != end; skip_space()) {
        if (end == '}') {
            parse_string(&key, &key_length);
            skip_space();
            if (*at++ != ':')
                fail("a colon is missing");
        }
        *link = parse();
        (*link)->key = key;
        (*link)->key_length = key_length;
        link = &(*link)->next;
        skip_space();
        if (*at == ',')
            at++;
        else if (*at != end)
            fail("a comma is missing");
        skip_space();
    }
    at++;
}

static struct node *parse(void)
{
    if (num_nodes == MOST_NODES)
        fail("too many values");
    struct node *node = &nodes[num_nodes++];
    memset(node, 0, sizeof *node);
    skip_space();
    node->text = at;
    if (*at == '{')
        parse_members(node, '}');
    else if (*at == '[')
        parse_members(node, ']');
    else if (*at == '"') {
        parse_string(&node->text, &node->length);
        return node;
    } else {
        at += strcspn(at, ",]} \t\r\n");
    }
    node->length = (size_t)(at - node->text);
    return node;
}

static const struct node *member(const struct node *object, const char *key)
{
    for (const struct node *one = object->first; one != NULL; one = one->next)
        if (one->key_length == strlen(key) && memcmp(one->key, key, one->key_length) == 0)
            return one;
    return NULL;
}

/* A number, decimal or a string in hexadecimal; 0 if it is not there. */
static uint64_t number(const struct node *object, const char *key)
{
    const struct node *one = member(object, key);
    return one == NULL ? 0 : strtoull(one->text, NULL, 0);
}

static int is_text(const struct node *node, const char *text)
{
    return node != NULL && node->length == strlen(text) && memcmp(node->text, text, node->length) == 0;
}

static void name_step(const struct node *vector, unsigned step, const char *what)
{
    const struct node *name = member(vector, "name");
    printf("%.*s, step %u: %s: ", (int)name->length, name->text, step, what);
}

static int differs(const struct node *vector, unsigned step, const char *what, uint64_t expected, uint64_t found)
{
    name_step(vector, step, what);
    printf("expected %" PRIu64 ", found %" PRIu64 "\n", expected, found);
    return 1;
}

static int status_differs(const struct node *vector, unsigned step, const struct node *where, const char *status)
{
    const struct node *expected = member(where, "status");
    if (is_text(expected, status))
        return 0;
    name_step(vector, step, "status");
    printf("expected %.*s, found %s\n", (int)expected->length, expected->text, status);
    return 1;
}

/* Compares with the port's state; white space in the vector does not matter. */
static int state_differs(const struct node *vector, unsigned step, const struct node *expected)
{
    char found[STATE_BYTES];
    size_t length = 0;

    port_state(found, sizeof found);
    for (size_t i = 0; i < expected->length; i++) {
        if (strchr(" \t\r\n", expected->text[i]) != NULL)
            continue;
        if (found[length++] != expected->text[i]) {
            name_step(vector, step, "state");
            printf("\n  expected %.*s\n  found    %s\n", (int)expected->length, expected->text, found);
            return 1;
        }
    }
    return found[length] != 0;
}

static int run_call(const struct node *vector, unsigned count, const struct node *step)
{
    const struct node *call = member(step, "call");
    int p = (int)number(step, "p");
    uint64_t lo = 0;
    uint64_t size = 0;

    if (is_text(call, "stackalloc"))
        return status_differs(vector, count, step, port_alloc(p, number(step, "bytes"), &lo)) ||
               (lo != number(step, "lo") && differs(vector, count, "lo", number(step, "lo"), lo));
    if (is_text(call, "stackfree"))
        return status_differs(vector, count, step, port_free(p, number(step, "lo"), number(step, "bytes")));
    if (is_text(call, "newstack_size"))
        size = port_grown(number(step, "old"), number(step, "used"), number(step, "frame"), number(step, "maximum"));
    else if (is_text(call, "shrinkstack_size"))
        size = port_shrunk(number(step, "old"), number(step, "used"));
    else if (is_text(call, "stackcache_clear"))
        port_clear(p);
    else if (is_text(call, "freestackspans"))
        port_sweep();
    else if (is_text(call, "gc"))
        port_gc(number(step, "running") != 0);
    else
        fail("a call that this checker does not know");
    return size != number(step, "result") && differs(vector, count, "size", number(step, "result"), size);
}

static int check_steps(const struct node *vector)
{
    unsigned count = 0;

    if (member(vector, "chunks") != NULL)
        port_start(number(vector, "chunks"));
    for (const struct node *step = member(vector, "steps")->first; step != NULL; step = step->next, count++) {
        const struct node *state = member(step, "state");
        if (run_call(vector, count, step) || (state != NULL && state_differs(vector, count, state)))
            return 1;
    }
    return 0;
}

static void read_marks(const struct node *words, uint8_t *marks)
{
    for (const struct node *word = words == NULL ? NULL : words->first; word != NULL; word = word->next)
        marks[strtoull(word->text, NULL, 0) % PORT_MOST_SPAN_WORDS] = 1;
}

static void read_sites(const struct node *vector)
{
    static struct port_site sites[64];
    uint32_t count = 0;

    memset(sites, 0, sizeof sites);
    for (const struct node *one = member(vector, "sites")->first; one != NULL; one = one->next) {
        struct port_site *site = &sites[count++ % 64];
        site->pc = number(one, "pc");
        site->frame_words = (uint32_t)number(one, "frame_words");
        site->span_words = (uint32_t)number(one, "span_words");
        site->bottom = number(one, "bottom") != 0;
        site->has_objects = member(one, "objects") != NULL;
        read_marks(member(one, "live"), site->live);
        read_marks(member(one, "objects"), site->object);
    }
    port_sites(sites, count);
}

/* The words from sp upwards are those of the list. */
static int words_differ(const struct node *vector, unsigned step, const struct node *words, uint64_t sp)
{
    for (const struct node *word = words->first; word != NULL; word = word->next, sp += 8) {
        uint64_t expected = strtoull(word->text, NULL, 0);
        if (port_word(sp) != expected)
            return differs(vector, step, "a word", expected, port_word(sp));
    }
    return 0;
}

static int check_copy(const struct node *vector)
{
    const struct node *before = member(vector, "before");
    const struct node *after = member(vector, "after");
    struct port_goroutine g = {.sp = number(before, "sp"), .pc = number(before, "pc"), .bp = number(before, "bp"),
                               .ctxt = number(before, "ctxt")};

    port_start(number(vector, "chunks"));
    read_sites(vector);
    if (strcmp(port_alloc(0, number(before, "bytes"), &g.lo), "OK") != 0 || g.lo != number(before, "lo"))
        return differs(vector, 0, "lo of the old stack", number(before, "lo"), g.lo);
    g.hi = g.lo + number(before, "bytes");
    uint64_t place = g.sp;
    for (const struct node *word = member(before, "words")->first; word != NULL; word = word->next, place += 8)
        port_set_word(place, strtoull(word->text, NULL, 0));
    if (status_differs(vector, 1, vector, port_copy(&g, number(vector, "new_bytes"))))
        return 1;
    static const char *const names[] = {"lo", "sp", "pc", "bp", "ctxt"};
    const uint64_t found[] = {g.lo, g.sp, g.pc, g.bp, g.ctxt};
    for (unsigned i = 0; i < 5; i++)
        if (found[i] != number(after, names[i]))
            return differs(vector, 1, names[i], number(after, names[i]), found[i]);
    return words_differ(vector, 1, member(after, "words"), g.sp) ||
           state_differs(vector, 1, member(after, "state"));
}

static int check_vector(const void *argument)
{
    const struct node *vector = argument;
    return is_text(member(vector, "kind"), "copy") ? check_copy(vector) : check_steps(vector);
}

static void check_file(const char *name, unsigned *passed, unsigned *failed)
{
    FILE *file = fopen(name, "rb");
    static char text[8u << 20];

    if (file == NULL) {
        perror(name);
        exit(2);
    }
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    at = text;
    num_nodes = 0;
    for (const struct node *vector = member(parse(), "vectors")->first; vector != NULL; vector = vector->next)
        ++*(port_isolated(check_vector, vector) == 0 ? passed : failed);
}

int main(int argc, char **argv)
{
    unsigned passed = 0;
    unsigned failed = 0;

    nodes = malloc(MOST_NODES * sizeof *nodes);
    for (int i = 1; nodes != NULL && i < argc; i++)
        check_file(argv[i], &passed, &failed);
    printf("%u vectors passed, %u failed\n", passed, failed);
    return passed == 0 || failed != 0;
}
