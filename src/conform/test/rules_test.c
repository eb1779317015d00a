/* rules_test.c: each requirement that a trace can break is reported, by its number and at its line.
 *
 * Each case is a short trace of which the last line, and no earlier one, breaks the requirement that it names; a case
 * without one conforms.  SIZE-1..SIZE-4 SPAN-1..SPAN-5 POOL-1..POOL-4 CACHE-1..CACHE-6 LARGE-1..LARGE-5 GROW-1..GROW-4
 * COPY-1 SHRINK-1..SHRINK-5 GC-1..GC-7 LIFE-1..LIFE-5. */
#include <stdio.h>
#include <string.h>

#include "src/conform/test/text.h"

/* A cache's first refill, from a new span of order 0: 0x104000 is the last stack put in. */
#define REFILL "@refill 0 c=0x7 m=0\n@span+ 0 0x100000 m=0\n"
#define HALF_TAKEN \
    "@pool- 0 0x107800 m=0\n@pool- 0 0x107000 m=0\n@pool- 0 0x106800 m=0\n@pool- 0 0x106000 m=0\n"
#define TAKEN                                                                                   \
    HALF_TAKEN "@pool- 0 0x105800 m=0\n@pool- 0 0x105000 m=0\n@pool- 0 0x104800 m=0\n@pool- 0 " \
               "0x104000 m=0\n"
#define ALLOC REFILL TAKEN "@alloc 2048 0x104000 c=0x7 m=0\n"
#define FREE "@free 2048 0x104000 c=0x7 ph=0 m=0\n"
#define CLEARED                                                                                   \
    "@pool+ 0 0x104000 ph=0 m=0\n@pool+ 0 0x104800 ph=0 m=0\n@pool+ 0 0x105000 ph=0 m=0\n"        \
    "@pool+ 0 0x105800 ph=0 m=0\n@pool+ 0 0x106000 ph=0 m=0\n@pool+ 0 0x106800 ph=0 m=0\n@pool+ " \
    "0 0x107000 ph=0 m=0\n"
#define GO ALLOC "@go gp=0x1 [0x104000 0x104800] m=0\n"

/* An allocation and a free that bypass the cache: one stack of 16 KiB, its span. */
#define TAKE_DIRECT "@span+ 3 0x200000 m=0\n@pool- 3 0x204000 m=0\n"
#define ALLOC_DIRECT TAKE_DIRECT "@alloc 16384 0x204000 c=0x0 m=0\n"

/* A goroutine on a large stack of 32 KiB, by growth. */
#define GROW_LARGE "@grow gp=0x1 goid=5 old=2048 sp=0x104700 max=20000 new=32768 force=false m=0\n"
#define TAKE_LARGE "@large+ 4 0x300000 m=0\n@alloc 32768 0x300000 c=0x7 m=0\n"
#define COPY_LARGE "@copy gp=0x1 [0x104000 0x104700 0x104800] -> [0x300000 0x307f00 0x308000] m=0\n"
#define ON_LARGE GO GROW_LARGE TAKE_LARGE COPY_LARGE FREE

#define QUEUE_TWO                                                                           \
    "@large+ 4 0x400000 m=0\n@alloc 32768 0x400000 c=0x7 m=0\n@large+ 4 0x410000 m=0\n"     \
    "@alloc 32768 0x410000 c=0x7 m=0\n@phase 1\n@free 32768 0x400000 c=0x7 m=0\n@largeq 4 " \
    "0x400000 m=0\n"                                                                        \
    "@free 32768 0x410000 c=0x7 m=0\n@largeq 4 0x410000 m=0\n"
#define CYCLE "@phase 1\n@phase 2\n@phase 0\n"
#define SHRINK_SCAN "@phase 1\n@scan gp=0x1 used=256 safe=true m=0\n"
#define SHRINK_DECIDED SHRINK_SCAN "@shrink gp=0x1 old=32768 new=16384 m=0\n"
#define TAKE_HALF                                                                               \
    "@refill 3 c=0x7 m=0\n@span+ 3 0x200000 m=0\n@pool- 3 0x204000 m=0\n@alloc 16384 0x204000 " \
    "c=0x7 m=0\n"
#define COPY_HALF "@copy gp=0x1 [0x300000 0x307f00 0x308000] -> [0x204000 0x207f00 0x208000] m=0\n"

