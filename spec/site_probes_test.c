/* site_probes_test.c: how many slots of the index a look-up reads in a full table.
 *
 * The sites' return addresses are spaced as calls are: near to each other, at even distances, and at random.
 * Time is not measured: slots are counted. */
#include <stdio.h>
#include <stdlib.h>

#include "src/core/move/site_table.h"

#define ROUNDS 4u

static struct site table[SITES_MAX];

/* Return addresses in order: every 5 bytes, every 64, and with random gaps of up to 32 and 4096 bytes. */
static void table_make(uint32_t round)
{
    static const uint32_t gaps[ROUNDS] = {5, 64, 32, 4096};
    uint64_t random_state = 0x2545f4914f6cdd1du;
    int32_t pc = 1;
    for (uint32_t k = 0; k < SITES_MAX; k++) {
        random_state = random_state * 6364136223846793005u + 1442695040888963407u;
        uint32_t gap = round < 2 ? gaps[round] : 1 + (uint32_t)(random_state >> 33) % gaps[round];
        table[k] = (struct site){.pc = pc, .bottom = 1, .objects = -1};
        pc += (int32_t)gap;
    }
}

static uint32_t slots_read(uint32_t site)
{
    uint32_t home = site_home_of(sites[site].pc), slot = home;
    while (site_index[slot] != site + 1)
        slot++;
    return slot - home + 1;
}

/* SITE-6: on average four at most. */
int main(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        table_make(round);
        if (sites_register(table, SITES_MAX, NULL, 0, 0) != STACK_OK) {
            fprintf(stderr, "site_probes_test: round %u: the table was refused\n", round);
            return 1;
        }
        uint64_t all = 0;
        for (uint32_t site = 0; site < SITES_MAX; site++) {
            if (site_find((uint64_t)sites[site].pc) != (int32_t)site)
                return 1;
            all += slots_read(site);
        }
        printf("round %u: %llu slots for %u sites\n", round, (unsigned long long)all, SITES_MAX);
        if (all > 4 * (uint64_t)SITES_MAX)
            return 1;
    }
    return 0;
}
