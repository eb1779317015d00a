/* generate.c: writes the test vectors, by driving the core and recording what it does.
 *
 * Usage: generate heap|sizes|copy, to standard output.  The scripts are fixed or come from a fixed seed, so that the
 * files are the same on every machine.  A test keeps the committed files equal to what this writes. */
#include "spec/vectors/port.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/platform.h"

#define MOST_HELD 64u

static uint64_t random_state = 1;
static unsigned num_vectors;
static unsigned num_steps;

/* Stacks that the script holds. */
static struct { uint64_t lo, bytes; } held[MOST_HELD];
static unsigned num_held;

static uint64_t draw(uint64_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (random_state >> 33) % below;
}

static void begin_vector(const char *kind, const char *what, unsigned number, const char *requirements)
{
    printf("%s\n{\"name\":\"%s-%u\",\"kind\":\"%s\",\"requirements\":[%s]", num_vectors++ == 0 ? "" : ",", what, number,
           kind, requirements);
    num_steps = 0;
    num_held = 0;
}

static void begin_heap(const char *what, unsigned number, const char *requirements, uint64_t chunks)
{
    begin_vector("heap", what, number, requirements);
    printf(",\"chunks\":%" PRIu64 ",\"steps\":[", chunks);
    port_start(chunks);
}

static void begin_step(const char *call)
{
    printf("%s\n {\"call\":\"%s\"", num_steps++ == 0 ? "" : ",", call);
}

static void end_step(void)
{
    char state[8192];
    port_state(state, sizeof state);
    printf(",\"state\":%s}", state);
}

static void end_steps(void)
{
    printf("]}");
}

static uint64_t do_alloc(int p, uint64_t bytes)
{
    uint64_t lo;
    const char *status = port_alloc(p, bytes, &lo);

    begin_step("stackalloc");
    printf(",\"p\":%d,\"bytes\":%" PRIu64 ",\"status\":\"%s\",\"lo\":%" PRIu64, p, bytes, status, lo);
    end_step();
    if (strcmp(status, "OK") == 0 && num_held < MOST_HELD) {
        held[num_held].lo = lo;
        held[num_held++].bytes = bytes;
    }
    return lo;
}

static void do_free(int p, uint64_t lo, uint64_t bytes)
{
    begin_step("stackfree");
    printf(",\"p\":%d,\"lo\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"status\":\"%s\"", p, lo, bytes, port_free(p, lo, bytes));
    end_step();
}

static void free_held(int p, unsigned n)
{
    do_free(p, held[n].lo, held[n].bytes);
    held[n] = held[--num_held];
}

static void do_clear(int p)
{
    port_clear(p);
    begin_step("stackcache_clear");
    printf(",\"p\":%d", p);
    end_step();
}

static void do_sweep(void)
{
    port_sweep();
    begin_step("freestackspans");
    end_step();
}

static void do_gc(int running)
{
    port_gc(running);
    begin_step("gc");
    printf(",\"running\":%d", running);
    end_step();
}

/* One stack of each size: allocated, freed, allocated again. */
static int each_size(const void *argument)
{
    unsigned order = *(const unsigned *)argument;
    begin_heap("size", order, "\"SIZE-1\",\"SIZE-2\",\"SIZE-4\",\"ALLOC-2\",\"ALLOC-3\"", 32);
    uint64_t bytes = (uint64_t)FIXED_STACK_BYTES << order;
    uint64_t lo = do_alloc(0, bytes);
    do_free(0, lo, bytes);
    do_alloc(1, bytes);
    do_alloc(PORT_NO_P, bytes);
    end_steps();
    return 0;
}

/* Requests and frees that are refused, and change nothing. */
static int refused(const void *argument)
{
    static const uint64_t sizes[] = {0, 1, 1024, 2047, 2049, 3000, 6144, 32769, 98304, 1048577, 1073741824, 4294967296};
    unsigned number = *(const unsigned *)argument;
    begin_heap("refused", number, "\"SIZE-1\",\"ALLOC-3\",\"ERR-1\"", 4);
    uint64_t lo = do_alloc(0, FIXED_STACK_BYTES << number % NUM_STACK_ORDERS);
    do_alloc(0, sizes[number % 12]);
    do_free(0, lo, sizes[number % 12]);
    do_free(0, lo + 8, FIXED_STACK_BYTES);
    do_free(0, lo, FIXED_STACK_BYTES << (number + 1) % NUM_STACK_ORDERS);
    do_free(0, PORT_BASE + number * CHUNK_BYTES, FIXED_STACK_BYTES);
    do_free(0, 8, FIXED_STACK_BYTES);
    free_held(0, 0);
    do_free(0, lo, FIXED_STACK_BYTES << number % NUM_STACK_ORDERS);
    end_steps();
    return 0;
}

