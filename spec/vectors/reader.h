/* reader.h: the JSON of the vectors, as values that point into its text.
 *
 * A file that cannot be read, or that lacks what is asked for, ends the program with a sentence and status 2. */
#ifndef CONTIG_VECTORS_READER_H
#define CONTIG_VECTORS_READER_H

#include <stddef.h>
#include <stdint.h>

/* A JSON value: its text, and for arrays and objects its members in order, keys included. */
struct node {
    const char *text;
    size_t length;
    const char *key;
    size_t key_length;
    struct node *first;
    struct node *next;
};

/* The value that a file holds; it stays until the next is read. */
const struct node *read_json(const char *name);

/* Says what is wrong with the file, and the text where it is; ends. */
_Noreturn void fail(const char *what, const char *where);

const struct node *member(const struct node *object, const char *key); /* NULL: none */
const struct node *need(const struct node *object, const char *key);
uint64_t number_of(const struct node *node); /* decimal, or a string in hexadecimal */
uint64_t number(const struct node *object, const char *key);
int is_text(const struct node *node, const char *text);

#endif
