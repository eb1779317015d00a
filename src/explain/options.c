/* options.c: the command line of `contig explain`.  ERR-6. */
#include "src/command/arguments.h"
#include "src/command/output.h"
#include "src/explain/explain.h"

int explain_options(int argc, char **argv, bool *all)
{
    const struct option_form forms[] = {{.name = "list", .kind = OPTION_FLAG, .place = all}};
    *all = false;
    int operands = arguments_take(argc, argv, forms, 1);
    if (operands < 0 || operands == (*all ? 0 : 1))
        return operands;
    if (*all || operands > 1)
        complain("explain: one name too many: %s", argv[*all ? 1 : 2]);
    else
        complain("explain: the name of a requirement or a function is missing; contig explain --help says more");
    return ARGUMENTS_WRONG;
}
