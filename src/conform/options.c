/* options.c: the command line of `contig conform`.  ERR-6. */
#include "src/command/arguments.h"
#include "src/command/output.h"
#include "src/conform/conform.h"

int conform_options(int argc, char **argv, struct conform_request *request)
{
    const char *profile = NULL;
    *request = (struct conform_request){.memory_mebibytes = REPLAY_MEMORY_MIB};
    const struct option_form forms[] = {
        {.name = "exact", .kind = OPTION_FLAG, .place = &request->exact},
        {.name = "moves", .kind = OPTION_FLAG, .place = &request->moves},
        {.name = "json", .kind = OPTION_FLAG, .place = &request->json},
        {.name = "profile", .kind = OPTION_TEXT, .place = &profile},
        {.name = "memory",
         .kind = OPTION_NUMBER,
         .place = &request->memory_mebibytes,
         .least = 1,
         .most = 1u << 20},
    };
    int operands = arguments_take(argc, argv, forms, sizeof forms / sizeof *forms);
    if (operands >= 0 && profile != NULL && (request->profile = profile_named(profile)) == NULL) {
        char names[TRACE_PROFILE_NAMES_BYTES];
        profile_names(names);
        complain("conform: there is no profile %s; there are %s", profile, names);
        return ARGUMENTS_WRONG;
    }
    if (operands >= 0 && request->exact && request->profile != NULL && !request->profile->pools) {
        complain(
            "conform: --exact cannot be had with profile %s: without pools no address is predicted",
            profile);
        return ARGUMENTS_WRONG;
    }
    return operands;
}