/* A cache from empty to full and back over both boundaries. */
static int boundaries(const void *argument)
{
    unsigned order = *(const unsigned *)argument;
    uint64_t bytes = (uint64_t)FIXED_STACK_BYTES << order;
    unsigned count = (unsigned)(STACK_CACHE_BYTES / bytes) + 2;
    begin_heap("boundary", order, "\"CACHE-1\",\"CACHE-2\",\"CACHE-3\",\"CACHE-4\",\"SPAN-2\",\"SPAN-3\"", 8);
    for (unsigned n = 0; n < count; n++)
        do_alloc(0, bytes);
    while (num_held > 0)
        free_held(1, num_held - 1);
    do_clear(1);
    do_clear(0);
    end_steps();
    return 0;
}

/* Memory runs out, and comes back. */
static int exhausted(const void *argument)
{
    unsigned number = *(const unsigned *)argument;
    uint64_t bytes = (uint64_t)FIXED_STACK_BYTES << number;
    begin_heap("exhausted", number, "\"ALLOC-2\",\"CACHE-3\",\"ERR-1\"", number % 2 + 1);
    while (num_held < 34 && do_alloc(PORT_NO_P, bytes) != 0)
        continue;
    if (num_held > 0)
        free_held(PORT_NO_P, 0);
    do_alloc(0, bytes);
    do_alloc(0, bytes);
    end_steps();
    return 0;
}

/* During a collection large stacks are queued, and spans stay; afterwards both go. */
static int collection(const void *argument)
{
    unsigned number = *(const unsigned *)argument;
    uint64_t bytes = (uint64_t)CHUNK_BYTES << number % 3;
    begin_heap("collection", number, "\"LARGE-1\",\"LARGE-2\",\"LARGE-3\",\"LARGE-4\",\"LARGE-5\",\"SPAN-4\",\"SPAN-5\"", 24);
    for (unsigned n = 0; n < 3; n++)
        do_alloc(0, bytes);
    do_alloc(PORT_NO_P, FIXED_STACK_BYTES << number % 4);
    do_gc(1);
    while (num_held > number % 2)
        free_held(number % 3 == 0 ? PORT_NO_P : 0, number % num_held);
    do_alloc(0, bytes);
    do_alloc(0, bytes * 2);
    if (number % 4 == 3)
        do_sweep();
    do_gc(0);
    do_clear(0);
    do_sweep();
    do_alloc(0, bytes);
    end_steps();
    return 0;
}

/* Random calls, right and wrong ones. */
static int random_script(const void *argument)
{
    unsigned number = *(const unsigned *)argument;
    unsigned steps = 8 + (unsigned)draw(14);
    int running = 0;
    begin_heap("random", number, "\"ALLOC-2\",\"ALLOC-3\",\"ALLOC-4\",\"POOL-1\",\"POOL-3\",\"CACHE-5\",\"COUNT-2\"", 2 + draw(8));
    for (unsigned n = 0; n < steps; n++) {
        int p = (int)draw(PORT_MOST_P + 1) - 1;
        switch (draw(10)) {
        case 0:
            do_clear((int)draw(PORT_MOST_P));
            break;
        case 1:
            running = !running;
            do_gc(running);
            if (!running)
                do_sweep();
            break;
        case 2:
        case 3:
        case 4:
            if (num_held > 0)
                free_held(p, (unsigned)draw(num_held));
            else
                do_free(p, PORT_BASE + draw(64) * 2048, FIXED_STACK_BYTES);
            break;
        default:
            do_alloc(p, draw(12) == 0 ? draw(100000) : (uint64_t)FIXED_STACK_BYTES << draw(7));
        }
    }
    end_steps();
    return 0;
}

static void size_step(uint64_t old, uint64_t used, uint64_t frame, uint64_t maximum)
{
    begin_step("newstack_size");
    printf(",\"old\":%" PRIu64 ",\"used\":%" PRIu64 ",\"frame\":\"0x%" PRIx64 "\",\"maximum\":\"0x%" PRIx64
           "\",\"result\":%" PRIu64 "}", old, used, frame, maximum, port_grown(old, used, frame, maximum));
    begin_step("shrinkstack_size");
    printf(",\"old\":%" PRIu64 ",\"used\":%" PRIu64 ",\"result\":%" PRIu64 "}", old, used, port_shrunk(old, used));
}

