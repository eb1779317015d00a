/* faults_test.c: single faults in the moves of a real trace are reported.
 *
 * faults_test [--seed=N] [--faults=N] [--least=N] TRACE injects one random fault in a line of a move:
 * a word after it, a bit of a map, a frame left out, a new stack that is elsewhere, a record left out or changed, a
 * register changed.  Fails if fewer than LEAST (99) of 100 are reported; prints each that is not, for README.md to
 * explain.
 *
 * COPY-1 COPY-2 COPY-3 COPY-5 OUTSIDE-1 OUTSIDE-2 OUTSIDE-4 SITE-2 UNWIND-1. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/conform/moves/moves.h"
#include "src/conform/test/lines.h"

#define MEMORY_BYTES (UINT64_C(1) << 30)

/* The last one is for traces with deferred calls or channels. */
enum fault {
    FAULT_WORD,
    FAULT_MAP,
    FAULT_FRAME,
    FAULT_PLACE,
    FAULT_REGISTER,
    FAULT_RECORD,
    NUM_FAULTS
};
static const char *const fault_names[NUM_FAULTS] = {
    "a word after the move", "a bit of a map", "a frame left out",
    "another new stack",     "a register",     "a record",
};

/* What is replayed in place of lines first .. first + count - 1. */
static struct {
    size_t first, count;
    char text[MAX_LINE];
} change;

/* The trace is one of profile plain: its header says so. */
static bool plain;

static bool any_line(const char *line)
{
    (void)line;
    return true;
}

