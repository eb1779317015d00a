/* unwind_fuzz.c: site tables and stacks that are garbage: registration refuses what is malformed and nothing else,
 * and the three ways to walk a stack end, agree, and read nothing outside of it. */
#include "fuzz/site_pages.h"
#include "fuzz/stack_input.h"
#include "src/core/move/stack_check.h"
#include "src/core/heap/stackalloc.h"

/* sites_ok takes a millisecond: it is asked at each input that is replayed, at one of so many that an engine makes. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define WHOLE_SHARE 128u
#else
#define WHOLE_SHARE 1u
#endif

static uint32_t marks[MARK_WORDS];

/* UNWIND-1, UNWIND-2: the walk by single steps, which traces use. */
static enum stack_status walk(const uint64_t *arena, uint64_t low, uint64_t high, uint64_t sp,
                              uint64_t pc, uint32_t *frames)
{
    struct unwound frame = unwind_first(arena, low, high, sp, pc);
    for (*frames = 1; frame.status == STACK_OK && frame.last == 0; ++*frames) {
        require(frame.sp >= low && frame.sp <= high, "model", "a frame lies outside of the stack");
        require(*frames <= INPUT_WORDS, "model", "a walk does not end");
        uint64_t saved = frame.sp + 8 * (uint64_t)(uint32_t)sites[frame.site].frame_words,
                 word = arena[(saved - arena_base) / 8];
        require(sites[frame.site].bare != 0 || word == 0 || (word > saved && word < high), "model",
                "a frame with a frame pointer off the stack was accepted");
        frame = unwind_next(arena, high, frame);
    }
    require(frame.status != STACK_OK ||
                frame.sp + 8 * (uint64_t)(uint32_t)sites[frame.site].span_words == high,
            "model", "a first frame that does not end with the stack was accepted");
    return frame.status;
}

/* UNWIND-3, UNWIND-4, COPY-4: all walks say the same, and no word beyond the stack is marked. */
static void walks_agree(const uint64_t *words, uint64_t low, uint32_t count, uint32_t top,
                        uint64_t pc)
{
    struct stack_words at = {low, 0, top, count};
    struct stack_fault checked = check_frames(words, at, pc),
                       marked = mark_frames(words, marks, at, pc);
    uint32_t frames;
    require(checked.status == marked.status && checked.frame == marked.frame &&
                checked.pc == marked.pc && checked.frame_sp == marked.frame_sp,
            "model", "check_frames and mark_frames disagree");
    arena_base = low;
    enum stack_status status = walk(words, low, low + 8 * count, low + 8 * top, pc, &frames);
    require(checked.status == STACK_STALE_POINTER || status == checked.status, "model",
            "the walk by steps and the whole walk disagree");
    for (uint32_t k = count - top; k < (count - top) / 32 * 32 + 32; k++)
        require((marks[k / 32] >> k % 32 & 1) == 0, "model", "a word beyond the stack is marked");
}

/* As many rows and words as the refused calls name, and not all of them fit beside the table's first. */
static struct site too_many[SITES_MAX];
static int32_t too_many_maps[SITE_MAP_WORDS + 1];

/* CHECK-1, SITE-1: what registration would have refused is noticed in a table that stands. */
static void spoilt_table_is_noticed(uint32_t which)
{
    struct site *site = &sites[which % sites_count], before = *site;
    if (which / 16 % 2 == 0)
        site->pointers_more = -1;
    else
        site->objects = -2;
    require(!site_pages_ok(), "heap", "a table with a malformed site passes");
    *site = before;
}

/* CHECK-1: so is a slot that registration did not write so: the first one for a site, or any. */
static void spoilt_index_is_noticed(uint32_t which, uint32_t any)
{
    uint32_t slot =
        which % 2 != 0 ? site_home_of(sites[which / 2 % sites_count].pc) : any % SITE_SLOTS;
    site_index[slot]++;
    require(!site_pages_ok(), "heap", "a table with a spoilt index passes");
    site_index[slot]--;
}

/* SITE-1, SITE-2, SITE-3, SITE-4, CHECK-1, UNWIND-1, UNWIND-4: a table is refused if it is malformed or too large; the
 * stack is allocated to the word, so that AddressSanitizer sees every read outside of it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, bytes + size};
    site_pages_begin(bytes, size, WHOLE_SHARE);
    table_take(&input);
    require(sites_append(too_many, SITES_MAX, input_maps, 0) == STACK_BAD_SITE, "model",
            "more sites than fit were accepted");
    require(sites_append(input_table, 1, too_many_maps, SITE_MAP_WORDS + 1) == STACK_BAD_SITE,
            "model", "more maps than fit were accepted");
    require(site_pages_ok(), "heap", "the table is not well formed");
    uint32_t count = 1 + (uint32_t)input_take(&input, 2) % INPUT_WORDS,
             top = (uint32_t)input_take(&input, 2) % (count + 1);
    uint64_t low = UINT64_C(0x7000000000);
    /* Of exactly the stack's size: ASan sees every read outside. */
    uint64_t *words = malloc(count * sizeof *words);
    uint64_t pc;
    if (input_take(&input, 1) % 4 != 0 && count >= BOTTOM_WORDS) {
        static uint64_t built[INPUT_WORDS];
        uint32_t used = stack_build(&input, built, count, low + 8 * (uint64_t)count, &pc);
        top = count - used;
        memset(words, 0, 8 * (size_t)top);
        memcpy(words + top, built, 8 * (size_t)used);
        if (input_take(&input, 1) % 4 == 0)
            words[input_take(&input, 2) % count] = word_take(&input, low, count);
    } else {
        for (uint32_t i = 0; i < count; i++)
            words[i] = word_take(&input, low, count);
        pc = word_take(&input, low, count);
    }
    walks_agree(words, low, count, top, pc);
    struct unwound misplaced =
        unwind_first(words, low, low + 8 * count, low - 16 + input_take(&input, 2), pc);
    require(misplaced.status == STACK_OK || misplaced.status == STACK_BAD_FRAME, "model",
            "a status that no walk has");
    spoilt_table_is_noticed((uint32_t)input_take(&input, 1));
    uint32_t which = (uint32_t)input_take(&input, 2);
    /* Where no bytes are left, the size still names one slot or another. */
    spoilt_index_is_noticed(which, (uint32_t)size * 4999 + which * 20);
    free(words);
    return 0;
}
