/* chan_numbers.c: which channels, and which rows of those who wait, are in use.
 *
 * With one thread numbers are given one after the other.  Several threads that used neighbours would change entries of
 * the core's tables that stand in one cache line, and wait for each other's: there, of 4096 numbers, the first 256 are
 * 16 apart, and so are the next, between them. */
#include "src/runtime/chan.h"

#define SPREAD 4096u

static struct lock numbers_lock = {.rank = LOCK_RANK_NUMBERS};
static uint32_t channels_made, first_free, next_free[CHANNELS_MAX];

/* Rows from rows_end on were never used.  Single ones, and longer stretches, come each from a block of their own. */
static uint32_t rows_end = 1;
static struct block {
    uint32_t next, end;
} single, longer;

static uint32_t unit(void)
{
    return contig_threads ? SPREAD : 1;
}

static uint32_t spread(uint32_t number)
{
    return unit() == 1 ? number
                       : (number & ~(SPREAD - 1)) | (number & 255) << 4 | (number >> 8 & 15);
}

uint32_t contig_channel_number_take(void)
{
    contig_lock_acquire(&numbers_lock);
    uint32_t number = first_free;
    if (number != 0)
        first_free = next_free[number];
    else if (channels_made < CHANNELS_MAX - 1)
        number = spread(++channels_made);
    contig_lock_release(&numbers_lock);
    return number;
}

void contig_channel_number_give(uint32_t channel)
{
    contig_lock_acquire(&numbers_lock);
    next_free[channel] = first_free;
    first_free = channel;
    contig_lock_release(&numbers_lock);
}

/* False: there are not so many rows left. */
static bool block_begin(struct block *block, uint32_t rows)
{
    uint32_t begin = (rows_end + unit() - 1) / unit() * unit(),
             count = (rows + unit() - 1) / unit() * unit();
    if (begin > WAIT_ROWS_MAX - count)
        return false;
    *block = (struct block){begin, begin + count};
    rows_end = begin + count;
    return true;
}

uint32_t contig_chan_rows_take(uint32_t rows)
{
    struct block *block = rows == 1 ? &single : &longer;
    uint32_t first = 0;
    contig_lock_acquire(&numbers_lock);
    if (rows <= block->end - block->next || block_begin(block, rows)) {
        first = rows == 1 ? spread(block->next) : block->next;
        block->next += rows;
    }
    contig_lock_release(&numbers_lock);
    return first;
}

uint32_t contig_channels_end(void)
{
    return contig_threads ? (channels_made / SPREAD + 1) * SPREAD : channels_made + 1;
}

uint32_t contig_chan_rows_end(void)
{
    return rows_end;
}

void contig_chan_numbers_stop(void)
{
    channels_made = first_free = 0;
    rows_end = 1;
    single = longer = (struct block){0, 0};
}
