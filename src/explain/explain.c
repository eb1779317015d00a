/* explain.c: looks a name up in the table and prints its text; a family, or no name at all, gives a list. */
#include "src/explain/explain.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "src/command/arguments.h"
#include "src/command/output.h"
#include "src/explain/explain_data.h"

#define EXIT_NOT_FOUND 1

static int usage(void)
{
    fputs("usage: contig explain REQUIREMENT | FAMILY | FUNCTION\n\n"
                 "  contig explain COPY-2      the requirement, and every predicate, contract, proof, test and bug that names it\n"
                 "  contig explain COPY        the requirements of a chapter, one a line\n"
                 "  contig explain copystack   a function of the core: its contract, and what it is required to do\n"
                 "  contig explain --list      every requirement and function\n\n"
          "Exit status: 0 printed, 1 there is no such name, 2 wrong use.\n", stdout);
    return EXIT_OK;
}

static bool same_word(const char *a, const char *b)
{
    while (*a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

static bool is_requirement(const char *name)
{
    return isupper((unsigned char)name[0]) && strchr(name, '-') != NULL;
}

static bool in_family(const char *name, const char *family)
{
    size_t length = strlen(family);
    for (size_t i = 0; i < length; i++)
        if (toupper((unsigned char)family[i]) != name[i])
            return false;
    return name[length] == '-' && is_requirement(name);
}

static void print_first_line(const struct explanation *one)
{
    printf("%.*s\n", (int)strcspn(one->text, "\n"), one->text);
}

/* The requirements of a family, or with a null pointer everything; how many. */
static unsigned list(const char *family)
{
    unsigned found = 0;
    for (unsigned i = 0; i < explanation_count; i++) {
        if (family == NULL || in_family(explanations[i].name, family)) {
            print_first_line(&explanations[i]);
            found++;
        }
    }
    return found;
}

static int explain(const char *name)
{
    for (unsigned i = 0; i < explanation_count; i++) {
        if (same_word(name, explanations[i].name)) {
            fputs(explanations[i].text, stdout);
            return 0;
        }
    }
    if (list(name) != 0)
        return 0;
    complain("explain: there is no requirement and no function of the core that is called %s; contig explain --list names them",
             name);
    return EXIT_NOT_FOUND;
}

int explain_main(int argc, char **argv)
{
    bool all;
    int operands = explain_options(argc, argv, &all);
    if (operands < 0)
        return operands == ARGUMENTS_HELP ? usage() : EXIT_USE;
    if (!all)
        return explain(argv[1]);
    list(NULL);
    return EXIT_OK;
}
