#!/usr/bin/env python3
"""gates_test.py: what would make the wrappers say less than the contracts do is a finding of check.py.

A clause without a form in C, an invariant that changed under its stand-in, an entry without its clause, and a call past
a wrapper are each put into the contracts of the tree, and must be found; without them nothing is."""
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(sys.path[0]))
import paths  # noqa: E402,F401
import check  # noqa: E402
import generate  # noqa: E402
import stand_ins  # noqa: E402
from acsl import Reader  # noqa: E402
from vocabulary import Clause  # noqa: E402

failures = 0


def expect(what: str, wanted: str, found: list[str]) -> None:
    """One finding, with these words in it; none if no words are wanted."""
    global failures
    good = not found if not wanted else len(found) == 1 and wanted in found[0]
    failures += not good
    print("%s: %s: %s" % ("ok" if good else "FAILED", what, found))


def findings(generator: generate.Generator, needed: dict[str, list[str]]) -> list[str]:
    return check.unfit(
        generator, [generator.plan("newstack_size"), generator.plan("stackinit")], needed
    )


def with_clause(generator: generate.Generator, text: str) -> list[str]:
    clause = Clause("requires added", text, Reader(text, lambda _: False).whole())
    clauses = generator.vocabulary.requires["newstack_size"]
    clauses.append(clause)
    found = findings(generator, {})
    clauses.remove(clause)
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as work:
        generator = check.contracts(work)
    expect("the tree as it is", "", findings(generator, {}))
    expect(
        "a quantifier without bounds",
        "requires added: has no form in C: k has no bounds",
        with_clause(generator, "\\exists integer k; k * k == used"),
    )
    expect("two states", "compares two states", with_clause(generator, "live_stacks_kept"))
    expect(
        "ghost state only is listed, and no finding",
        "",
        with_clause(generator, "unit_live[0] == 0"),
    )
    expect(
        "a bounded quantifier",
        "",
        with_clause(generator, "\\forall integer k; 0 <= k < used ==> k < old_size"),
    )
    expect(
        "a call past its wrapper",
        "stackalloc is called past its wrapper, by a.c",
        findings(generator, {"stackalloc": ["a.c"]}),
    )
    stand_ins.NOT_EVALUATED["newstack_size", "requires gone"] = "no reason"
    expect(
        "an entry without its clause",
        "newstack_size has no clause 'requires gone'",
        findings(generator, {}),
    )
    stand_ins.NOT_EVALUATED.clear()
    changed = generator.vocabulary.definitions["arena_placed"]
    object.__setattr__(changed, "text", changed.text + " || arena_chunks == 0")
    expect(
        "an invariant that changed",
        "the definition of stacks_sound has changed",
        findings(generator, {}),
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
