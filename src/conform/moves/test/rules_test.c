/* rules_test.c: each thing that a move can get wrong is reported, by its requirement, and each class of words is met.
 *
 * Each case is the one move below with one text in place of another; a case without a requirement conforms, and then
 * the word that the class names must have been counted.  COPY-1..COPY-3 COPY-5 COPY-6 OUTSIDE-1..OUTSIDE-4 SITE-1
 * SITE-2 UNWIND-1 UNWIND-2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/conform/moves/moves.h"
#include "src/conform/test/text.h"

/* A goroutine grows from 2 KiB at 0x104000 to 4 KiB at 0x204000: a function at its entry, its caller with a pointer to
 * a local, goexit.  Words: 0 return address; 1 local, 2 pointer, 3 saved frame pointer, 4 return address; 5 argument, 6
 * to 8 nothing, of the last frame. */
#define BEGINNING                                                                                  \
    "@trace 1 minor=1 profile=1.19\n"                                                              \
    "@refill 0 c=0x7 m=0\n@span+ 0 0x100000 m=0\n@pool- 0 0x107800 m=0\n@pool- 0 0x107000 "        \
    "m=0\n@pool- 0 0x106800 m=0\n"                                                                 \
    "@pool- 0 0x106000 m=0\n@pool- 0 0x105800 m=0\n@pool- 0 0x105000 m=0\n@pool- 0 0x104800 m=0\n" \
    "@pool- 0 0x104000 m=0\n"                                                                      \
    "@alloc 2048 0x104000 c=0x7 m=0\n@go gp=0x1 [0x104000 0x104800] m=0\n"                         \
    "@grow gp=0x1 goid=5 old=2048 sp=0x1047b8 max=200 new=4096 force=false m=0\n"                  \
    "@refill 1 c=0x7 m=0\n@span+ 1 0x200000 m=0\n@pool- 1 0x207000 m=0\n@pool- 1 0x206000 "        \
    "m=0\n@pool- 1 0x205000 m=0\n"                                                                 \
    "@pool- 1 0x204000 m=0\n@alloc 4096 0x204000 c=0x7 m=0\n"                                      \
    "@copy gp=0x1 [0x104000 0x1047b8 0x104800] -> [0x204000 0x204fb8 0x205000] m=0\n"              \
    "@move gp=0x1 [0x104000 0x1047b8 0x104800] -> [0x204000 0x204fb8 0x205000]"
/* The same in a profile without pools: 128 bytes grow to 512. */
#define PLAIN_BEGINNING                                                                    \
    "@trace 1 minor=1 profile=plain\n@alloc 128 0x104780 c=0x0 m=0\n@go gp=0x1 [0x104780 " \
    "0x104800] m=0\n"                                                                      \
    "@grow gp=0x1 goid=5 old=128 sp=0x1047b8 max=200 new=512 force=false m=0\n@alloc 512 " \
    "0x204e00 c=0x0 m=0\n"                                                                 \
    "@copy gp=0x1 [0x104780 0x1047b8 0x104800] -> [0x204e00 0x204fb8 0x205000] m=0\n"      \
    "@move gp=0x1 [0x104780 0x1047b8 0x104800] -> [0x204e00 0x204fb8 0x205000]"
static const char trace[] = BEGINNING
    " pc=0x401000 bp=0x1047d0 ctxt=0x0"
    " defer=0x9000 panic=0x0 top=0x1047e0 chans=false m=0\n"
    "@defer- 0x9000 sp=0x1047c0 varp=0x0 closure=0x1047c0 panic=0x0 link=0x0 fd=0x0 size=0x48 m=0\n"
    "@sudog- 0x9100 elem=0x1047c0 size=0x8 m=0\n"
    "@frame 0x401000 0x1047b8 0x1047b8 0x1047c0 cont=0x401000 m=0 fn=leaf\n"
    "@map m=0\n"
    "@frame 0x402000 0x1047c0 0x1047d0 0x1047e0 cont=0x402000 m=0 fn=main.f\n"
    "@map l:1047c0:2:02 a:1047e0:1:01 m=0\n"
    "@frame 0x403000 0x1047e0 0x1047e0 0x1047e8 cont=0x403000 m=0 fn=runtime.goexit\n"
    "@map m=0\n"
    "@words 0 402000 7 1047c0>204fc0 1047f0>204ff0 403000 1047c8>204fc8 0*3 m=0\n"
    "@defer+ 0x9000 sp=0x204fc0 varp=0x0 closure=0x204fc0 panic=0x0 link=0x0 fd=0x0 size=0x48 m=0\n"
    "@sudog+ 0x9100 elem=0x204fc0 size=0x8 m=0\n"
    "@moved gp=0x1 sp=0x204fb8 pc=0x401000 bp=0x204fd0 ctxt=0x0 defer=0x9000 panic=0x0 "
    "top=0x204fe0 frames=3"
    " written=true m=0\n"
    "@free 2048 0x104000 c=0x7 ph=0 m=0\n";

