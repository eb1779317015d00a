/* command.c: `contig conform` with the judge of moves, and the numbers that it reports. */
#include "src/conform/moves/command.h"

#include <inttypes.h>
#include <stdio.h>

#include "src/conform/conform.h"
#include "src/conform/moves/moves.h"

/* A field for each number on moves. */
static void report_moves_json(const struct moves *moves)
{
    struct moves_counts counts = moves_counts(moves);
    printf(",\"moves\":%" PRIu64 ",\"named\":%" PRIu64 ",\"frames\":%" PRIu64
           ",\"joined\":%" PRIu64,
           counts.moves, counts.named, counts.frames, counts.joined);
    printf(",\"words\":%" PRIu64 ",\"registers\":%" PRIu64 ",\"refused_registers\":%" PRIu64
           ",\"records\":%" PRIu64,
           counts.words, counts.registers, counts.elsewhere, counts.records);
    printf(",\"places\":%" PRIu64 ",\"classes\":{", counts.places);
    for (int kind = 0; kind < NUM_WORD_CLASSES; kind++)
        printf("%s\"%s\":%" PRIu64, kind == 0 ? "" : ",", word_class_names[kind],
               counts.class[kind]);
    printf("}");
}

static void report_moves_text(const struct moves *moves)
{
    struct moves_counts counts = moves_counts(moves);
    printf("  moves: %" PRIu64 " (%" PRIu64 " named only), %" PRIu64 " frames (%" PRIu64
           " joined), %" PRIu64 " places; ",
           counts.moves, counts.named, counts.frames, counts.joined, counts.places);
    printf("%" PRIu64 " words, %" PRIu64 " registers (%" PRIu64 " refused), %" PRIu64
           " records compared\n  words:",
           counts.words, counts.registers, counts.elsewhere, counts.records);
    for (int kind = 0; kind < NUM_WORD_CLASSES; kind++)
        printf("%s %" PRIu64 " %s", kind == 0 ? "" : ",", counts.class[kind],
               word_class_names[kind]);
    printf("\n");
}

static void report(const void *moves, bool json)
{
    if (json)
        report_moves_json(moves);
    else
        report_moves_text(moves);
}

static void *make(uint64_t memory_bytes)
{
    return moves_new(memory_bytes);
}

static void discard(void *moves)
{
    moves_free(moves);
}

static bool end(const void *moves, struct replay *replay)
{
    return moves_end(moves, replay);
}

int conform_moves_main(int argc, char **argv)
{
    static const struct conform_judge judge = {make, discard, moves_judge, end, report};
    return conform_with(argc, argv, &judge);
}
