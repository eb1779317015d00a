/* state.c: a port's heap as text, the form in which the vectors hold it.  Called by the checker and the generator. */
#include "spec/vectors/port.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

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
    add(text, room, at, "%s{\"p\":%d,\"order\":%d,\"stacks\":[", text[*at - 1] == '[' ? "" : ",", p, order);
    for (unsigned n = 0; port_cached(p, order, n) != 0; n++)
        add(text, room, at, "%s%" PRIu64, n == 0 ? "" : ",", port_cached(p, order, n));
    add(text, room, at, "]}");
}

void port_state(char *text, size_t room)
{
    size_t at = 0;
    unsigned order;
    unsigned free_stacks;

    add(text, room, &at, "{\"used\":%" PRIu64 ",\"caches\":[", port_used());
    for (int p = 0; p < PORT_MOST_P; p++)
        for (int cached = 0; cached < PORT_ORDERS; cached++)
            add_cache(text, room, &at, p, cached);
    add(text, room, &at, "],\"spans\":[");
    for (uint64_t base = PORT_BASE; base < PORT_BASE + PORT_MOST_CHUNKS * PORT_CHUNK_BYTES; base += PORT_CHUNK_BYTES)
        if (port_span(base, &order, &free_stacks))
            add(text, room, &at, "%s{\"base\":%" PRIu64 ",\"order\":%u,\"free\":%u}", text[at - 1] == '[' ? "" : ",", base,
                order, free_stacks);
    add(text, room, &at, "],\"queued\":[");
    for (uint64_t base = PORT_BASE; base < PORT_BASE + PORT_MOST_CHUNKS * PORT_CHUNK_BYTES; base += PORT_CHUNK_BYTES)
        if (port_queued(base) != 0)
            add(text, room, &at, "%s{\"base\":%" PRIu64 ",\"bytes\":%" PRIu64 "}", text[at - 1] == '[' ? "" : ",", base,
                port_queued(base));
    add(text, room, &at, "]}");
}