#define UNREADABLE "unreadable"

static const struct move_case {
    const char *requirement; /* NULL: it conforms */
    int class;               /* then: this class has been met; -1: none in particular */
    const char *from, *to;
    const char *also[16]; /* more texts in pairs, each for the first that is left */
} cases[] = {
    {NULL, WORD_COPIED, "", "", {NULL}},
    {NULL, WORD_RELOCATED, "", "", {NULL}},
    {NULL, WORD_RELOCATED, BEGINNING, PLAIN_BEGINNING, {"2048 0x104000", "128 0x104780"}},
    {NULL,
     WORD_STALE,
     BEGINNING,
     PLAIN_BEGINNING,
     {"2048 0x104000", "128 0x104780", "1047c0>204fc0", "104790>204f90"}},
    /* Below the low end: an address like any other. */
    {NULL,
     WORD_RELOCATED,
     BEGINNING,
     PLAIN_BEGINNING,
     {"2048 0x104000", "128 0x104780", "1047c0>204fc0", "104778"}},
    {"COPY-2",
     -1,
     BEGINNING,
     PLAIN_BEGINNING,
     {"2048 0x104000", "128 0x104780", "1047c0>204fc0", "1047c0>204fc8"}},
    {"COPY-3", -1, BEGINNING, PLAIN_BEGINNING, {"2048 0x104000", "128 0x104780", " 7 ", " 7>8 "}},
    /* Words that are no pointers may look like some; one past the end stays. */
    {NULL, -1, " 7 ", " 1047c0 ", {NULL}},
    {NULL, -1, "1047c0>204fc0", "104800", {NULL}},
    {NULL, -1, "1047c0>204fc0", "1047b8>204fb8", {NULL}},
    {NULL, WORD_UNWRITTEN, " 7 ", " +1 ", {NULL}},
    {NULL, WORD_UNWRITTEN, "0 402000", "0 +1", {NULL}},
    /* The classes. */
    {NULL, WORD_STALE, "1047c0>204fc0", "104100>204900", {NULL}},
    {NULL, WORD_ELSEWHERE, "1047f0>204ff0", "12345678", {NULL}},
    {NULL, WORD_INWARD, "1047f0>204ff0", "1047d0>204fd0", {NULL}},
    {NULL, WORD_INWARD, "1047f0>204ff0", "104100>204900", {NULL}},
    {NULL,
     WORD_DEAD_FRAME,
     "1047f0>204ff0",
     "1047f0",
     {"cont=0x402000", "cont=0x0", "1047c0>204fc0", "1047c0", "1047c8>204fc8", "1047c8",
      "@map l:1047c0:2:02 a:1047e0:1:01", "@map"}},
    {NULL,
     WORD_RELOCATED,
     "profile=1.19",
     "profile=1.27",
     {"cont=0x402000", "cont=0x0", "1047c0>204fc0", "1047c0", "1047c8>204fc8", "1047c8",
      "@map l:1047c0:2:02 a:1047e0:1:01", "@map"}},
    {NULL,
     -1,
     "elem=0x1047c0",
     "elem=0x1047c0 vp=0x1047c0",
     {"elem=0x204fc0", "elem=0x204fc0 vp=0x204fc0"}},
    {NULL,
     WORD_RECORD,
     "@defer- 0x9000",
     "@defer- 0x1047d8",
     {"size=0x48", "size=0x10", "size=0x48", "size=0x10", "@defer+ 0x9000", "@defer+ 0x204fd8",
      "defer=0x9000", "defer=0x1047d8", "defer=0x9000", "defer=0x204fd8", "1:01", "1:"}},
    /* The flags of a record look like a pointer. */
    {NULL,
     -1,
     "@defer- 0x9000",
     "@defer- 0x1047e0",
     {"size=0x48", "size=0x8", "size=0x48", "size=0x8", "@defer+ 0x9000", "@defer+ 0x204fe0",
      "defer=0x9000", "defer=0x1047e0", "defer=0x9000", "defer=0x204fe0", "1:01",
      "1:", "1047c8>204fc8", "1047c8"}},
    {NULL, WORD_SLOT, "chans=false", "chans=true", {" 7 ", " 7>9 "}},
    {NULL, WORD_PROGRAM, "l:1047c0:2:02", "l:1047c0:2:02 g:1047c0:1:", {" 7 ", " 1047f0>204ff0 "}},
    {NULL,
     WORD_OTHER_MAP,
     "@frame 0x401000",
     "@frame 0x403000",
     {"pc=0x401000", "pc=0x403000", "pc=0x401000", "pc=0x403000", "cont=0x401000",
      "cont=0x403000"}},
    {NULL, -1, "bp=0x1047d0", "bp=0x77", {"bp=0x204fd0", "bp=0x77"}},
    {NULL, -1, "ctxt=0x0", "ctxt=0x1047c0", {"bp=0x204fd0 ctxt=0x0", "bp=0x204fd0 ctxt=0x204fc0"}},
    {NULL, -1, "elem=0x204fc0", "elem=0x0", {"chans=false", "chans=true"}},
    {NULL, -1, "written=true", "written=false", {NULL}},
    {NULL, -1, "l:1047c0:2:02 a", "l:1047c0:2:02 o:104000:1:01 a", {NULL}},
    /* The stacks. */
    {"COPY-1", -1, "@move gp=0x1 ", "@move gp=0x2 ", {NULL}},
    {"COPY-1", -1, "0x204fb8 0x205000] pc", "0x204fc0 0x205000] pc", {NULL}},
    {"COPY-1", -1, "0*3", "0*2", {NULL}},
    {"COPY-1", -1, "@moved gp=0x1", "@moved gp=0x2", {NULL}},
    /* Words. */
    {"COPY-2", -1, "1047c0>204fc0", "1047c0", {NULL}},
    {"COPY-2", -1, "1047c0>204fc0", "1047c0>204fc8", {NULL}},
    {"COPY-2", -1, "1047f0>204ff0", "1047f0", {NULL}},
    {"COPY-2", -1, "1047c8>204fc8", "1047c8", {NULL}},
    {"COPY-3", -1, " 7 ", " 7>8 ", {NULL}},
    {"COPY-3", -1, " 7 ", " 1047c0>204fc0 ", {NULL}},
    {"COPY-3", -1, "1047c0>204fc0", "104800>205000", {NULL}},
    {"COPY-3", -1, "l:1047c0:2:02", "l:1047c0:2:", {NULL}},
    {"COPY-2", -1, "1047f0>204ff0", "1047d0", {NULL}},
    {"COPY-3", -1, "1047f0>204ff0", "12345678>0", {NULL}},
    {"COPY-2",
     -1,
     "profile=1.19",
     "profile=1.27",
     {"cont=0x402000", "cont=0x0", "1047f0>204ff0", "1047f0", "1047c0>204fc0", "1047c0",
      "1047c8>204fc8", "1047c8", "@map l:1047c0:2:02 a:1047e0:1:01", "@map"}},
    /* Registers and records. */
    {"COPY-5", -1, "sp=0x204fb8", "sp=0x204fc0", {NULL}},
    {"COPY-5", -1, "0x204fb8 pc=0x401000", "0x204fb8 pc=0x401008", {NULL}},
    {"COPY-5", -1, "bp=0x204fd0", "bp=0x1047d0", {NULL}},
    {"COPY-5", -1, "ctxt=0x0", "ctxt=0x104100", {NULL}},
    {"UNWIND-2", -1, "top=0x204fe0", "top=0x1047e0", {NULL}},
    {"OUTSIDE-1", -1, "@defer+ 0x9000 sp=0x204fc0", "@defer+ 0x9000 sp=0x1047c0", {NULL}},
    {"OUTSIDE-1", -1, "closure=0x204fc0", "closure=0x1047c0", {NULL}},
    {"OUTSIDE-2", -1, "@defer+ 0x9000", "@defer+ 0x9008", {NULL}},
    {"OUTSIDE-2",
     -1,
     "defer=0x9000 panic=0x0 top=0x204fe0",
     "defer=0x0 panic=0x0 top=0x204fe0",
     {NULL}},
    {"OUTSIDE-3", -1, "panic=0x0 top=0x204fe0", "panic=0x8 top=0x204fe0", {NULL}},
    {"OUTSIDE-4", -1, "elem=0x204fc0", "elem=0x1047c0", {NULL}},
    {"OUTSIDE-4",
     -1,
     "elem=0x1047c0",
     "elem=0x1047c0 vp=0x1047c0",
     {"elem=0x204fc0", "elem=0x204fc0 vp=0x1047c0"}},
    {"OUTSIDE-4", -1, "elem=0x1047c0", "elem=0x1047c0 vp=0x1047c0", {NULL}},
    {"OUTSIDE-4", -1, "@sudog+ 0x9100", "@sudog+ 0x9108", {NULL}},
    {"OUTSIDE-4", -1, "@sudog- 0x9100", "@x-none 0x9100", {NULL}},
    {"OUTSIDE-2", -1, "@defer- 0x9000", "@x-none 0x9000", {NULL}},
    {"COPY-6", -1, "closure=0x1047c0", "closure=0x104100", {NULL}},
    /* Frames and maps. */
    {"UNWIND-1", -1, "frames=3", "frames=4", {NULL}},
    {"UNWIND-1", -1, "0x402000 0x1047c0", "0x402000 0x1047c8", {NULL}},
    {"UNWIND-1", -1, "0x402000 0x1047c0 0x1047d0", "0x402000 0x1047c0 0x1047d8", {NULL}},
    {"UNWIND-1", -1, "@frame 0x402000", "@frame 0x402008", {NULL}},
    {"UNWIND-1", -1, "@frame 0x401000", "@frame 0x401008", {NULL}},
    {"SITE-1", -1, "l:1047c0:2:02", "l:1047b0:2:02", {NULL}},
    {"SITE-2",
     -1,
     "@frame 0x401000",
     "@frame 0x403000",
     {"pc=0x401000", "pc=0x403000", "cont=0x401000", "cont=0x403000", "@map m=0",
      "@map a:1047c0:1: m=0"}},
    /* What cannot be read. */
    {UNREADABLE, -1, "@words 0", "@words 1", {NULL}},
    {UNREADABLE, -1, "@words 0 402000", "@words 0 4x2000", {NULL}},
    {UNREADABLE, -1, "0*3", "0*300", {NULL}},
    {UNREADABLE, -1, "0*3 m=0", "0*3", {NULL}},
    {UNREADABLE, -1, "l:1047c0:2:02", "l:1047c0:2:0g", {NULL}},
    {UNREADABLE, -1, "l:1047c0:2:02", "l:1047c0:2:02020202", {NULL}},
    {UNREADABLE, -1, "l:1047c0:2:02", "q:1047c0:2:02", {NULL}},
    {UNREADABLE, -1, "l:1047c0:2:02", "l:1047c1:2:02", {NULL}},
    {UNREADABLE, -1, "l:1047c0:2:02", "l:1047c0:02", {NULL}},
    {UNREADABLE, -1, "@move ", "@x-move ", {NULL}},
    {UNREADABLE, -1, "a:1047e0:1:01 m=0", "a:1047e0:1:01+ m=0", {NULL}},
};

