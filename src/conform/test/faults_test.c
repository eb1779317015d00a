/* faults_test.c: single-line faults in a conforming trace are reported.
 *
 * faults_test [--seed=N] [--faults=N] [--least=N] TRACE injects random faults of five kinds, one at a time: an address
 * changed, a line dropped, two lines swapped, a size doubled, a phase line moved.  Fails if fewer than LEAST (97) of
 * 100 are reported; prints each one that is not, for README.md to explain.  A trace of profile plain is judged by that
 * profile, which has no exact replay, no phases, and no use for the name of a cache. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/conform/replay.h"
#include "src/conform/test/lines.h"

#define MEMORY_BYTES (1u << 30)
#define FARTHEST_MOVE 20

/* The last one is for traces with phases only. */
static const char *const kinds[] = {"address changed", "line dropped", "order swapped",
                                    "size doubled", "phase moved"};
#define NUM_KINDS (sizeof kinds / sizeof kinds[0])

/* The order in which the lines are replayed. */
static char **injected;
static size_t num_injected;

/* The trace has no pools: its header says so. */
static bool plain;

static bool is_event(const char *line)
{
    return line[0] == '@' || strncmp(line, "copystack gp=", 13) == 0 ||
           strncmp(line, "shrinking stack ", 16) == 0;
}

/* Replays what stands in `injected`; true if all of it conforms. */
static bool conforms(char *requirement, size_t room)
{
    struct replay *replay =
        replay_new(profile_named(plain ? "plain" : "1.19"), !plain, MEMORY_BYTES);
    size_t i = 0;

    while (i < num_injected && replay_line(replay, injected[i], strlen(injected[i])))
        i++;
    struct replay_verdict verdict = replay_verdict(replay);
    snprintf(requirement, room, "%s",
             verdict.status == REPLAY_DEVIATES ? verdict.requirement : "unreadable");
    bool result = verdict.status == REPLAY_CONFORMS;
    replay_free(replay);
    return result;
}

/* The next number from there on that is an address (hexadecimal) and is judged, or NULL. */
static char *next_address(char *at)
{
    while ((at = strstr(at, "0x")) != NULL && plain && strncmp(at - 2, "c=", 2) == 0)
        at += 2;
    return at;
}

/* The n-th address of the line, or NULL. */
static char *nth_address(char *line, uint64_t n)
{
    char *at = next_address(line);
    for (; at != NULL && n > 0; n--)
        at = next_address(at + 2);
    return at;
}

static bool change_address(char *line)
{
    uint64_t count = 0;
    while (nth_address(line, count) != NULL)
        count++;
    if (count == 0)
        return false;
    char *at = nth_address(line, next_random(count));
    char *end;
    uint64_t value = strtoull(at, &end, 16) ^ (uint64_t)1 << (3 + next_random(26));
    char behind[MAX_LINE];
    snprintf(behind, sizeof behind, "%s", end);
    snprintf(at, MAX_LINE - (size_t)(at - line), "0x%" PRIx64 "%s", value, behind);
    return true;
}

/* The number of the line that is a size, or NULL. */
static char *find_size(char *line)
{
    static const char *const places[] = {"@alloc ",  "@free ",   "@startsize ", "@large+ ",
                                         "@large- ", "@largeq ", "@largehit ",  "shrinking stack ",
                                         "start=",   "new=",     "old=",        "]/"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char *at = strstr(line, places[i]);
        if (at != NULL)
            return at + strlen(places[i]);
    }
    return NULL;
}

static bool double_size(char *line)
{
    char *at = find_size(line);
    if (at == NULL || !isdigit((unsigned char)*at))
        return false;
    char *end;
    uint64_t value = strtoull(at, &end, 10) * 2;
    char behind[MAX_LINE];
    snprintf(behind, sizeof behind, "%s", end);
    snprintf(at, MAX_LINE - (size_t)(at - line), "%" PRIu64 "%s", value, behind);
    return true;
}

static void drop(size_t at)
{
    memmove(&injected[at], &injected[at + 1], (num_injected - at - 1) * sizeof *injected);
    num_injected--;
}

static bool move_phase(size_t at)
{
    if (strncmp(injected[at], "@phase ", strlen("@phase ")) != 0)
        return false;
    char *line = injected[at];
    size_t distance = 1 + (size_t)next_random(FARTHEST_MOVE);
    size_t target = next_random(2) == 0 ? at + distance : at - distance;
    if (at < distance || target >= num_injected)
        return false;
    drop(at);
    memmove(&injected[target + 1], &injected[target], (num_injected - target) * sizeof *injected);
    injected[target] = line;
    num_injected++;
    return true;
}

/* Injects a fault of that kind at that line, if it can be; changed lines are written to `changed`. */
static bool inject(size_t kind, size_t at, char *changed)
{
    memcpy(injected, lines, num_lines * sizeof *lines);
    num_injected = num_lines;
    strcpy(changed, lines[at]);
    injected[at] = kind == 0 || kind == 3 ? changed : lines[at];
    switch (kind) {
    case 0: return change_address(changed);
    case 1: drop(at); return true;
    case 2:
        if (at + 1 == num_lines || strcmp(lines[at], lines[at + 1]) == 0)
            return false;
        injected[at] = lines[at + 1];
        injected[at + 1] = lines[at];
        return true;
    case 3: return double_size(changed);
    default: return move_phase(at);
    }
}

int main(int argc, char **argv)
{
    struct faults_request wanted = {.faults = 100, .least = 97};
    uint64_t reported = 0;
    char requirement[32];
    char changed[MAX_LINE];

    read_lines(faults_options(argc, argv, &wanted), is_event);
    plain = num_lines > 0 && strstr(lines[0], " profile=plain ") != NULL;
    injected = calloc(num_lines + 1, sizeof *injected);
    memcpy(injected, lines, num_lines * sizeof *lines);
    num_injected = num_lines;
    if (!conforms(requirement, sizeof requirement)) {
        printf("FAILED: the trace itself does not conform (%s)\n", requirement);
        return 1;
    }
    for (uint64_t i = 0; i < wanted.faults;) {
        size_t kind = (size_t)next_random(plain ? NUM_KINDS - 1 : NUM_KINDS);
        size_t at = (size_t)next_random(num_lines);
        if (!inject(kind, at, changed))
            continue;
        i++;
        if (!conforms(requirement, sizeof requirement))
            reported++;
        else
            printf("not reported: %s, line %zu: %s\n   now: %s\n", kinds[kind], at + 1, lines[at],
                   kind == 0 || kind == 3 ? changed
                   : kind == 2            ? lines[at + 1]
                                          : "");
    }
    return faults_reported(&wanted, reported);
}
