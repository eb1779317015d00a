/* maps.h: the sites of compiled code: their maps, and the lists of slots that hold something there.
 *
 * A row of a map, or a list, is made once for all sites between two changes of what it says.  Called by body.c and
 * compile.c; shadow.h declares frames_made_slots, which is here, too. */
#ifndef CONTIG_FRAMES_MAPS_H
#define CONTIG_FRAMES_MAPS_H

#include <stdbool.h>
#include <stdint.h>

void frames_maps_begin(void);
void frames_maps_begin_function(void);

/* Is there room for the sites of one more operation, three at most, and for the three at the end of a function? */
bool frames_sites_have_room(void);

/* The place behind the last instruction is a return address; in_body: of the full frame. */
void frames_site_here(bool in_body);

/* The slots in use, as frames_check_slots wants them: a count, then numbers. */
const uint32_t *frames_list_of_slots(void);

/* Where the sites of the program itself end: what is made stands behind them. */
void frames_sites_linked(void);
bool frames_sites_are_linked(void);

/* Appends the sites that were made to the program's.  False: the core refused them. */
bool frames_sites_add_made(void);
/* Removes them again. */
void frames_sites_forget_made(void);

/* The operation and the function of a site; false: it was not made here. */
struct made_place {
    uint32_t function, operation;
};
bool frames_made_place_of(int32_t site, struct made_place *place);

#endif
