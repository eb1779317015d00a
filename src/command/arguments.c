/* arguments.c: see arguments.h. */
#define _GNU_SOURCE /* getopt_long, eaccess */
#include "src/command/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/command/output.h"
#include "src/runtime/number.h"

#define HELP_CODE 256
#define FIRST_CODE 257

bool argument_number(const char *command, const char *what, const char *text, uint64_t least,
                     uint64_t most, uint64_t *number)
{
    if (number_read(text, least, most, number))
        return true;
    complain("%s: %s must be a number from %" PRIu64 " to %" PRIu64 ", not %s", command, what,
             least, most, *text == '\0' ? "the empty word" : text);
    return false;
}

bool argument_readable(const char *command, const char *name)
{
    struct stat status;
    errno = 0;
    if (stat(name, &status) == 0 && S_ISDIR(status.st_mode))
        errno = EISDIR;
    else if (errno == 0 && eaccess(name, R_OK) == 0)
        return true;
    complain("%s: cannot read %s: %s", command, *name == '\0' ? "a file with an empty name" : name,
             strerror(errno));
    return false;
}

static bool value_take(const char *command, const struct option_form *form, const char *value)
{
    char name[64] = "--";
    switch (form->kind) {
    case OPTION_FLAG: *(bool *)form->place = true; return true;
    case OPTION_NUMBER:
        strncat(name, form->name, sizeof name - 3);
        return argument_number(command, name, value, form->least, form->most, form->place);
    case OPTION_TEXT: *(const char **)form->place = value; return true;
    case OPTION_OPTIONAL:
        *(const char **)form->place = value == NULL ? form->otherwise : value;
        return true;
    }
    return false;
}

static void table_make(const struct option_form *forms, size_t count, struct option *table)
{
    static const int has_value[] = {no_argument, required_argument, required_argument,
                                    optional_argument};
    for (size_t i = 0; i < count; i++)
        table[i] =
            (struct option){forms[i].name, has_value[forms[i].kind], NULL, FIRST_CODE + (int)i};
    table[count] = (struct option){"help", no_argument, NULL, HELP_CODE};
    table[count + 1] = (struct option){0};
}

/* getopt_long also takes the beginning of a name, which a new option could make ambiguous. */
static bool in_full(const char *token, const char *name)
{
    return strncmp(token, "--", 2) == 0 && strcspn(token + 2, "=") == strlen(name) &&
           strncmp(token + 2, name, strlen(name)) == 0;
}

static int refuse(const char *command, const char *token, int code)
{
    if (code == ':')
        complain("%s: %s needs a value", command, token);
    else if (optopt >= HELP_CODE)
        complain("%s: %.*s takes no value: %s", command, (int)strcspn(token, "="), token, token);
    else
        complain("%s: unknown option %s; --help names them", command, token);
    return ARGUMENTS_WRONG;
}

/* Takes the token at optind.  Returns 0, ARGUMENTS_WRONG or ARGUMENTS_HELP; 1 after the last option. */
static int token_take(int argc, char **argv, const struct option_form *forms,
                      const struct option *table, int *operands)
{
    char *token = argv[optind == 0 ? 1 : optind];
    optopt = 0;
    int index = 0, code = getopt_long(argc, argv, "-:", table, &index);
    if (code == -1)
        return 1;
    if (code == 1) {
        argv[++*operands] = optarg;
        return 0;
    }
    if (code == '?' || code == ':' || !in_full(token, table[index].name))
        return refuse(argv[0], token, code);
    if (code == HELP_CODE)
        return ARGUMENTS_HELP;
    return value_take(argv[0], &forms[code - FIRST_CODE], optarg) ? 0 : ARGUMENTS_WRONG;
}

int arguments_take(int argc, char **argv, const struct option_form *forms, size_t count)
{
    struct option table[ARGUMENTS_MAX + 1];
    int operands = 0, state = 0;
    table_make(forms, count, table);
    optind = 0;
    if (argc < 1)
        return 0;
    while (state == 0)
        state = token_take(argc, argv, forms, table, &operands);
    if (state != 1)
        return state;
    while (optind < argc)
        argv[++operands] = argv[optind++];
    return operands;
}
