"""command.py: the command line of proofs/defects/run, and the order of the work."""
import collections
import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence

from contig import arguments, files, tool
from defects import checking, fuzzing, layers, record, trees, verdict
from defects.fuzzing import Fuzzing
from defects.proving import Gate, Proof
from defects.record import WAYS, Defect
from defects.replaying import Replaying
from defects.scheduling import Scheduling
from defects.stressing import Stressing
from defects.testing import Testing
from defects.vectors import Vectors
from defects.verdict import Row, Way

HELP = """proofs/defects/run [OPTION...] [NAME...]: plants each defect, and prints what noticed it, and after how long.

A defect is a patch (proofs/defects/AREA/NAME.patch); the lines above it (record.py) say who must notice it: a proof
that stays open, a gate that turns red, a test that fails, a search of all schedules (schedule), random graphs on
eight threads (stress), fuzzing, a test vector of a requirement (vectors), or the exact replay of contig's own traces
(replay).  Nothing is planted in this tree, but in a copy.

  --by WAY          only by proof, gate, test, schedule, stress, fuzz, vectors or replay; may be given more than once
  --quick           only the defects marked as quick; of the others, that their patches apply
  --list            prints each defect, and who must notice it
  --check           whether each patch applies and compiles, the lines above it are sound, and docs/seeded_bugs.md is
                    what they say; nothing is proved or run
  --layers          writes docs/seeded_bugs.md: bugs of channels and threads, and who finds them
  --json FILE       writes the table as JSON, too
  --patch FILE      this patch instead of those of the tree; may be given more than once
  --engine ENGINE   of fuzzing: libfuzzer, afl, or both (default)
  --seconds N       of fuzzing, for each defect and engine (default 600)
  --asan            fuzzes with sanitizers       --empty    begins without the corpus of the repository

A fuzz target, a test, a vector or a replay that finds something in the tree without a defect shows nothing: that is a
finding, too.
Exit status: 0 if all was noticed; 1 if a defect was not, or a patch is no good; 2 if it could not run.
"""


def options_of() -> Namespace:
    parser = arguments.Parser("proofs/defects/run", HELP)
    parser.add_argument("--by", action="append", default=[], choices=WAYS)
    work = parser.add_mutually_exclusive_group()
    work.add_argument("--list", action="store_true")
    work.add_argument("--check", action="store_true")
    work.add_argument("--layers", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", metavar="FILE", type=arguments.output_file)
    parser.add_argument("--patch", action="append", default=[], type=arguments.input_file)
    parser.add_argument("--engine", choices=[*fuzzing.ENGINES, "both"], default="both")
    parser.add_argument("--seconds", type=arguments.seconds(), default=600)
    parser.add_argument("--asan", action="store_true")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.read()
    if options.patch and options.names:
        parser.error("--patch and the name %s: give one of them" % tool.shown(options.names[0]))
    return options


def chosen(options: Namespace) -> list[Defect]:
    """The defects that the command line names and that some way must notice that it asks."""
    defects = [record.read(path) for path in options.patch] or record.load()
    arguments.known(options.names, "defect", [defect.name for defect in defects])
    return [
        defect
        for defect in defects
        if (not options.names or defect.name in options.names)
        and (not options.by or set(options.by) & set(defect.ways))
    ]


def listing(defects: Sequence[Defect]) -> int:
    for defect in defects:
        quick = ", quick" if defect.quick else ""
        noticed = ", ".join(defect.ways) + quick
        print("%-48s %-20s %s" % (defect.title, noticed, defect.fields["What"]))
    return 0


def check(defects: Sequence[Defect]) -> int:
    with files.temporary("contig-defects") as work:
        found = [*checking.findings(defects, work), *layers.findings(record.load())]
    for text in found:
        print(text)
    areas = collections.Counter(defect.area for defect in defects)
    ways = collections.Counter(way for defect in defects for way in defect.ways)
    kinds = collections.Counter(defect.fields.get("Reference", "")[:4] for defect in defects)
    print("%d defects (%s)" % (len(defects), ", ".join("%d %s" % (areas[a], a) for a in areas)))
    print("noticed by: %s" % ", ".join("%s %d" % (way, ways[way]) for way in WAYS))
    print("%d had somebody's runtime; %d findings" % (kinds["real"], len(found)))
    return 1 if found else 0


def opened(asked: Sequence[str], options: Namespace, work: str) -> dict[str, Way]:
    """What judges, for each way that is asked."""
    makers: dict[str, Callable[[], Way]] = {
        "proof": Proof,
        "gate": Gate,
        "test": lambda: Testing(work),
        "schedule": lambda: Scheduling(work),
        "stress": lambda: Stressing(work),
        "fuzz": lambda: Fuzzing(work, options),
        "vectors": lambda: Vectors(work),
        "replay": lambda: Replaying(work),
    }
    return {way: makers[way]() for way in asked}


def judged(defects: Sequence[Defect], ways: Mapping[str, Way], rows: list[Row]) -> list[str]:
    """Adds and prints a row for each defect; returns what the ways found without one."""
    print(verdict.head(), flush=True)
    for defect in defects:
        asked = {name: way for name, way in ways.items() if name in defect.ways}
        rows.append(Row(defect, {name: way.judge(defect) for name, way in asked.items()}))
        print(rows[-1].line(), flush=True)
    return [
        text
        for name, way in ways.items()
        for text in way.controls([defect for defect in defects if name in defect.ways])
    ]


def notice(options: Namespace, defects: Sequence[Defect], work: str) -> int:
    """Plants each defect, and prints the table."""
    asked = [
        way
        for way in WAYS
        if (way in options.by or not options.by) and any(way in one.ways for one in defects)
    ]
    rows: list[Row] = []
    try:
        findings = judged(defects, opened(asked, options, work), rows)
    finally:
        # What was measured is written, also if the rest could not be.
        if options.json:
            files.write_json(options.json, [row.record() for row in rows])
    findings += verdict.not_noticed(rows)
    for text in (*findings, *verdict.summary(rows)):
        print(text)
    return 1 if findings else 0


def stale(defects: Sequence[Defect], work: str) -> Iterator[str]:
    tree = os.path.join(work, "applied")
    trees.copy(record.ROOT, checking.PARTS, tree, checking.NO_PATCH)
    return trees.stale(defects, tree)


def main() -> int:
    options = options_of()
    defects = chosen(options)
    if options.list:
        return listing(defects)
    if options.layers:
        layers.write(record.load())
        return 0
    if options.check:
        return check(defects)
    for defect in defects:
        for text in record.faults(defect, fuzzing.TARGETS):
            raise tool.Problem("%s: %s" % (tool.shown(defect.path), text))
    with files.temporary("contig-defects") as work:
        found = list(stale(defects, work)) if options.quick else []
        for text in found:
            print(text)
        defects = [defect for defect in defects if defect.quick or not options.quick]
        if not defects:
            raise tool.Problem("no defect is left: none of them is noticed so")
        return notice(options, defects, work) or int(bool(found))
