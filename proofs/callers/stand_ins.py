"""stand_ins.py: what is evaluated in place of an invariant that speaks of ghost state, and clauses without any form.

An invariant of the proof has parts that no program holds: permutations behind the sets, owners of chunks.  In its
place stands what the checkers of the core decide, of the same tables.  Each entry names the digest of the invariant's
definition, with all that it is made of: who changes the invariant looks at its stand-in again.
Called by translate.py and generate.py.
"""
from dataclasses import dataclass
from typing import Dict, Tuple

from acsl import Reader, Term

# Macros of the core that the texts below use.
CONSTANTS = ("NUM_CHUNK_SETS", "NUM_BLOCK_ORDERS", "NUM_P")

_SETS = r"\forall integer row; 0 <= row < %s ==> set_checked(row)"
_EACH_CHUNK = r"\forall integer chunk; 0 <= chunk < grown_chunks ==> %s(chunk)"
_CACHES = r"\forall integer p; 0 <= p < NUM_P ==> cache_checked(p)"


@dataclass(frozen=True)
class StandIn:
    text: str  # what is evaluated, in ACSL
    digest: str  # of the definition that it stands in for
    reason: str

    @property
    def term(self) -> Term:
        return Reader(self.text, lambda _: False).whole()


STAND_INS: Dict[str, StandIn] = {
    "stacks_sound": StandIn(
        "heap_checked",
        "3540a05c2551ab83",
        "the sets' permutations, the owners of chunks and cache places are ghost",
    ),
    "heap_sound": StandIn(
        "(%s) && (%s) && (%s)" % (_SETS % "NUM_CHUNK_SETS", _CACHES, _EACH_CHUNK % "chunk_checked"),
        "62333dd96db62f6a",
        "as for stacks_sound, without the count of units",
    ),
    "page_heap_ok": StandIn(
        "(%s) && (%s)" % (_SETS % "2 * NUM_BLOCK_ORDERS", _EACH_CHUNK % "block_checked"),
        "fb0bd7944128ce7f",
        "the sets' permutations and the owners of chunks are ghost",
    ),
    "pool_ok": StandIn(
        "(%s) && (%s)" % (_CACHES, _EACH_CHUNK % "span_checked"),
        "1ca2c76d3f95e9b8",
        "cache places are ghost",
    ),
    "chunk_sets_ok": StandIn(
        _SETS % "NUM_CHUNK_SETS", "dda047df5fdf93e7", "the sets' permutations are ghost"
    ),
    "in_set": StandIn(
        "member_of(row, chunk)", "14a682fb0403a811", "a chunk's place in the permutation is ghost"
    ),
    "site_table_ok": StandIn(
        "sites_checked",
        "9215cc804f401e6d",
        "the place of a site in the index is ghost; laws_copy.c proves both directions",
    ),
    "channels_sound": StandIn(
        "channels_checked(4096, 1024)",
        "e644cd3360958eae",
        "tickets and sides are compared pair by pair; the checker compares neighbours, of the rows "
        "that the programs use",
    ),
}

# (function, clause): why nothing is evaluated.  Clauses that are ghost state throughout need no entry.
NOT_EVALUATED: Dict[Tuple[str, str], str] = {
    ("offer_wait", "requires cases"): (
        "whether nobody waits on the other side is asked of all rows, four million; select_poll has "
        "just answered it"
    ),
}
