/* main.c: contig-c-check: is the C of this program fit for goroutine stacks?
 *
 *     contig-c-check PROGRAM...                judges
 *     contig-c-check --table FILE.S PROGRAM    writes the site table, too, if nothing is refused
 *     contig-c-check --verify PROGRAM...       compares the table in the program, too
 *
 * Exit status: 0 if it is; 1 after a sentence for each refusal; 2 for wrong use, or for a file that is no such program.
 * The rules are the requirements of spec/cframe.md. */
#include <errno.h>
#include <string.h>

#include "src/c/check/rules.h"
#include "src/c/check/table.h"
#include "src/command/program.h"

#define USAGE "[--table=FILE.S | --verify] [--quiet] PROGRAM..."

struct request {
    const char *table;
    bool verify, quiet;
};

static int write_table(const char *path, const struct program *program, const struct sites *sites,
                       const struct lines *lines)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return complain("%s cannot be written: %s", path, strerror(errno));
    table_write(out, program, sites, lines);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        return complain("%s cannot be written: %s", path, strerror(errno));
    return EXIT_OK;
}

static int judge(const struct request *request, struct program *program, struct unwind *unwind,
                 const struct lines *lines)
{
    struct sites sites = {0};
    int status = EXIT_OK;
    if (!program_read(program) || !check_functions(program, unwind, &sites))
        status = complain("%s: there is no memory to check it", program->image.path);
    if (status == EXIT_OK && request->verify)
        table_verify(program, &sites);
    if (status == EXIT_OK) {
        size_t refused = refusals_print(&program->refusals, lines);
        if (!request->quiet || refused > 0)
            printf("%zu functions, %zu sites, %zu refusals\n", program->function_count, sites.count,
                   refused);
        if (refused > 0)
            status = EXIT_WRONG;
        else if (request->table != NULL)
            status = write_table(request->table, program, &sites, lines);
    }
    free(sites.rows);
    return status;
}

static int check_one(const struct request *request, const char *path)
{
    struct program program = {0};
    struct unwind unwind = {0};
    struct lines lines = {0};
    int status;
    const char *wrong = image_open(path, &program.image);
    if (wrong == NULL) {
        unwind_open(&unwind, program.image.elf);
        lines_open(&lines, program.image.elf);
        status = judge(request, &program, &unwind, &lines);
    } else {
        status = complain("%s %s", path, wrong);
    }
    program_free(&program);
    lines_close(&lines);
    unwind_close(&unwind);
    image_close(&program.image);
    return status;
}

int main(int argc, char **argv)
{
    struct request request = {0};
    const struct option_form forms[] = {
        {.name = "table", .kind = OPTION_TEXT, .place = &request.table},
        {.name = "verify", .kind = OPTION_FLAG, .place = &request.verify},
        {.name = "quiet", .kind = OPTION_FLAG, .place = &request.quiet},
    };
    char name[] = "contig-c-check";
    output_begin();
    int operands =
        program_arguments(name, USAGE, argc, argv, forms, sizeof forms / sizeof *forms, 1);
    program_files(argv, operands);
    if (request.table != NULL && (operands > 1 || request.verify))
        return output_finish(complain("--table is for one program, and not with --verify"));
    if (!decode_begin())
        return output_finish(complain("the decoders of this machine's libraries cannot start"));
    int status = EXIT_OK;
    for (int i = 1; i <= operands; i++) {
        int one = check_one(&request, argv[i]);
        status = one > status ? one : status;
    }
    decode_end();
    return output_finish(status);
}
