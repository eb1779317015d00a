/* schedule_selects.h: programs of schedule_test with selects that wait, and with a goroutine that is served while
 * another thread owns it. */
#ifndef CONTIG_RUNTIME_TEST_SCHEDULE_SELECTS_H
#define CONTIG_RUNTIME_TEST_SCHEDULE_SELECTS_H

#include "src/runtime/chan_lock.h"
#include "src/runtime/test/schedule_acts.h"

/* CHAN-11: nobody waits, and no row is counted. */
static void nobody_is_counted(void)
{
    for (uint32_t i = 0; i < 2; i++)
        EXPECT(contig_channel_memory[channel[i]].shared_rows == 0);
}

/* For a moment nobody else operates on the first channel. */
static uint64_t hold_0(struct actor *actor)
{
    bool offers = contig_channel_lock((uint32_t)channel[0]);
    contig_sync_pause();
    contig_channel_unlock((uint32_t)channel[0], offers);
    return nothing(actor);
}

/* For a moment the first goroutine is another thread's, if it waits.  If it was woken meanwhile its row has left, and
 * its offer is settled. */
static uint64_t own_first(struct actor *actor)
{
    struct g *g = contig_g_by_id(actors[0].id);
    if (g != NULL && contig_g_claim(g)) {
        contig_sync_pause();
        contig_g_release(g);
        if (g->status == G_RUNNABLE)
            EXPECT(wait_queue[g->wait_first] == 0 && offer_state[g->wait_first] != OFFER_OPEN);
    }
    return nothing(actor);
}

/* CHAN-9 */
static void select_of_two(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, select_both, note_choice, select_both, note_choice);
    ACTS(1, nothing, send_0);
    ACTS(2, nothing, send_1);
    EXPECT(explored_run() == 0 && values[0] == 11);
    nobody_is_counted();
    finish();
}

/* CHAN-11: a select begins to wait for a channel whose lock a sender awaits. */
static void held_and_select(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, hold_0, select_both, note_choice, select_both, note_choice);
    ACTS(1, nothing, send_0);
    ACTS(2, nothing, send_1);
    EXPECT(explored_run() == 0 && values[0] == 11);
    nobody_is_counted();
    finish();
}

static void selects_meet(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, select_across, note_case);
    ACTS(1, nothing, select_across, note_case);
    EXPECT(explored_run() == 0 && values[0] == values[1] && values[0] != 0);
    nobody_is_counted();
    finish();
}

/* CHAN-3, CHAN-9: two selects wait for the same channels, and withdraw what waits of them. */
static void two_select(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, select_both, note_choice);
    ACTS(1, nothing, select_both, note_choice);
    ACTS(2, rest, send_0, send_0_again);
    EXPECT(explored_run() == 0 && values[0] == 1 && values[1] == 1);
    nobody_is_counted();
    finish();
}

/* CHAN-7, OWN-1: who is served while another thread owns it runs on that one. */
static void own_and_send(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, receive_0, note, receive_0, note);
    ACTS(1, nothing, send_0, send_0);
    ACTS(2, nothing, own_first);
    EXPECT(explored_run() == 0 && values[0] == 23);
    finish();
}

#endif
