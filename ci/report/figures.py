#!/usr/bin/env python3
"""figures.py --check | --write: the table of figures in README.md and that of verified configurations in SOUNDNESS.md,
counted in the files of the tree.

Nothing is proved, compiled or run: a row names the command or the file that shows its figure.  --check says whether the
tables between the two markers are what the tree says (exit status 1 if one is not); --write rewrites them.
"""
import glob
import itertools
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "../.."))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(ROOT, "ci")]
from contig import c_platforms, files, processes, promela, targets, tool  # noqa: E402
from contig.traceability import command, core, graph  # noqa: E402

BEGIN, END = "<!-- figures: ci/report/figures.py --write -->", "<!-- /figures -->"
HEAD = "| In this tree | What shows it |\n|---|---|\n"
CONFIGURATIONS_HEAD = (
    "| Platform (`spec/platform.h`) | below a stack, bytes | fixed stack, bytes | pooled sizes "
    "| functions proved | goals |\n|---|---|---|---|---|---|\n"
)
ASK_SECONDS = 60
# {(unit, function): goals}
Goals = dict[tuple[str, str], int]
Rows = list[tuple[str, str]]


class Platform(NamedTuple):
    """A row of the platform table: the sizes by their macros, and what is proved for it."""

    name: str
    sizes: dict[str, int]
    goals: Goals


class Refused(Exception):
    """Why there is no table, or a wrong one: one sentence."""


def read(path: str) -> str:
    return files.read(os.path.join(ROOT, path))


def found(path: str, pattern: str) -> list[Any]:
    """All matches in a file.  None at all means that the file has another form now, not that it has nothing."""
    matches = re.findall(pattern, read(path), flags=re.M)
    if not matches:
        raise nothing_to_count(path, pattern)
    return matches


def nothing_to_count(path: str, pattern: str) -> Refused:
    return Refused(
        "%s has no line of the form %s, so that there is nothing to count." % (path, pattern)
    )


def heads() -> list[str]:
    """The lines above the patch of each planted defect."""
    pattern = os.path.join(glob.escape(ROOT), "proofs/defects/*/*.patch")
    return [files.read(path).split("\n--- ", 1)[0] for path in sorted(glob.glob(pattern))]


def defects(way: str, *fields: str) -> int:
    """How many planted defects this way must notice; only those with these fields."""
    wanted = [r"^Noticed-by:.*\b%s\b" % way, *("^" + one for one in fields)]
    return sum(all(re.search(one, head, flags=re.M) for one in wanted) for head in heads())


def proved() -> Goals:
    """{(unit, function): goals} of the recorded proofs.  A record outlives its function until the next one is made:
    what the unit does not define any more is not counted."""
    goals: Goals = {}
    for unit, functions in files.read_json(os.path.join(ROOT, "proofs/goals.json")).items():
        text = "".join(
            files.read(path)
            for folder in core.FOLDERS
            for path in sorted(
                glob.glob(os.path.join(ROOT, folder, "**", unit + ".[ch]"), recursive=True)
            )
        )
        goals.update(
            {
                (unit, name): count
                for name, count in functions.items()
                if re.search(r"\b%s\(" % name, text)
            }
        )
    return goals


def platforms(goals: Goals) -> list[Platform]:
    """Each row of the platform table; the first is the default.  A function that the default does not have any more is
    not counted for the others either."""
    recorded = files.read_json(os.path.join(ROOT, "proofs/platforms.json"))
    rows = c_platforms.rows_in(read(c_platforms.TABLE))
    if not rows:
        raise Refused("%s has no row, so that there is nothing to count." % c_platforms.TABLE)
    result: list[Platform] = []
    for name, sizes in rows.items():
        counts = still_there(recorded.get(name, {}), goals) if result else goals
        result.append(Platform(name, sizes, counts))
    return result


def still_there(recorded: Mapping[str, Mapping[str, int]], goals: Goals) -> Goals:
    """{(unit, function): goals} of a record, for functions that the default has."""
    return {
        (unit, function): count
        for unit, functions in recorded.items()
        for function, count in functions.items()
        if (unit, function) in goals
    }


def platform_text(platform: Platform, goals: Goals) -> str:
    """The whole core for a platform, or how much of it."""
    if not platform.goals:
        return platform.name + " not recorded"
    return "%s by %d goals%s" % (
        platform.name,
        sum(platform.goals.values()),
        "" if set(platform.goals) == set(goals) else " of %d functions" % len(platform.goals),
    )


def configurations() -> str:
    """The table in SOUNDNESS.md: every proof is for one machine and one row of the platform table."""
    goals = proved()
    lines = []
    for name, sizes, counts in platforms(goals):
        if not {"STACK_SYSTEM_BYTES", "FIXED_STACK_BYTES", "NUM_STACK_ORDERS"} <= set(sizes):
            raise Refused(
                "spec/platform.h does not give the three sizes of %s in the lines after its name."
                % name
            )
        pooled = [
            str(sizes["FIXED_STACK_BYTES"] << order) for order in range(sizes["NUM_STACK_ORDERS"])
        ]
        lines.append(
            "| %s | %d | %d | %s | %d of %d | %d |\n"
            % (
                name,
                sizes["STACK_SYSTEM_BYTES"],
                sizes["FIXED_STACK_BYTES"],
                ", ".join(pooled),
                len(counts),
                len(goals),
                sum(counts.values()),
            )
        )
    return CONFIGURATIONS_HEAD + "".join(lines)


def requirement_counts() -> str:
    """The same counts, in the same words, as the last line of ci/explain --gaps."""
    return command.summary(graph.Graph(ROOT))


