/* site_probes_test.c: how many slots of the index a look-up reads in a full table.
 *
 * The sites' return addresses are spaced as calls are: near to each other, at even distances, at random, and in
 * stretches that are far from each other.
 * Time is not measured: slots are counted. */
#include <stdio.h>
#include <stdlib.h>

#include "src/core/move/site_table.h"

static struct site table[SITES_MAX];

/* How far one return address is from the next, and how many are in a row before the next stretch of text begins. */
static const struct distances {
    uint32_t least, most, in_a_row, stretch_bytes;
} rounds[] = {
    {5, 5, SITES_MAX, 0}, /* calls without arguments */
    {64, 64, SITES_MAX, 0},
    {5, 40, SITES_MAX, 0}, /* calls of compiled code */
    {1, 32, SITES_MAX, 0},
    {1, 4096, SITES_MAX, 0},
    /* Stretches that but for the shift would stand at one place of the index, and others. */
    {5, 40, 512, 4 * SITE_HOMES},
    {5, 40, 4096, 1u << 18},
    {5, 5, 4096, 1u << 24},
    {5, 12, 64, 20000},
};
#define ROUNDS (sizeof rounds / sizeof rounds[0])

static void table_make(const struct distances *round)
{
    uint64_t random_state = 0x2545f4914f6cdd1du;
    uint32_t pc = 1;
    for (uint32_t k = 0; k < SITES_MAX; k++) {
        random_state = random_state * 6364136223846793005u + 1442695040888963407u;
        if (k % round->in_a_row == 0)
            pc = 1 + k / round->in_a_row * round->stretch_bytes;
        table[k] = (struct site){.pc = (int32_t)pc, .bottom = 1, .objects = -1};
        pc += round->least + (uint32_t)(random_state >> 33) % (round->most - round->least + 1);
    }
}

static uint32_t slots_read(uint32_t site)
{
    uint32_t home = site_home_of(sites[site].pc), slot = home;
    while (site_index[slot] != (int32_t)(site + 1))
        slot++;
    return slot - home + 1;
}

/* SITE-6: on average four at most. */
int main(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        table_make(&rounds[round]);
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
