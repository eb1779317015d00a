/* json.c: a parser by recursive descent.  How deep its input may be is not the parser's concern: the stack grows.
 *
 *      json            reads a million arrays inside of each other
 *      json < FILE     reads FILE, if there is anything */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/c/contig_c.h"

struct parser {
    const char *at;
    unsigned long values, depth, deepest;
    const char *wrong; /* what was expected where it stopped; NULL: nothing was wrong */
};

static void value(struct parser *p);

static bool next(struct parser *p, char c)
{
    while (isspace((unsigned char)*p->at))
        p->at++;
    if (*p->at != c)
        return false;
    p->at++;
    return true;
}

static void expect(struct parser *p, char c, const char *what)
{
    if (p->wrong == NULL && !next(p, c))
        p->wrong = what;
}

static void string(struct parser *p)
{
    expect(p, '"', "a string");
    while (p->wrong == NULL && *p->at != '"') {
        if (*p->at == '\0')
            p->wrong = "the end of a string";
        else
            p->at += p->at[0] == '\\' && p->at[1] != '\0' ? 2 : 1;
    }
    expect(p, '"', "the end of a string");
}

static void member(struct parser *p)
{
    string(p);
    expect(p, ':', "a colon");
    value(p);
}

/* What stands between two brackets, with commas. */
static void list(struct parser *p, char end, void (*item)(struct parser *))
{
    p->depth++;
    if (p->depth > p->deepest)
        p->deepest = p->depth;
    if (!next(p, end)) {
        do
            item(p);
        while (p->wrong == NULL && next(p, ','));
        expect(p, end, "a comma or the end");
    }
    p->depth--;
}

static void word_or_number(struct parser *p)
{
    static const char *const words[] = {"true", "false", "null"};
    char *end;
    for (int i = 0; i < 3; i++)
        if (strncmp(p->at, words[i], strlen(words[i])) == 0) {
            p->at += strlen(words[i]);
            return;
        }
    strtod(p->at, &end);
    if (end == p->at)
        p->wrong = "a value";
    p->at = end;
}

static void value(struct parser *p)
{
    if (p->wrong != NULL)
        return;
    p->values++;
    if (next(p, '['))
        list(p, ']', value);
    else if (next(p, '{'))
        list(p, '}', member);
    else if (*p->at == '"')
        string(p);
    else
        word_or_number(p);
}

static char *input(void)
{
    size_t size = 0, room = 4000000;
    char *text = malloc(room + 1);
    while (text != NULL && !isatty(0)) {
        size_t got = fread(text + size, 1, room - size, stdin);
        size += got;
        if (got == 0)
            break;
        if (size == room)
            text = realloc(text, (room *= 2) + 1);
    }
    if (text != NULL && size == 0) {
        memset(text, '[', 1000000);
        memset(text + 1000000, ']', 1000000);
        size = 2000000;
    }
    if (text != NULL)
        text[size] = '\0';
    return text;
}

int main(void)
{
    struct contig_c_statistics stack;
    struct parser p = {.at = input()};
    if (p.at == NULL)
        return 2;
    value(&p);
    next(&p, '\0');
    contig_c_read_statistics(contig_c_self(), &stack);
    if (p.wrong != NULL)
        printf("expected %s before '%.20s'\n", p.wrong, p.at);
    printf("%lu values, %lu deep, on a stack of %lu bytes\n", p.values, p.deepest,
           (unsigned long)stack.stack_bytes);
    return p.wrong != NULL;
}