/* Replays the trace with the change; true if it conforms. */
static bool conforms(char *requirement, size_t room)
{
    struct replay *replay = replay_new(NULL, !plain, MEMORY_BYTES);
    struct moves *moves = moves_new(MEMORY_BYTES);
    bool going = replay != NULL && moves != NULL;

    if (going)
        replay_judge_moves(replay, moves_judge, moves);
    for (size_t i = 0; going && i < num_lines; i++) {
        bool changed = i >= change.first && i < change.first + change.count;
        const char *line = changed && i == change.first ? change.text : lines[i];
        if (!changed || (i == change.first && change.text[0] != 0))
            going = replay_line(replay, line, strlen(line));
    }
    struct replay_verdict verdict = replay_verdict(replay);
    snprintf(requirement, room, "%s",
             verdict.status == REPLAY_DEVIATES ? verdict.requirement : verdict.expected);
    moves_free(moves);
    replay_free(replay);
    return going;
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* The n-th character of the line that satisfies the set, or NULL. */
static char *nth_of(char *line, const char *set, uint64_t n)
{
    char *at = strpbrk(line, set);
    for (; at != NULL && n > 0; n--)
        at = strpbrk(at + 1, set);
    return at;
}

static uint64_t count_of(char *line, const char *set)
{
    uint64_t count = 0;
    while (nth_of(line, set, count) != NULL)
        count++;
    return count;
}

static void put_text(char *at, const char *text, const char *behind)
{
    char rest[MAX_LINE];
    snprintf(rest, sizeof rest, "%s", behind);
    snprintf(at, MAX_LINE - (size_t)(at - change.text), "%s%s", text, rest);
}

/* A bit of a word after the move, or its distance to the old stack. */
static bool change_word(char *line)
{
    uint64_t parts = count_of(line, " ");
    if (!begins(line, "@words ") || parts < 3)
        return false;
    char *at = nth_of(line, " ", 1 + next_random(parts - 2)) + 1, *end, text[64];
    if (*at == '+')
        return false;
    uint64_t before = strtoull(at, &end, 16), after = before;
    if (*end == '>')
        after = strtoull(end + 1, &end, 16);
    after ^= UINT64_C(1) << next_random(48);
    snprintf(text, sizeof text, "%" PRIx64 ">%" PRIx64, before, after);
    put_text(at, text, end);
    return true;
}

static bool change_map(char *line)
{
    uint64_t parts = count_of(line, ":");
    if (!begins(line, "@map ") || parts < 2)
        return false;
    char *at = nth_of(line, ":", 1 + next_random(parts - 1)), *colon = nth_of(line, ":", 0);
    int number = 0;
    for (char *k = colon; k < at; k++)
        number += *k == ':';
    uint64_t words = strtoull(nth_of(line, ":", (uint64_t)number - 1) + 1, NULL, 10);
    /* Bits are behind the third colon of each map. */
    if (number % 3 != 2 || words == 0 || strchr("0123456789abcdef", at[1]) == NULL || at[1] == 0)
        return false;
    uint64_t bit = next_random(words < 8 ? words : 8);
    char *digit = at + 1 + (bit < 4), text[2] = {0};
    int value = (*digit <= '9' ? *digit - '0' : *digit - 'a' + 10) ^ 1 << bit % 4;
    text[0] = "0123456789abcdef"[value];
    *digit = text[0];
    return true;
}

/* The frame and the maps behind it. */
static bool drop_frame(size_t at)
{
    if (!begins(lines[at], "@frame "))
        return false;
    change.text[0] = 0;
    while (begins(lines[at + change.count], "@map"))
        change.count++;
    return true;
}

/* A number behind a name, one bit of it changed. */
static bool change_field(char *line, const char *name, unsigned least_bit)
{
    char *at = strstr(line, name), *end, text[32];
    if (at == NULL)
        return false;
    at += strlen(name);
    uint64_t value = strtoull(at, &end, 0) ^ UINT64_C(1) << (least_bit + next_random(20));
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    put_text(at, text, end);
    return true;
}

static bool change_place(char *line)
{
    static const char *const places[] = {"-> [", "[", "] -> ["};
    return begins(line, "@move ") && change_field(line, places[next_random(3)], 11);
}

static bool change_record(char *line)
{
    static const char *const fields[] = {
        "sp=", "varp=", "closure=", "panic=", "link=", "elem=", "vp=", "fd=", "size="};
    if (!begins(line, "@defer") && !begins(line, "@sudog"))
        return false;
    if (next_random(2) != 0)
        return change_field(line, fields[next_random(8)], 3);
    line[0] = 0;
    return true;
}

static bool change_register(char *line)
{
    static const char *const fields[] = {"sp=", "pc=", "bp=", "ctxt=", "defer=", "panic=", "top="};
    return begins(line, "@moved ") && change_field(line, fields[next_random(7)], 3);
}

static bool inject(enum fault fault, size_t at)
{
    change.first = at;
    change.count = 1;
    snprintf(change.text, sizeof change.text, "%s", lines[at]);
    switch (fault) {
    case FAULT_WORD: return change_word(change.text);
    case FAULT_MAP: return change_map(change.text);
    case FAULT_FRAME: return drop_frame(at);
    case FAULT_PLACE: return change_place(change.text);
    case FAULT_REGISTER: return change_register(change.text);
    default: return change_record(change.text);
    }
}

int main(int argc, char **argv)
{
    struct faults_request wanted = {.faults = 1000, .least = 99};
    uint64_t reported = 0;
    char requirement[64];

    read_lines(faults_options(argc, argv, &wanted), any_line);
    plain = num_lines > 0 && strstr(lines[0], " profile=plain ") != NULL;
    if (!conforms(requirement, sizeof requirement)) {
        printf("FAILED: the trace itself does not conform (%s)\n", requirement);
        return 1;
    }
    for (uint64_t i = 0; i < wanted.faults;) {
        enum fault fault = (enum fault)next_random(plain ? FAULT_RECORD : NUM_FAULTS);
        size_t at = (size_t)next_random(num_lines);
        /* The kinds are drawn alike, however many lines each has. */
        while (!inject(fault, at))
            at = (size_t)next_random(num_lines);
        i++;
        if (!conforms(requirement, sizeof requirement))
            reported++;
        else
            printf("not reported: %s, line %zu: %.300s\n   now: %.300s\n", fault_names[fault],
                   at + 1, lines[at], change.text);
    }
    return faults_reported(&wanted, reported);
}
