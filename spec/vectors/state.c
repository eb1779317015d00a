/* state.c: a port's heap as text, the form in which the vectors hold it.  Called by the checker. */
#include "spec/vectors/port.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(char *text, size_t room, size_t *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (*at < room)
        *at += (size_t)vsnprintf(text + *at, room - *at, format, arguments);
    va_end(arguments);
}

static void add_cache(char *text, size_t room, size_t *at, int p, int order)
{
    if (port_cached(p, order, 0) == 0)
        return;
    add(text, room, at, "%s{\"p\":%d,\"order\":%d,\"stacks\":[", text[*at - 1] == '[' ? "" : ",", p,
        order);
    for (unsigned n = 0; port_cached(p, order, n) != 0; n++)
        add(text, room, at, "%s%" PRIu64, n == 0 ? "" : ",", port_cached(p, order, n));
    add(text, room, at, "]}");
}

static void add_block(char *text, size_t room, size_t *at, uint64_t chunk)
{
    struct port_block block;

    if (!port_block_at(chunk, &block))
        return;
    add(text, room, at, "%s{\"chunk\":%" PRIu64 ",\"chunks\":%" PRIu64 ",\"is\":\"%s\"",
        text[*at - 1] == '[' ? "" : ",", chunk, block.chunks, block.is);
    if (strcmp(block.is, "SPAN") == 0)
        add(text, room, at, ",\"order\":%u,\"free\":%u", block.order, block.free_stacks);
    add(text, room, at, "}");
}

void port_state(char *text, size_t room)
{
    size_t at = 0;

    add(text, room, &at, "{\"used\":%" PRIu64 ",\"mark\":%" PRIu64 ",\"caches\":[", port_used(),
        port_mark());
    for (int p = 0; p < PORT_MOST_P; p++)
        for (int order = 0; order < PORT_ORDERS; order++)
            add_cache(text, room, &at, p, order);
    add(text, room, &at, "],\"blocks\":[");
    for (uint64_t chunk = 0; chunk < port_mark(); chunk++)
        add_block(text, room, &at, chunk);
    add(text, room, &at, "]}");
}