/* Growth and shrinking around each boundary: what fits exactly, one byte more, one less. */
static int sizes(const void *argument)
{
    unsigned number = *(const unsigned *)argument;
    uint64_t old = (uint64_t)FIXED_STACK_BYTES << number % 19;
    uint64_t room = 2 * old - STACK_GUARD_BYTES;
    begin_vector("sizes", "size-of-next", number, "\"GROW-2\",\"GROW-3\",\"GROW-9\",\"SHRINK-1\",\"SHRINK-2\"");
    printf(",\"steps\":[");
    if (number < 19) {
        for (uint64_t delta = 0; delta < 3; delta++) {
            size_step(old, old - 8 * delta, room - old + 8 * delta + delta - 1, 1000000000);
            size_step(old, old / 4 - STACK_NOSPLIT_BYTES % (old / 4) + delta - 1, 24, 2 * old + delta - 1);
        }
    } else {
        size_step(old, draw(old + 1), draw(2) ? UINT64_MAX - draw(3000) : draw(UINT64_C(1) << (3 + draw(27))), 1000000000);
        size_step(old, draw(old + 1), draw(4096), draw(2) ? UINT64_MAX : draw(UINT64_C(1) << (11 + draw(20))));
        size_step(old, draw(old / 2 + 1) / 8 * 8, draw(200), 1000000000);
    }
    end_steps();
    return 0;
}

#define TEXT_BASE 4194304u
#define NUM_SITES 8u
#define MOST_WORDS 512u

static struct port_site sites_made[NUM_SITES];

static void print_marks(const char *name, const uint8_t *marks, uint32_t count)
{
    const char *comma = "";
    printf(",\"%s\":[", name);
    for (uint32_t word = 0; word < count; word++) {
        if (marks[word] == 0)
            continue;
        printf("%s%u", comma, word);
        comma = ",";
    }
    printf("]");
}

/* Sites 0 and 1 are first frames. */
static void make_sites(void)
{
    memset(sites_made, 0, sizeof sites_made);
    printf(",\"sites\":[");
    for (uint32_t s = 0; s < NUM_SITES; s++) {
        struct port_site *site = &sites_made[s];
        site->pc = TEXT_BASE + 16 * s + draw(16);
        site->bottom = s < 2;
        site->frame_words = (uint32_t)draw(s == 7 ? 80 : 7);
        site->span_words = site->frame_words + (site->bottom ? 0 : 2 + (uint32_t)draw(3));
        site->has_objects = draw(3) == 0;
        for (uint32_t word = 0; word < site->span_words; word++) {
            site->live[word] = draw(2) == 0;
            site->object[word] = site->has_objects && draw(3) == 0;
        }
        if (!site->bottom) {
            site->live[site->frame_words] = 1;
            site->live[site->frame_words + 1] = 0;
            site->object[site->frame_words] = 0;
            site->object[site->frame_words + 1] = 0;
        }
        printf("%s\n {\"pc\":%" PRIu64 ",\"frame_words\":%u,\"span_words\":%u,\"bottom\":%d", s == 0 ? "" : ",", site->pc,
               site->frame_words, site->span_words, site->bottom);
        print_marks("live", site->live, site->span_words);
        if (site->has_objects)
            print_marks("objects", site->object, site->span_words);
        printf("}");
    }
    printf("]");
    port_sites(sites_made, NUM_SITES);
}

/* A word of a frame: 0, a pointer into the used part, its end, a neighbour's address, a small number. */
static uint64_t any_word(const struct port_goroutine *g)
{
    switch (draw(6)) {
    case 0:
        return 0;
    case 1:
        return g->hi;
    case 2:
        return g->lo - 8;
    case 3:
        return draw(5000);
    default:
        return g->sp + draw(g->hi - g->sp);
    }
}

