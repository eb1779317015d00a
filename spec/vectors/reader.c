/* reader.c: reads the JSON of the vectors.  Called by checker.c. */
#include "spec/vectors/reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NODES (1u << 20)
#define MOST_BYTES (8u << 20)

static struct node *nodes;
static uint32_t num_nodes;
static const char *at;
static const char *file_name;

void fail(const char *what, const char *where)
{
    fprintf(stderr, "checker: %s: %s near: %.40s\n", file_name, what, where);
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
        fail("a string that is not plain", *text);
    *length = (size_t)(at++ - *text);
}

static void parse_members(struct node *parent, char end)
{
    struct node **link = &parent->first;
    const char *key = NULL;
    size_t key_length = 0;

    for (at++, skip_space(); *at != end; skip_space()) {
        if (end == '}') {
            if (*at != '"')
                fail("a name is missing", at);
            parse_string(&key, &key_length);
            skip_space();
            if (*at++ != ':')
                fail("a colon is missing", at - 1);
        }
        *link = parse();
        (*link)->key = key;
        (*link)->key_length = key_length;
        link = &(*link)->next;
        skip_space();
        if (*at == ',')
            at++;
        else if (*at != end)
            fail("a comma is missing", at);
        skip_space();
    }
    at++;
}

static struct node *parse(void)
{
    if (num_nodes == MOST_NODES)
        fail("too many values", at);
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
        if (at == node->text)
            fail("a value is missing", at);
    }
    node->length = (size_t)(at - node->text);
    return node;
}

const struct node *member(const struct node *object, const char *key)
{
    for (const struct node *one = object->first; one != NULL; one = one->next)
        if (one->key_length == strlen(key) && memcmp(one->key, key, one->key_length) == 0)
            return one;
    return NULL;
}

const struct node *need(const struct node *object, const char *key)
{
    const struct node *one = member(object, key);
    if (one != NULL)
        return one;
    char what[80];
    snprintf(what, sizeof what, "'%s' is missing", key);
    fail(what, object->text);
}

uint64_t number_of(const struct node *node)
{
    char *end;
    uint64_t value = strtoull(node->text, &end, 0);
    if (end != node->text + node->length)
        fail("a number that cannot be read", node->text);
    return value;
}

uint64_t number(const struct node *object, const char *key)
{
    return number_of(need(object, key));
}

int is_text(const struct node *node, const char *text)
{
    return node->length == strlen(text) && memcmp(node->text, text, node->length) == 0;
}

static void read_file(char *text)
{
    FILE *file = fopen(file_name, "rb");
    if (file == NULL) {
        fprintf(stderr, "checker: %s: %s\n", file_name, strerror(errno));
        exit(2);
    }
    size_t length = fread(text, 1, MOST_BYTES, file);
    text[length < MOST_BYTES ? length : 0] = 0;
    if (ferror(file) || length == MOST_BYTES || strlen(text) != length)
        fail("a folder, a file above 8 MiB, or one with a zero byte", "");
    fclose(file);
}

const struct node *read_json(const char *name)
{
    static char text[MOST_BYTES + 1];

    file_name = name;
    read_file(text);
    if (nodes == NULL)
        nodes = malloc(MOST_NODES * sizeof *nodes);
    if (nodes == NULL)
        fail("no memory for the values", "");
    at = text;
    num_nodes = 0;
    return parse();
}