/* A profile without pools: stacks of any size, from anywhere. */
#define PLAIN "@trace 1 profile=plain fixed=512 guard=64\n"
#define PLAIN_ALLOC PLAIN "@alloc 768 0x1008 c=0x0 m=0\n"
#define PLAIN_GO PLAIN_ALLOC "@go gp=0x1 [0x1008 0x1308] m=0\n"
#define PLAIN_GROW PLAIN_GO "@grow gp=0x1 goid=1 old=768 sp=0x1048 max=768 new=1536 m=0\n"
#define PLAIN_COPY                              \
    PLAIN_GROW "@alloc 1536 0x2000 c=0x0 m=0\n" \
               "@copy gp=0x1 [0x1008 0x1048 0x1308] -> [0x2000 0x2340 0x2600] m=0\n"
#define PLAIN_GROWN PLAIN_COPY "@free 768 0x1008 c=0x7 m=0\n"
#define PLAIN_DEAD PLAIN_GROWN "@dead gp=0x1 goid=1 [0x2000 0x2600] m=0\n"
#define PLAIN_LEFT "@free 1536 0x2000 c=0x0 m=0\n"

#define EXACT true
#define ANY false

static const struct rule_case {
    const char *requirement; /* NULL: the trace conforms */
    bool exact;
    const char *trace;
} cases[] = {
    {NULL, EXACT,
     ALLOC FREE "@clear c=0x7 m=0\n" CLEARED "@pool+ 0 0x107800 ph=0 m=0\n@span- 0 0x100000 m=0\n"},
    {NULL, EXACT,
     ON_LARGE SHRINK_DECIDED TAKE_HALF COPY_HALF
     "@free 32768 0x300000 c=0x7 ph=1 m=0\n"
     "@largeq 4 0x300000 m=0\n@startsize 2048\n@phase 2\n@phase 0\n@freespans m=0\n"
     "@large- 4 0x300000 m=0\n"},
    {NULL, EXACT,
     ALLOC_DIRECT "@free 16384 0x204000 c=0x0 m=0\n@pool+ 3 0x204000 m=0\n@span- 3 0x200000 m=0\n"},

    {"SIZE-1", ANY, "@alloc 3000 0x1000 c=0x7 m=0\n"},
    {"SIZE-1", ANY, "@alloc 1024 0x1000 c=0x7 m=0\n"},
    {"SIZE-1", ANY, "@alloc 0 0x1000 c=0x7 m=0\n"},
    {"SIZE-2", ANY, "@refill 4 c=0x7 m=0\n"},
    {"SIZE-2", ANY, "@pool- 9 0x1000 m=0\n"},
    {"SIZE-3", ANY, "@span+ 0 0x100800 m=0\n"},
    {"SIZE-3", ANY, "@trace 1 profile=contig\n@span+ 0 0x102000 m=0\n"},
    {"SIZE-4", ANY, "@large+ 2 0x100000 m=0\n"},
    {"SIZE-4", ANY, "@large+ 5 0x100000 m=0\n"},
    {"SIZE-4", ANY, "@large+ 4 0x100800 m=0\n"},
    {"SIZE-4", ANY, "@large+ 4 0x100000 m=0\n@alloc 65536 0x100000 c=0x7 m=0\n"},
    {"SIZE-4", ANY, "@alloc 32768 0x100000 c=0x7 m=0\n"},
    {"SIZE-4", ANY, "@large+ 4 0xffffffffffffa000 m=0\n"},

    {"SPAN-1", ANY, ALLOC "@large+ 4 0x0fe000 m=0\n"},
    {"SPAN-1", ANY, ALLOC "@large+ 4 0x106000 m=0\n"},
    {"SPAN-1", ANY,
     "@large+ 16 0x100000 m=0\n@alloc 131072 0x100000 c=0x7 m=0\n@span+ 0 0x110000 m=0\n"},
    {"SPAN-2", ANY, REFILL HALF_TAKEN "@span+ 0 0x200000 m=0\n"},
    {"SPAN-2", ANY, REFILL "@alloc 2048 0x100000 c=0x7 m=0\n"},
    {"SPAN-2", ANY, "@refill 0 c=0x7 m=0\n@span+ 1 0x200000 m=0\n"},
    {"SPAN-3", EXACT, REFILL "@pool- 0 0x100000 m=0\n"},
    {NULL, ANY, REFILL "@pool- 0 0x100000 m=0\n@alloc 2048 0x100000 c=0x7 m=0\n"},
    {"SPAN-4", ANY, ALLOC "@span- 0 0x100000 m=0\n"},
    {"SPAN-4", ANY,
     ALLOC_DIRECT "@phase 1\n@free 16384 0x204000 c=0x0 m=0\n@pool+ 3 0x204000 m=0\n"
                  "@span- 3 0x200000 m=0\n"},
    {"SPAN-4", EXACT,
     ALLOC_DIRECT "@free 16384 0x204000 c=0x0 m=0\n@pool+ 3 0x204000 m=0\n@clear c=0x7 m=0\n"},
    {"SPAN-4", EXACT,
     ALLOC_DIRECT "@phase 1\n@free 16384 0x204000 c=0x0 m=0\n@pool+ 3 0x204000 m=0\n"
                  "@phase 2\n@phase 0\n@span- 3 0x200000 m=0\n"},
    {"SPAN-5", ANY,
     ALLOC_DIRECT "@phase 1\n@free 16384 0x204000 c=0x0 m=0\n@pool+ 3 0x204000 m=0\n"
                  "@phase 2\n@phase 0\n@freespans m=0\n@phase 1\n"},
    {"SPAN-5", ANY,
     ALLOC_DIRECT "@phase 1\n@free 16384 0x204000 c=0x0 m=0\n@pool+ 3 0x204000 m=0\n"
                  "@phase 2\n@phase 0\n@freespans m=0\n@clear c=0x7 m=0\n"},

    {"POOL-1", ANY, ALLOC "@pool- 0 0x104000 m=0\n"},
    {"POOL-1", ANY, ALLOC "@pool- 0 0x200000 m=0\n"},
    {"POOL-1", ANY, "@pool- 0 0x200000 m=0\n"},
    {"POOL-2", EXACT, ALLOC "@pool- 0 0x103000 m=0\n"},
    {NULL, ANY, ALLOC "@pool- 0 0x103000 m=0\n@alloc 2048 0x103000 c=0x0 m=0\n"},
    {"POOL-3", ANY, ALLOC_DIRECT "@free 16384 0x204000 c=0x0 m=0\n@pool+ 3 0x200000 m=0\n"},
    {"POOL-4", ANY, ALLOC "@pool+ 0 0x104000 m=0\n"},
    {"POOL-4", ANY, ALLOC "@alloc 2048 0x104800 c=0x0 m=0\n"},
    {"POOL-4", ANY, TAKE_DIRECT "@alloc 16384 0x200000 c=0x0 m=0\n"},
    {"POOL-4", ANY, TAKE_DIRECT "@clear c=0x7 m=0\n"},

    {"CACHE-1", EXACT, ALLOC "@alloc 2048 0x105000 c=0x7 m=0\n"},
    {NULL, ANY, ALLOC "@alloc 2048 0x105000 c=0x7 m=0\n"},
    {"CACHE-1", ANY, ALLOC "@alloc 2048 0x104000 c=0x7 m=0\n"},
    {"CACHE-1", ANY, ALLOC "@alloc 2048 0x104800 c=0x8 m=0\n"},
    {"CACHE-1", ANY, ALLOC "@large+ 4 0x300000 m=0\n@alloc 2048 0x104800 c=0x7 m=0\n"},
    {"CACHE-2", ANY,
     REFILL TAKEN
     "@pool- 0 0x103800 m=0\n@pool- 0 0x103000 m=0\n@pool- 0 0x102800 m=0\n@pool- 0 0x102000 m=0\n"
     "@pool- 0 0x101800 m=0\n@pool- 0 0x101000 m=0\n@pool- 0 0x100800 m=0\n@pool- 0 0x100000 m=0\n"
     "@span+ 0 0x200000 m=0\n@pool- 0 0x200000 m=0\n"},
    {"CACHE-3", EXACT, REFILL HALF_TAKEN "@alloc 2048 0x106000 c=0x7 m=0\n"},
    {NULL, ANY, REFILL HALF_TAKEN "@alloc 2048 0x106000 c=0x7 m=0\n"},
    {"CACHE-3", EXACT, REFILL TAKEN "@pool- 0 0x103800 m=0\n"},
    {"CACHE-3", ANY, ALLOC "@refill 0 c=0x7 m=0\n"},
    {"CACHE-3", ANY, REFILL TAKEN "@clear c=0x7 m=0\n"},
    {"CACHE-4", ANY, ALLOC "@free 2048 0x104000 c=0x7 m=0\n@release 0 c=0x7 m=0\n"},
    {"CACHE-5", EXACT, ALLOC "@clear c=0x7 m=0\n@pool+ 0 0x105000 ph=0 m=0\n"},
    {NULL, ANY, ALLOC "@clear c=0x7 m=0\n@pool+ 0 0x105000 ph=0 m=0\n"},
    {"CACHE-5", ANY, ALLOC "@clear c=0x7 m=0\n@pool+ 0 0x104000 ph=0 m=0\n"},
    {"CACHE-5", ANY,
     ALLOC "@clear c=0x7 m=0\n@pool+ 0 0x104800 ph=0 m=0\n@alloc 2048 0x105000 c=0x7 m=0\n"},
    {"CACHE-6", ANY, GO GROW_LARGE TAKE_LARGE COPY_LARGE "@free 2048 0x104000 c=0x8 ph=0 m=0\n"},

    {"LARGE-1", ANY, QUEUE_TWO "@largehit 4 0x300000 m=0\n"},
    {"LARGE-1", ANY, QUEUE_TWO "@largehit 8 0x400000 m=0\n"},
    {"LARGE-1", ANY,
     "@large+ 4 0x400000 m=0\n@alloc 32768 0x400000 c=0x7 m=0\n@largehit 4 0x400000 m=0\n"},
    {"LARGE-2", EXACT, QUEUE_TWO "@largehit 4 0x400000 m=0\n"},
    {NULL, ANY, QUEUE_TWO "@largehit 4 0x400000 m=0\n@alloc 32768 0x400000 c=0x7 m=0\n"},
    {"LARGE-3", ANY, QUEUE_TWO "@large+ 4 0x500000 m=0\n"},
    {NULL, ANY, QUEUE_TWO "@large+ 8 0x500000 m=0\n"},
    {"LARGE-4", ANY, TAKE_LARGE "@free 32768 0x300000 c=0x7 m=0\n@largeq 4 0x300000 m=0\n"},
    {"LARGE-4", ANY,
     TAKE_LARGE "@phase 1\n@free 32768 0x300000 c=0x7 m=0\n@large- 4 0x300000 m=0\n"},
    {"LARGE-4", ANY, TAKE_LARGE "@large- 4 0x300000 m=0\n"},
    {"LARGE-4", ANY, TAKE_LARGE "@free 32768 0x300000 c=0x7 m=0\n@clear c=0x7 m=0\n"},
    {"LARGE-5", ANY,
     QUEUE_TWO "@phase 2\n@phase 0\n@freespans m=0\n@large- 4 0x400000 m=0\n@clear c=0x7 m=0\n"},
    {"LARGE-5", EXACT, QUEUE_TWO "@phase 2\n@phase 0\n@freespans m=0\n@large- 4 0x400000 m=0\n"},

    {"GROW-1", ANY,
     GO "@grow gp=0x1 goid=5 old=4096 sp=0x104100 max=24 new=8192 force=false m=0\n"},
    {"GROW-1", ANY,
     GO "@grow gp=0x1 goid=5 old=2048 sp=0x103ff8 max=24 new=4096 force=false m=0\n"},
    {"GROW-2", ANY,
     GO "@grow gp=0x1 goid=5 old=2048 sp=0x104100 max=24 new=8192 force=false m=0\n"},
    {"GROW-2", ANY,
     GO "@grow gp=0x1 goid=5 old=2048 sp=0x104100 max=2000 new=4096 force=false m=0\n"},
    {"GROW-2", ANY, GO "@grow gp=0x1 goid=5 old=2048 sp=0x104100 max=24 new=4096 force=true m=0\n"},
    {"GROW-2", ANY,
     GO "@grow gp=0x1 goid=5 old=2048 sp=0x104100 max=0xffffffffffffffff new=4096 m=0\n"},
    {"GROW-3", ANY,
     "@trace 1 max=2048\n" GO "@grow gp=0x1 goid=5 old=2048 sp=0x104100 max=24 new=4096 m=0\n"},
    {"GROW-3", ANY,
     GO "@overflow gp=0x1 goid=5 old=2048 sp=0x104100 max=24 limit=1000000000 m=0\n"},
    {"GROW-3", ANY,
     GO "@overflow gp=0x1 goid=5 old=2048 sp=0x104100 max=2000000000 limit=1000 m=0\n"},
    {NULL, EXACT,
     GO "@overflow gp=0x1 goid=5 old=2048 sp=0x104100 max=2000000000 limit=1000000000 m=0\n"
        "@maxstack 4096\n@overflow gp=0x1 goid=5 old=2048 sp=0x104100 max=4000 limit=4096 m=0\n"},
    {"GROW-4", ANY, GO GROW_LARGE "@large+ 8 0x300000 m=0\n"},
    {"GROW-4", ANY, GO GROW_LARGE "@refill 0 c=0x7 m=0\n"},
    {"GROW-4", ANY, GO GROW_LARGE "@clear c=0x7 m=0\n"},
    {"GROW-4", ANY, GO GROW_LARGE TAKE_LARGE COPY_LARGE "@clear c=0x7 m=0\n"},

    {"COPY-1", ANY, GO GROW_LARGE TAKE_LARGE FREE},
    {"COPY-1", ANY,
     GO GROW_LARGE TAKE_LARGE
     "@copy gp=0x1 [0x104000 0x104700 0x104800] -> [0x300000 0x307f08 0x308000] m=0\n"},
    {"COPY-1", ANY,
     GO GROW_LARGE TAKE_LARGE
     "@copy gp=0x1 [0x104000 0x104708 0x104800] -> [0x300000 0x307f08 0x308000] m=0\n"},
    {"COPY-1", ANY,
     GO GROW_LARGE TAKE_LARGE
     "@copy gp=0x1 [0x104800 0x104f00 0x105000] -> [0x300000 0x307f00 0x308000] m=0\n"},
    {"COPY-1", ANY,
     GO GROW_LARGE TAKE_LARGE
     "copystack gp=0x1 [0x104000 0x104700 0x104800] -> [0x300000 0x307f00 0x308000]/65536\n"},
    {NULL, EXACT,
     GO GROW_LARGE TAKE_LARGE
     "copystack gp=0x1 [0x104000 0x104700 0x104800] -> [0x300000 0x307f00 0x308000]/32768\n"},

    {"SHRINK-1", ANY, ON_LARGE SHRINK_SCAN "@shrink gp=0x1 old=32768 new=8192 m=0\n"},
    {"SHRINK-1", ANY, "shrinking stack 2048->1024\n"},
    {"SHRINK-2", ANY,
     ON_LARGE "@phase 1\n@scan gp=0x1 used=8000 safe=true m=0\n"
              "@shrink gp=0x1 old=32768 new=16384 m=0\n" TAKE_HALF
              "@copy gp=0x1 [0x300000 0x3060c0 0x308000] -> [0x204000 0x2060c0 0x208000] m=0\n"},
    {"SHRINK-3", ANY, ON_LARGE SHRINK_SCAN "@noshrink gp=0x1 old=32768 min m=0\n"},
    {"SHRINK-3", ANY, ON_LARGE SHRINK_SCAN "@noshrink gp=0x1 old=32768 used=1056 m=0\n"},
    {"SHRINK-3", ANY, ON_LARGE SHRINK_SCAN "@noshrink gp=0x1 old=32768 used=9000000 m=0\n"},
    {"SHRINK-3", ANY, ON_LARGE SHRINK_SCAN "@noshrink gp=0x1 old=65536 used=20000 m=0\n"},
    {"SHRINK-4", ANY, GO "@noshrink gp=0x1 old=2048 min m=0\n"},
    {"SHRINK-4", ANY,
     GO "@phase 1\n@noshrink gp=0x1 old=2048 min m=0\n@noshrink gp=0x1 old=2048 min m=0\n"},
    {"SHRINK-4", ANY, GO SHRINK_SCAN "@clear c=0x7 m=0\n"},
    {"SHRINK-4", ANY, GO SHRINK_SCAN "@noshrink gp=0x1 old=2048 min m=1\n"},
    {"SHRINK-4", ANY,
     GO "@phase 1\n@scan gp=0x1 used=256 safe=false m=0\n@noshrink gp=0x1 old=2048 min m=0\n"},
    {"SHRINK-4", ANY,
     GO "@phase 1\n@scan gp=0x1 used=256 safe=false m=0\n@preempt gp=0x1 shrink=false m=0\n"},
    {NULL, EXACT,
     GO "@phase 1\n@scan gp=0x1 used=256 safe=false m=0\n@preempt gp=0x1 shrink=true m=0\n"
        "@noshrink gp=0x1 old=2048 min m=0\n"},
    {"SHRINK-5", ANY, ON_LARGE SHRINK_DECIDED "@large+ 4 0x500000 m=0\n"},
    {"SHRINK-5", ANY, ON_LARGE SHRINK_DECIDED "@clear c=0x7 m=0\n"},
    {"SHRINK-5", ANY, ON_LARGE "@phase 1\n" TAKE_HALF COPY_HALF},
    {"SHRINK-5", ANY, ON_LARGE SHRINK_DECIDED TAKE_HALF COPY_HALF "@clear c=0x7 m=0\n"},

    {"GC-1", ANY, "@phase 2\n"},
    {"GC-1", ANY, "@phase 1\n@phase 1\n"},
    {"GC-1", ANY, "@phase 1\n@phase 0\n"},
    {"GC-2", ANY, ALLOC "@phase 1\n" FREE},
    {"GC-3", ANY, ALLOC CYCLE "@freespans m=0\n@phase 1\n"},
    {NULL, ANY, CYCLE "@freespans m=0\n" ALLOC "@phase 1\n"},
    {"GC-4", ANY, CYCLE "@phase 1\n"},
    {"GC-4", ANY, CYCLE "@freespans m=0\n@freespans m=0\n"},
    {"GC-4", ANY, "@phase 1\n@freespans m=0\n"},
    {"GC-5", ANY, GO "@scan gp=0x1 used=256 safe=true m=0\n"},
    {"GC-5", ANY, GO "@phase 1\n@scan gp=0x1 used=2056 safe=true m=0\n"},
    {"GC-5", ANY,
     GO SHRINK_SCAN "@noshrink gp=0x1 old=2048 min m=0\n@scan gp=0x1 used=256 safe=true m=0\n"},
    {"GC-5", ANY,
     GO "@alloc 2048 0x104800 c=0x7 m=0\n@go gp=0x2 [0x104800 0x105000] m=0\n" SHRINK_SCAN
        "@noshrink gp=0x1 old=2048 min m=0\n@phase 2\n"},
    {"GC-5", ANY, ON_LARGE SHRINK_SCAN "@noshrink gp=0x1 old=32768 used=20000 m=0\n"},
    {"GC-6", ANY, GO "@startsize 2048\n"},
    {"GC-6", ANY, "@phase 1\n@startsize 3000\n"},
    {"GC-6", ANY, "@phase 1\n@startsize 2048\n@startsize 2048\n"},
    {"GC-6", ANY, GO SHRINK_SCAN "@noshrink gp=0x1 old=2048 min m=0\n@startsize 4096\n"},
    {"GC-6", ANY,
     "@phase 1\n@startsize 2048\n@phase 2\n@phase 0\n@freespans m=0\n@phase 1\n@phase 2\n@phase "
     "0\n"},
    {"GC-6", EXACT, GO "@phase 1\n@startsize 2048\n@scan gp=0x1 used=256 safe=true m=0\n"},
    {"GC-6", ANY, GO "@dead gp=0x1 goid=5 [0x104000 0x104800] start=4096 m=0\n"},
    {"GC-7", EXACT, GO GROW_LARGE "@phase 1\n"},

    {"LIFE-1", ANY, ALLOC FREE FREE},
    {"LIFE-1", ANY, ALLOC "@free 2048 0x104008 c=0x7 m=0\n"},
    {"LIFE-1", ANY, ALLOC "@free 2048 0x900000 c=0x7 m=0\n"},
    {"LIFE-1", ANY, ALLOC "@free 4096 0x104000 c=0x7 m=0\n"},
    {"LIFE-2", ANY, GO "@alloc 2048 0x104800 c=0x7 m=0\n@go gp=0x1 [0x104800 0x105000] m=0\n"},
    {"LIFE-2", ANY, ALLOC "@go gp=0x1 [0x104800 0x105000] m=0\n"},
    {"LIFE-2", ANY, ALLOC "@go gp=0x1 [0x104000 0x105000] m=0\n"},
    {"LIFE-2", ANY, ALLOC_DIRECT "@go gp=0x1 [0x204000 0x208000] m=0\n"},
    {"LIFE-2", ANY,
     GO "@dead gp=0x1 goid=5 [0x104000 0x104800] m=0\n@alloc 2048 0x104800 c=0x7 m=0\n"
        "@go gp=0x1 [0x104800 0x105000] m=0\n"},
    {NULL, EXACT,
     GO "@dead gp=0x1 goid=5 [0x104000 0x104800] m=0\n@go gp=0x1 [0x104000 0x104800] m=1\n"},
    {"LIFE-3", ANY, GO "@dead gp=0x1 goid=5 [0x104800 0x105000] m=0\n"},
    {"LIFE-3", ANY, ON_LARGE "@dead gp=0x1 goid=5 [0x300000 0x308000] m=0\n@clear c=0x7 m=0\n"},
    {NULL, EXACT,
     ON_LARGE "@dead gp=0x1 goid=5 [0x300000 0x308000] m=0\n@free 32768 0x300000 c=0x7 m=0\n"
              "@large- 4 0x300000 m=0\n"},
    {"LIFE-4", ANY, GO FREE},
    {"LIFE-4", ANY, GO "@dead gp=0x1 goid=5 [0x104000 0x104800] m=0\n" FREE},
    {NULL, EXACT,
     GO
     "@dead gp=0x1 goid=5 [0x104000 0x104800] m=0\n@phase 1\n@free 2048 0x104000 c=0x7 ph=1 m=0\n"},
    {"LIFE-5", ANY, "@dead gp=0x1 goid=5 [0x104000 0x104800] m=0\n"},
    {"LIFE-5", ANY, ON_LARGE "@dead gp=0x1 goid=6 [0x300000 0x308000] m=0\n"},
    {"LIFE-5", ANY, GO "@preempt gp=0x2 shrink=false m=0\n"},

    {NULL, ANY, PLAIN_DEAD PLAIN_LEFT},
    {NULL, ANY, PLAIN_DEAD "@go gp=0x1 [0x2000 0x2600] m=1\n"},
    {NULL, ANY, PLAIN_DEAD PLAIN_LEFT "@phase 1\n@phase 2\n@phase 0\n@phase 1\n"},
    {NULL, ANY,
     PLAIN_ALLOC
     "@alloc 900 0x4000 c=0x1 m=0\n@go gp=0x1 [0x1008 0x1308] m=1\n@free 900 0x4000 c=0x2 m=1\n"},
    {NULL, ANY, PLAIN_GO "@grow gp=0x1 old=768 sp=0x1048 max=769 new=3072 m=0\n"},
    {NULL, ANY, PLAIN_GO "@overflow gp=0x1 old=768 sp=0x1048 max=0xffffffffffffff00 m=0\n"},
    {NULL, ANY,
     PLAIN_GROWN "@shrink gp=0x1 old=1536 new=768 force=true m=0\n@alloc 768 0x1008 c=0x0 m=0\n"
                 "@copy gp=0x1 [0x2000 0x2500 0x2600] -> [0x1008 0x1208 0x1308] m=0\n" PLAIN_LEFT},
    {NULL, ANY,
     PLAIN "@alloc 512 0x1000 c=0x0 m=0\n@go gp=0x1 [0x1000 0x1200] m=0\n"
           "@dead gp=0x1 goid=1 [0x1000 0x1200] start=768 m=0\n@free 512 0x1000 c=0x0 m=0\n"},
    {NULL, ANY,
     PLAIN
     "@alloc 0x4000000000000c00 0x1000 c=0x0 m=0\n@go gp=0x1 [0x1000 0x4000000000001c00] m=0\n"
     "@overflow gp=0x1 old=0x4000000000000c00 sp=0x1000 max=0x5000000000000000 m=0\n"},
    {"SIZE-1", ANY, PLAIN "@alloc 511 0x1008 c=0x0 m=0\n"},
    {"SIZE-1", ANY, "@trace 1 profile=plain\n@alloc 0 0x1008 c=0x0 m=0\n"},
    {"SIZE-4", ANY, PLAIN "@alloc 768 0x1004 c=0x0 m=0\n"},
    {"SIZE-4", ANY, PLAIN "@alloc 768 0xfffffffffffffff8 c=0x0 m=0\n"},
    {"SPAN-1", ANY, PLAIN_ALLOC "@alloc 512 0x1300 c=0x0 m=1\n"},
    {"LIFE-1", ANY, PLAIN_ALLOC "@free 768 0x1008 c=0x0 m=0\n@free 768 0x1008 c=0x0 m=0\n"},
    {"LIFE-1", ANY, PLAIN_ALLOC "@free 512 0x1008 c=0x0 m=0\n"},
    {"LIFE-1", ANY, PLAIN_ALLOC "@free 768 0x1010 c=0x0 m=0\n"},
    {"LIFE-2", ANY, PLAIN_GO "@go gp=0x2 [0x1008 0x1308] m=0\n"},
    {"LIFE-2", ANY, PLAIN_ALLOC "@go gp=0x1 [0x1008 0x1208] m=0\n"},
    {"LIFE-2", ANY, PLAIN "@go gp=0x1 [0x1008 0x1308] m=0\n"},
    {"LIFE-2", ANY, PLAIN_COPY "@go gp=0x2 [0x1008 0x1308] m=1\n"},
    {"LIFE-2", ANY, PLAIN_DEAD "@alloc 768 0x1008 c=0x0 m=0\n@go gp=0x1 [0x1008 0x1308] m=0\n"},
    {"LIFE-3", ANY, PLAIN_GO "@dead gp=0x1 goid=1 [0x1008 0x1208] m=0\n"},
    {"LIFE-4", ANY, PLAIN_GO "@free 768 0x1008 c=0x0 m=0\n"},
    {"LIFE-5", ANY, PLAIN_DEAD "@grow gp=0x1 old=1536 sp=0x2048 max=768 new=3072 m=0\n"},
    {"GROW-1", ANY, PLAIN_GO "@grow gp=0x1 old=512 sp=0x1048 max=768 new=1536 m=0\n"},
    {"GROW-2", ANY, PLAIN_GO "@grow gp=0x1 old=768 sp=0x1048 max=769 new=1536 m=0\n"},
    {"GROW-3", ANY,
     PLAIN_GO "@maxstack 1535\n@grow gp=0x1 old=768 sp=0x1048 max=768 new=1536 m=0\n"},
    {"GROW-3", ANY, PLAIN_GO "@overflow gp=0x1 old=768 sp=0x1048 max=768 m=0\n"},
    {"GROW-4", ANY, PLAIN_GROW "@alloc 3072 0x2000 c=0x0 m=0\n"},
    {"GROW-4", ANY, PLAIN_COPY "@free 1536 0x2000 c=0x0 m=0\n"},
    {"COPY-1", ANY,
     PLAIN_GROW "@alloc 1536 0x2000 c=0x0 m=0\n"
                "@copy gp=0x1 [0x1008 0x1048 0x1308] -> [0x2000 0x2348 0x2600] m=0\n"},
    {"SHRINK-1", ANY, PLAIN_GROWN "@shrink gp=0x1 old=1536 new=512 force=true m=0\n"},
};

