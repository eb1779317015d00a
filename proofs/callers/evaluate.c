/* evaluate.c: questions about memory, and what happens when a clause does not hold.
 *
 * One thread calls the core.  Called by the generated wrappers. */
#define _DEFAULT_SOURCE
#include "proofs/callers/evaluate.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of the calls of a process, the first 2 * ALWAYS, and ALWAYS more whenever their number doubles. */
#define ALWAYS 128u

/* AddressSanitizer's, if the program has it. */
void *__asan_region_is_poisoned(void *begin, size_t size) __attribute__((weak));

static struct contract_clause *current;
static const char *call_file;
static int call_line;
static struct contract_clause *first_clause;
static struct contract_count *everywhere; /* in the file of counts, or NULL */

struct contract_place contract_stretch(const void *base, whole first, whole last,
                                       size_t element_bytes)
{
    whole start = (whole)(uintptr_t)base;
    return (struct contract_place){start + first * (whole)element_bytes,
                                   start + (last + 1) * (whole)element_bytes};
}

struct contract_place contract_object(const void *object, size_t bytes)
{
    return contract_stretch(object, 0, (whole)bytes - 1, 1);
}

struct contract_place contract_both(struct contract_place a, struct contract_place b)
{
    if (a.to <= a.from)
        return b;
    if (b.to <= b.from)
        return a;
    return (struct contract_place){a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to};
}

bool contract_apart(const struct contract_place *places, int count)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            if (places[i].from < places[j].to && places[j].from < places[i].to &&
                places[i].from < places[i].to && places[j].from < places[j].to)
                return false;
    return true;
}

/* msync does nothing to memory with MS_ASYNC but to refuse a range that is not mapped. */
bool contract_mapped(struct contract_place place)
{
    whole page = sysconf(_SC_PAGESIZE);
    if (place.to <= place.from)
        return true;
    if (place.from < page || place.to > (whole)UINTPTR_MAX)
        return false;
    uintptr_t from = (uintptr_t)(place.from / page * page);
    size_t bytes = (size_t)(place.to - (whole)from);
    if (msync((void *)from, bytes, MS_ASYNC) != 0)
        return false;
    return __asan_region_is_poisoned == NULL ||
           __asan_region_is_poisoned((void *)(uintptr_t)place.from,
                                     (size_t)(place.to - place.from)) == NULL;
}

static _Noreturn void violated(const char *how)
{
    fprintf(stderr, "%s:%d: contract violated: %s, %s: %s%s\n", call_file, call_line,
            current->function, current->label, current->text, how);
    signal(SIGABRT, SIG_DFL);
    abort();
}

whole contract_fits(whole value, whole least, whole most)
{
    if (value < least || value > most)
        violated(" (an argument is out of the range of the function that decides it)");
    return value;
}

bool contract_due(struct contract_clause *clause)
{
    uint64_t call = clause->here.evaluated + clause->here.passed_over, interval = 1;
    while (call / interval >= 2 * ALWAYS)
        interval *= 2;
    if (call % interval == 0)
        return true;
    clause->here.passed_over++;
    if (everywhere != NULL)
        everywhere[clause - first_clause].passed_over++;
    return false;
}

void contract_begin(struct contract_clause *clause, const char *file, int line)
{
    current = clause;
    call_file = file;
    call_line = line;
    clause->here.evaluated++;
    if (everywhere != NULL)
        everywhere[clause - first_clause].evaluated++;
}

void contract_end(bool holds)
{
    if (!holds)
        violated("");
}

void contract_start(struct contract_clause *clauses, size_t count)
{
    const char *name = getenv("CONTIG_CALLERS_COUNTS");
    first_clause = clauses;
    if (name == NULL)
        return;
    int file = open(name, O_RDWR);
    void *mapping = file < 0 ? MAP_FAILED
                             : mmap(NULL, count * sizeof *everywhere, PROT_READ | PROT_WRITE,
                                    MAP_SHARED, file, 0);
    if (mapping == MAP_FAILED) {
        perror(name);
        exit(1);
    }
    close(file);
    everywhere = mapping;
}
