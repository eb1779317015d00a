/* claim.c: who owns the stack of a goroutine that does not run, by its status.
 *
 *      waiting  --claimed--> claimed   --released--> waiting
 *                               `--woken by another--> woken --released--> runnable
 *      runnable --claimed--> held back --released--> runnable
 *
 * OWN-1, LIFE-12; Go 1.19 runtime/proc.go casgstatus, castogscanstatus, ready. */
#include "src/runtime/runtime.h"

bool contig_g_claim(struct g *g)
{
    if (!contig_threads)
        return g->status == G_WAITING;
    for (;;) {
        uint8_t status = G_WAITING;
        if (SYNC_COMPARE_EXCHANGE(&g->status, &status, (uint8_t)G_CLAIMED))
            return true;
        if (status != G_CLAIMED)
            return false;
        contig_sync_pause();
    }
}

bool contig_g_claim_to_scan(struct g *g)
{
    uint8_t waiting = G_WAITING, runnable = G_RUNNABLE;
    return SYNC_COMPARE_EXCHANGE(&g->status, &waiting, (uint8_t)G_CLAIMED) ||
           SYNC_COMPARE_EXCHANGE(&g->status, &runnable, (uint8_t)G_HELD_BACK);
}

void contig_g_release(struct g *g)
{
    uint8_t claimed = G_CLAIMED, held_back = G_HELD_BACK;
    if (!contig_threads || SYNC_COMPARE_EXCHANGE(&g->status, &claimed, (uint8_t)G_WAITING) ||
        SYNC_COMPARE_EXCHANGE(&g->status, &held_back, (uint8_t)G_RUNNABLE))
        return;
    contig_runq_put(contig_p(), g);
}

void contig_g_wake(struct g *g)
{
    for (;;) {
        uint8_t waiting = G_WAITING, claimed = G_CLAIMED;
        if (!contig_threads || SYNC_COMPARE_EXCHANGE(&g->status, &waiting, (uint8_t)G_CLAIMED)) {
            contig_runq_put(contig_p(), g);
            return;
        }
        if (SYNC_COMPARE_EXCHANGE(&g->status, &claimed, (uint8_t)G_WOKEN))
            return;
    }
}
