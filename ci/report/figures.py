#!/usr/bin/env python3
"""figures.py --check | --write: the table of figures in README.md and that of verified configurations in SOUNDNESS.md,
counted in the files of the tree.

Nothing is proved, compiled or run: a row names the command or the file that shows its figure.  --check says whether the
tables between the two markers are what the tree says (exit status 1 if one is not); --write rewrites them.
"""
import ast
import glob
import itertools
import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, "ci/style"), os.path.join(ROOT, "ci")]
from contig import files, tool  # noqa: E402
from contig.traceability import command, core, graph  # noqa: E402
import style  # noqa: E402

BEGIN, END = "<!-- figures: ci/report/figures.py --write -->", "<!-- /figures -->"
HEAD = "| In this tree | What shows it |\n|---|---|\n"
CONFIGURATIONS_HEAD = (
    "| Platform (`spec/platform.h`) | below a stack, bytes | fixed stack, bytes | pooled sizes "
    "| functions proved | goals |\n|---|---|---|---|---|---|\n"
)


class Refused(Exception):
    """Why there is no table, or a wrong one: one sentence."""


def read(path):
    return files.read(os.path.join(ROOT, path))


def found(path, pattern):
    """All matches in a file.  None at all means that the file has another form now, not that it has nothing."""
    matches = re.findall(pattern, read(path), flags=re.M)
    if not matches:
        raise Refused(
            "%s has no line of the form %s, so that there is nothing to count." % (path, pattern)
        )
    return matches


def heads():
    """The lines above the patch of each planted defect."""
    pattern = os.path.join(glob.escape(ROOT), "proofs/defects/*/*.patch")
    return [files.read(path).split("\n--- ", 1)[0] for path in sorted(glob.glob(pattern))]


def defects(way, *fields):
    """How many planted defects this way must notice; only those with these fields."""
    wanted = [r"^Noticed-by:.*\b%s\b" % way, *("^" + one for one in fields)]
    return sum(all(re.search(one, head, flags=re.M) for one in wanted) for head in heads())


def proved():
    """{(unit, function): goals} of the recorded proofs.  A record outlives its function until the next one is made:
    what the unit does not define any more is not counted."""
    goals = {}
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


def platforms(goals):
    """(name, {macro: size}, {(unit, function): goals}) for each row of the platform table; the first is the default.
    A function that the default does not have any more is not counted for the others either."""
    recorded = files.read_json(os.path.join(ROOT, "proofs/platforms.json"))
    result = []
    rows = r"^#(?:el)?if CONTIG_PLATFORM == CONTIG_(\w+)\n((?:#define \w+ \d+u\n)*)"
    for name, sizes in found("spec/platform.h", rows):
        counts = (
            goals
            if not result
            else {
                (unit, function): count
                for unit, functions in recorded.get(name.lower(), {}).items()
                for function, count in functions.items()
                if (unit, function) in goals
            }
        )
        macros = {macro: int(size) for macro, size in re.findall(r"#define (\w+) (\d+)u", sizes)}
        result.append((name.lower(), macros, counts))
    return result


def platform_text(name, counts, goals):
    """The whole core for a platform, or how much of it."""
    if not counts:
        return name + " not recorded"
    return "%s by %d goals%s" % (
        name,
        sum(counts.values()),
        "" if set(counts) == set(goals) else " of %d functions" % len(counts),
    )


def configurations():
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


def requirement_counts():
    """The same counts, in the same words, as the last line of ci/explain --gaps."""
    return command.summary(graph.Graph(ROOT))


def rows():
    """(figure, what shows it) of each row."""
    goals = proved()
    laws = [name for unit, name in goals if unit.startswith("laws_") and name.startswith("law_")]
    operations = found("src/script/operations.h", r"^ +OPERATION\(\w+, \"")
    targets = ast.literal_eval(found("fuzz/run", r"^TARGETS = (\[[^\]]*\])")[0])
    rows_of_table = [platform_text(name, counts, goals) for name, _, counts in platforms(goals)]
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
        (
            "%d planted defects that a proof must refuse" % defects("proof"),
            "`proofs/defects/run --by proof`",
        ),
        (
            "%d weakened contracts, proofs and builds that a gate must see" % defects("gate"),
            "`proofs/defects/run --by gate`",
        ),
        (
            "%d planted defects that a test must see" % defects("test"),
            "`proofs/defects/run --by test`",
        ),
        (
            "%d planted defects that fuzzing must find, %d of them with `Reference: real`"
            % (defects("fuzz"), defects("fuzz", r"Reference: +real\b")),
            "`proofs/defects/run --by fuzz`",
        ),
        ("%d operations that a script is made of" % len(operations), "`src/script/operations.h`"),
        ("%d fuzz targets" % len(targets), "`fuzz/run all`"),
        (
            "%d platforms, proved for %s" % (len(rows_of_table), ", ".join(rows_of_table)),
            "`proofs/run --platform NAME`, recorded in `proofs/platforms.json`; SOUNDNESS.md has the table",
        ),
        (
            "%d rules of style that a program checks" % len(style.RULES),
            "`python3 ci/style/style.py --rules`",
        ),
    ]


def table():
    return HEAD + "".join("| %s | %s |\n" % row for row in rows())


def split(path):
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
    return match.groups()


def check(path, said, counted):
    """Refuses a table that is not what was counted, with the first line that differs."""
    for old, new in itertools.zip_longest(
        said.splitlines(), counted.splitlines(), fillvalue="nothing"
    ):
        if old != new:
            raise Refused(
                "%s says '%s' where the tree says '%s': ci/report/figures.py --write rewrites it."
                % (path, old.strip("| "), new.strip("| "))
            )


def run(option):
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


def main():
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