/* One text for another, where it stands first. */
static void replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from), behind[2 * sizeof trace];
    if (at == NULL) {
        printf("there is no '%s'\n", from);
        exit(1);
    }
    snprintf(behind, sizeof behind, "%s", at + strlen(from));
    sprintf(at, "%s%s", to, behind);
}

/* GO-18 GO-19 GO-20 GO-21 GO-22 GO-23: the cases with a class; all others by their requirement. */
static bool passes(const struct move_case *this)
{
    static char text[2 * sizeof trace];
    strcpy(text, trace);
    replace(text, this->from, this->to);
    for (size_t k = 0; k < sizeof this->also / sizeof *this->also && this->also[k] != NULL; k += 2)
        replace(text, this->also[k], this->also[k + 1]);
    bool exact = strstr(text, "profile=plain") == NULL;
    struct replay *replay = replay_new(NULL, exact, UINT64_C(1) << 30);
    struct moves *moves = moves_new(UINT64_C(1) << 30);
    replay_judge_moves(replay, moves_judge, moves);
    replay_text(replay, text);
    struct replay_verdict verdict = replay_verdict(replay);
    const char *found = verdict.status == REPLAY_CONFORMS   ? "conforms"
                        : verdict.status == REPLAY_DEVIATES ? verdict.requirement
                                                            : UNREADABLE;
    bool good = strcmp(found, this->requirement == NULL ? "conforms" : this->requirement) == 0;
    if (good && this->requirement == NULL && this->class >= 0 &&
        moves_counts(moves).class[this->class] == 0)
        good = false;
    if (!good)
        printf("'%s' -> '%s': expected %s, found %s at line %llu: %s; %s\n", this->from, this->to,
               this->requirement == NULL ? "conforms" : this->requirement, found,
               (unsigned long long)verdict.line, verdict.expected == NULL ? "" : verdict.expected,
               verdict.found == NULL ? "" : verdict.found);
    moves_free(moves);
    replay_free(replay);
    return good;
}

int main(void)
{
    size_t count = sizeof cases / sizeof *cases, failed = 0;
    for (size_t i = 0; i < count; i++)
        failed += !passes(&cases[i]);
    printf("%zu cases, %zu failed\n", count, failed);
    return failed == 0 ? 0 : 1;
}
