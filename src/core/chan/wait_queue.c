/* wait_queue.c: queues of operations that wait.  What they are for: wait_queue.h. */
#include "src/core/chan/wait_queue.h"

uint32_t wait_queue[WAIT_ROWS_MAX];
uint32_t wait_next[WAIT_ROWS_MAX];
uint32_t wait_previous[WAIT_ROWS_MAX];
uint64_t wait_ticket[WAIT_ROWS_MAX];
uint32_t queue_first[WAIT_QUEUES_MAX];
uint32_t queue_last[WAIT_QUEUES_MAX];

bool wait_queue_enter(uint32_t queue, uint32_t row)
{
    uint32_t last = queue_last[queue];
    if (last != 0 && wait_ticket[last] == UINT64_MAX)
        return false;
    wait_ticket[row] = last == 0 ? 0 : wait_ticket[last] + 1;
    wait_queue[row] = queue;
    wait_next[row] = 0;
    wait_previous[row] = last;
    if (last == 0)
        queue_first[queue] = row;
    else
        wait_next[last] = row;
    queue_last[queue] = row;
    return true;
}

void wait_queue_leave(uint32_t row)
{
    uint32_t queue = wait_queue[row], next = wait_next[row], previous = wait_previous[row];
    if (previous == 0)
        queue_first[queue] = next;
    else
        wait_next[previous] = next;
    if (next == 0)
        queue_last[queue] = previous;
    else
        wait_previous[next] = previous;
    wait_queue[row] = 0;
}
