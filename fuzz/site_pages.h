/* site_pages.h: decides about a small site table what sites_ok decides, without a look at each slot of the index. */
#ifndef CONTIG_FUZZ_SITE_PAGES_H
#define CONTIG_FUZZ_SITE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called as each input begins; at the first one the table must be empty.  One of `share` inputs is judged by sites_ok,
 * too. */
void site_pages_begin(const uint8_t *bytes, size_t size, uint32_t share);

/* CHECK-1: is the site table well formed?  sites_ok, if it is asked, must say the same. */
bool site_pages_ok(void);

#endif
