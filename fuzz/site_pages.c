/* site_pages.c: decides about a small site table what sites_ok decides, without a look at each slot of the index.
 *
 * The index has 1.3 million slots, and the table of an input fills a few of them.  A page of the index that holds
 * zeros alone is closed to writing.  Who writes to it comes to on_write, which opens the page and notes it.  So a slot
 * that is not 0 is in an open page, or in the words beside the whole pages: only these are counted.  At the start
 * sites_ok decides that the index is empty.
 *
 * The index is right if each site is found, and no other slot is used: `sites_checked` (spec/checked_moves.acsl) says
 * the same.  A site's number stands in one slot only, because there are as many used slots as sites.  For the same
 * reason no probe passes more slots than there are earlier sites, so that its slot is below SITE_HOMES + its number.
 *
 * Which pages are open depends on earlier inputs: fuzz/build counts no branches here. */
#define _DEFAULT_SOURCE /* mprotect of part of an array, siginfo_t */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/site_pages.h"
#include "fuzz/target.h"
#include "src/core/move/stack_check.h"

/* No page is smaller. */
#define SMALLEST_PAGE 4096u
#define SLOT_BYTES sizeof(site_index[0])
/* More open pages than this are looked through for some to close. */
#define OPEN_PAGES 8u

static int32_t *first, *last; /* the whole pages of the index; NULL before they are watched */
static size_t page_slots;
static int32_t *opened[SITE_SLOTS * SLOT_BYTES / SMALLEST_PAGE + 1];
static uint32_t opened_count;
static bool whole;              /* sites_ok is asked at this input */
static struct sigaction before; /* for faults that are not ours */

static void allow(int32_t *begin, const int32_t *end, int access)
{
    if (mprotect(begin, (size_t)(end - begin) * SLOT_BYTES, access) == 0)
        return;
    perror("site_pages: mprotect");
    abort();
}

static bool is_open(const int32_t *page)
{
    for (uint32_t i = 0; i < opened_count; i++)
        if (opened[i] == page)
            return true;
    return false;
}

static void on_write(int number, siginfo_t *information, void *context)
{
    (void)context;
    uintptr_t at = (uintptr_t)information->si_addr;
    if (at >= (uintptr_t)first && at < (uintptr_t)last) {
        int32_t *page = first + (at - (uintptr_t)first) / (page_slots * SLOT_BYTES) * page_slots;
        if (!is_open(page)) {
            opened[opened_count++] = page;
            allow(page, page + page_slots, PROT_READ | PROT_WRITE);
            return;
        }
    }
    /* The fault comes again, to the handler that was there. */
    sigaction(number, &before, NULL);
}

/* Closes the index, which must be empty. */
static void watch(void)
{
    require(sites_count == 0 && sites_ok(), "heap", "the table is not empty at the start");
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)site_index,
              end = (uintptr_t)(site_index + SITE_SLOTS);
    page_slots = page / SLOT_BYTES;
    first = site_index + ((begin + page - 1) / page * page - begin) / SLOT_BYTES;
    last = site_index + (end / page * page - begin) / SLOT_BYTES;
    struct sigaction action = {.sa_sigaction = on_write, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &before);
    allow(first, last, PROT_READ);
}

static uint32_t used_between(const int32_t *slot, const int32_t *end)
{
    uint32_t used = 0;
    for (; slot < end; slot++)
        used += *slot != 0;
    return used;
}

/* Counts the slots that are not 0, and closes empty pages if many are open. */
static uint32_t used_slots(void)
{
    uint32_t used = used_between(site_index, first) + used_between(last, site_index + SITE_SLOTS);
    bool many = opened_count > OPEN_PAGES;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < opened_count; i++) {
        int32_t *page = opened[i];
        uint32_t here = used_between(page, page + page_slots);
        used += here;
        if (many && here == 0)
            allow(page, page + page_slots, PROT_READ);
        else
            opened[kept++] = page;
    }
    opened_count = kept;
    return used;
}

/* SITE-3: does the probe for the site's pc end at the site, past earlier sites with other pcs? */
static bool is_found(uint32_t site)
{
    for (uint32_t slot = site_home_of(sites[site].pc); slot < SITE_SLOTS; slot++) {
        int32_t number = site_index[slot];
        if (number == (int32_t)site + 1)
            return true;
        if (number < 1 || number > (int32_t)site || sites[number - 1].pc == sites[site].pc)
            return false;
    }
    return false;
}

/* SITE-1, SITE-2, SITE-3 of all sites, and no other slot is used. */
static bool is_well_formed(void)
{
    int32_t maps = 0;
    if (sites_count > SITES_MAX || site_map_count > SITE_MAP_WORDS)
        return false;
    for (uint32_t site = 0; site < sites_count; site++) {
        if (site_map_ends[site] < maps || site_map_ends[site] > (int32_t)site_map_count)
            return false;
        maps = site_map_ends[site];
        if (!site_well_formed((int32_t)site, (uint32_t)maps) || !is_found(site))
            return false;
    }
    return site_map_count == (uint32_t)maps && used_slots() == sites_count;
}

void site_pages_begin(const uint8_t *bytes, size_t size, uint32_t share)
{
    if (first == NULL)
        watch();
    /* By the bytes alone: an input takes the same branches of the core whenever it runs. */
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * 16777619u;
    whole = (sum >> 8) % share == 0;
}

bool site_pages_ok(void)
{
    bool good = is_well_formed();
    require(!whole || sites_ok() == good, "model",
            "sites_ok and a look at the pages that were written disagree");
    return good;
}