#define MEMORY_BYTES (16u << 20)

static bool as_expected(const struct rule_case *one)
{
    struct replay *replay = replay_new(NULL, one->exact, MEMORY_BYTES);
    bool last_line = *replay_text(replay, one->trace) == 0;
    struct replay_verdict verdict = replay_verdict(replay);
    enum replay_status wanted = one->requirement == NULL ? REPLAY_CONFORMS : REPLAY_DEVIATES;
    bool passed = verdict.status == wanted && last_line;

    if (passed && one->requirement != NULL)
        passed = strcmp(verdict.requirement, one->requirement) == 0 && verdict.expected[0] != 0 &&
                 verdict.found[0] != 0;
    if (!passed)
        printf("FAILED: %s%s: line %lu, %s: expected %s; found %s\nin\n%s",
               one->requirement == NULL ? "conforms" : one->requirement,
               one->exact ? " (exact)" : "", (unsigned long)verdict.line,
               verdict.requirement == NULL ? "no deviation" : verdict.requirement,
               verdict.expected == NULL ? "-" : verdict.expected,
               verdict.found == NULL ? "-" : verdict.found, one->trace);
    replay_free(replay);
    return passed;
}

int main(void)
{
    size_t count = sizeof cases / sizeof cases[0];
    size_t failed = 0;

    for (size_t i = 0; i < count; i++)
        if (!as_expected(&cases[i]))
            failed++;
    printf("%zu of %zu traces judged as they should be\n", count - failed, count);
    return failed == 0 ? 0 : 1;
}