def proof_rows() -> Rows:
    """What is proved, and what says so."""
    goals = proved()
    laws = [name for unit, name in goals if unit.startswith("laws_") and name.startswith("law_")]
    return [
        (
            "%d functions proved, the laws among them, by %d goals"
            % (len(goals), sum(goals.values())),
            "`proofs/run`, recorded in `proofs/goals.json`",
        ),
        (
            "%d laws proved: what follows from the contracts" % len(laws),
            "`law_` in `proofs/goals.json`",
        ),
        (requirement_counts(), "`ci/explain --gaps`"),
    ]


def defect_rows() -> Rows:
    """Planted defects, by what must notice them."""
    fuzzing = (defects("fuzz"), defects("fuzz", r"Reference: +real\b"))
    counts = [
        ("proof", "%d planted defects that a proof must refuse" % defects("proof")),
        (
            "gate",
            "%d weakened contracts, proofs and builds that a gate must see" % defects("gate"),
        ),
        ("test", "%d planted defects that a test must see" % defects("test")),
        (
            "schedule",
            "%d planted defects that a search of all schedules must find" % defects("schedule"),
        ),
        (
            "stress",
            "%d planted defects that random graphs on eight threads must find" % defects("stress"),
        ),
        (
            "fuzz",
            "%d planted defects that fuzzing must find, %d of them with `Reference: real`"
            % fuzzing,
        ),
        ("vectors", "%d planted defects that a test vector must see" % defects("vectors")),
        (
            "replay",
            "%d planted defects that the replay of contig's own traces must name"
            % defects("replay"),
        ),
    ]
    return [(text, "`proofs/defects/run --by %s`" % way) for way, text in counts]


def models_text() -> str:
    """The models of spec/model, and their seeded bugs."""
    texts = {path: files.read(path) for path in glob.glob(os.path.join(ROOT, "spec/model/*.pml"))}
    models = [
        promela.parse(os.path.basename(path), path, text)
        for path, text in texts.items()
        if promela.is_model(text)
    ]
    bugs = sum(len(one.bugs) for one in models)
    return "%d models of protocols, with %d seeded bugs" % (len(models), bugs)


def rules_of_style() -> int:
    """How many the program of the style lists, one a line."""
    command_of_rules = [sys.executable, os.path.join(ROOT, "ci/style/style.py"), "--rules"]
    result = processes.captured(command_of_rules, ASK_SECONDS)
    if result.done.status != 0:
        raise tool.Problem("ci/style/style.py --rules " + result.done.text())
    return len(result.output.splitlines())


def other_rows() -> Rows:
    """What else is counted."""
    operations = found("src/script/operations.h", r"^ +OPERATION\(\w+, \"")
    try:
        fuzz_targets = targets.load(ROOT)
    except tool.Problem as problem:
        raise Refused(f"{problem}, so that there is nothing to count.") from problem
    goals = proved()
    platform_texts = [platform_text(one, goals) for one in platforms(goals)]
    return [
        ("%d operations that a script is made of" % len(operations), "`src/script/operations.h`"),
        ("%d fuzz targets" % len(fuzz_targets), "`fuzz/run all`"),
        (
            "%d platforms, proved for %s" % (len(platform_texts), ", ".join(platform_texts)),
            "`proofs/run --platform NAME`, recorded in `proofs/platforms.json`; SOUNDNESS.md has the table",
        ),
        (models_text(), "`spec/model/run --bugs`"),
        (
            "%d rules of style that a program checks" % rules_of_style(),
            "`python3 ci/style/style.py --rules`",
        ),
    ]


def table() -> str:
    """The table in README.md."""
    rows = proof_rows() + defect_rows() + other_rows()
    return HEAD + "".join("| %s | %s |\n" % row for row in rows)


def split(path: str) -> tuple[str, str, str]:
    """(text up to the table, the table, text after it)."""
    text = read(path)
    match = re.fullmatch(
        r"(.*^%s\n)(.*)(^%s\n.*)" % (re.escape(BEGIN), re.escape(END)), text, flags=re.M | re.S
    )
    if not match or text.count(BEGIN) != 1 or text.count(END) != 1:
        raise Refused(
            "%s has no place for the figures: the line '%s' and after it the line '%s' "
            "must each stand there once." % (path, BEGIN, END)
        )
    before, said, after = match.groups()
    return before, said, after


def check(path: str, said: str, counted: str) -> None:
    """Refuses a table that is not what was counted, with the first line that differs."""
    for old, new in itertools.zip_longest(
        said.splitlines(), counted.splitlines(), fillvalue="nothing"
    ):
        if old != new:
            raise Refused(
                "%s says '%s' where the tree says '%s': ci/report/figures.py --write rewrites it."
                % (path, old.strip("| "), new.strip("| "))
            )


def run(option: str) -> None:
    """Checks both tables, or rewrites those that are wrong."""
    new = []
    for path, counted in (("README.md", table()), ("SOUNDNESS.md", configurations())):
        before, said, after = split(path)
        if option == "--check":
            check(path, said, counted)
        elif said != counted:
            new.append((path, before + counted + after))
    # Nothing is written before all is known, and no file is ever half written.
    for path, text in new:
        files.write(os.path.join(ROOT, path), text)


def main() -> int:
    """The command line."""
    words = sys.argv[1:]
    if words in (["--help"], ["-h"]):
        print(__doc__.strip())
        return 0
    if words not in (["--check"], ["--write"]):
        wrong = "%s will not do" % tool.shown(" ".join(words)) if words else "an option is missing"
        raise tool.Problem("%s: give either --check or --write" % wrong)
    try:
        run(words[0])
    except Refused as problem:
        tool.say("figures.py", str(problem))
        return 1
    return 0


if __name__ == "__main__":
    tool.run("figures.py", main)