/* Frames of random sites below hi, as many as asked for or as fit with what the callee's arguments need. */
static void make_frames(struct port_goroutine *g, unsigned frames)
{
    unsigned chain[16];
    uint64_t bytes[16];
    uint64_t below = g->hi;
    unsigned count = 0;

    while (count < frames) {
        unsigned s = count == 0 ? (unsigned)draw(2) : 2 + (unsigned)draw(NUM_SITES - 2);
        const struct port_site *site = &sites_made[s];
        bytes[count] = 8 * (uint64_t)(site->bottom ? site->span_words : site->frame_words + 2);
        uint64_t arguments = 8 * (uint64_t)(site->bottom ? 0 : site->span_words - site->frame_words - 2);
        if (below + arguments > g->hi || bytes[count] + 64 > below - g->lo) {
            frames--;
            continue;
        }
        below -= bytes[count];
        chain[count++] = s;
    }
    g->sp = below;
    g->pc = sites_made[chain[count - 1]].pc;
    for (uint64_t place = g->sp; place < g->hi; place += 8)
        port_set_word(place, any_word(g));
    for (unsigned f = count; f-- > 1; below += bytes[f]) {
        uint64_t saved = below + 8 * (uint64_t)sites_made[chain[f]].frame_words;
        port_set_word(saved, saved + 16 < g->hi && draw(2) ? saved + 8 + 8 * draw((g->hi - saved) / 8 - 1) : 0);
        port_set_word(saved + 8, sites_made[chain[f - 1]].pc);
    }
}

static void print_stack(const struct port_goroutine *g, uint64_t bytes)
{
    printf("\"lo\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"sp\":%" PRIu64 ",\"pc\":%" PRIu64 ",\"bp\":%" PRIu64
           ",\"ctxt\":%" PRIu64 ",\"words\":[", g->lo, bytes, g->sp, g->pc, g->bp, g->ctxt);
    for (uint64_t place = g->sp; place < g->hi; place += 8)
        printf("%s%" PRIu64, place == g->sp ? "" : ",", port_word(place));
    printf("]");
}

/* A move to a larger or smaller stack; every fourth vector has a fault in it. */
static int copy(const void *argument)
{
    unsigned number = *(const unsigned *)argument;
    uint64_t bytes = (uint64_t)FIXED_STACK_BYTES << draw(4);
    uint64_t new_bytes = number % 5 == 4 ? bytes / 2 : bytes << draw(3);
    struct port_goroutine g = {0, 0, 0, 0, 0, 0};
    char state[8192];

    begin_vector("copy", "copy", number, "\"COPY-1\",\"COPY-2\",\"COPY-3\",\"COPY-4\",\"COPY-5\",\"COPY-6\",\"COPY-7\",\"COPY-8\"");
    printf(",\"chunks\":16");
    port_start(16);
    make_sites();
    port_alloc(0, bytes, &g.lo);
    g.hi = g.lo + bytes;
    make_frames(&g, 1 + (unsigned)draw(6));
    g.bp = draw(2) && g.sp < g.hi ? g.sp + 8 * draw((g.hi - g.sp) / 8) : 0;
    g.ctxt = draw(2) && g.sp < g.hi ? g.sp + draw(g.hi - g.sp) : draw(100000);
    if (number % 4 == 3 && g.sp < g.hi)
        port_set_word(g.sp + 8 * draw((g.hi - g.sp) / 8), draw(2) ? g.lo + 8 : draw(1000));
    printf(",\n \"before\":{");
    print_stack(&g, bytes);
    const char *status = port_copy(&g, new_bytes);
    printf("},\n \"new_bytes\":%" PRIu64 ",\"status\":\"%s\",\n \"after\":{", new_bytes, status);
    print_stack(&g, g.hi - g.lo);
    port_state(state, sizeof state);
    printf(",\"state\":%s}}", state);
    return 0;
}

/* Runs one maker for numbers 0 .. count - 1, each from the core's first state; the seed differs for each. */
static void make(int (*maker)(const void *argument), unsigned count)
{
    for (unsigned number = 0; number < count; number++) {
        random_state = 1000003u * (num_vectors + 1);
        if (port_isolated(maker, &number) != 0)
            exit(1);
        num_vectors++;
    }
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    printf("{\"version\":1,\"base\":%" PRIu64 ",\"chunk_bytes\":%" PRIu64 ",\"vectors\":[", PORT_BASE, PORT_CHUNK_BYTES);
    if (strcmp(what, "heap") == 0) {
        make(each_size, 10);
        make(refused, 12);
        make(boundaries, 4);
        make(exhausted, 6);
        make(collection, 12);
        make(random_script, 60);
    } else if (strcmp(what, "sizes") == 0) {
        make(sizes, 57);
    } else if (strcmp(what, "copy") == 0) {
        make(copy, 60);
    } else {
        fprintf(stderr, "usage: generate heap|sizes|copy\n");
        return 2;
    }
    printf("\n]}\n");
    return 0;
}
