#!/usr/bin/env python3
"""figures.py --check | --write: the table of figures in README.md, counted in the files of the tree.

Nothing is proved, compiled or run: a row names the command or the file that shows its figure.  --check says whether the
table between the two markers is what the tree says (exit status 1 if it is not); --write rewrites it.
"""
import ast
import itertools
import json
import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, "spec"), os.path.join(ROOT, "ci/style")]
import requirements  # noqa: E402
import style         # noqa: E402

BEGIN, END = "<!-- figures: ci/report/figures.py --write -->", "<!-- /figures -->"
HEAD = "| In this tree | What shows it |\n|---|---|\n"


class Refused(Exception):
    """Why there is no table, or a wrong one: one sentence."""


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as text:
        return text.read()


def found(path, pattern):
    """All matches in a file.  None at all means that the file has another form now, not that it has nothing."""
    matches = re.findall(pattern, read(path), flags=re.M)
    if not matches:
        raise Refused("%s has no line of the form %s, so that there is nothing to count." % (path, pattern))
    return matches


def patches(folder):
    return ["%s/%s" % (folder, name) for name in os.listdir(os.path.join(ROOT, folder)) if name.endswith(".patch")]


def real_defects():
    """Planted defects that somebody's runtime really had, by the lines above the patch."""
    heads = [read(path).split("\n--- ", 1)[0] for path in patches("fuzz/bugs")]
    return sum(re.search(r"^Reference: +real\b", head, flags=re.M) is not None for head in heads)


def proved():
    """{(unit, function): goals} of the recorded proofs.  A record outlives its function until the next one is made:
    what the unit does not define any more is not counted."""
    goals = {}
    for unit, functions in json.loads(read("proofs/goals.json")).items():
        paths = ["src/core/" + unit + ending for ending in (".c", ".h")]
        text = "".join(read(path) for path in paths if os.path.exists(os.path.join(ROOT, path)))
        goals.update({(unit, name): count for name, count in functions.items() if re.search(r"\b%s\(" % name, text)})
    return goals


def platform_goals(goals):
    """For each row of the platform table, by how many goals the core is proved for it; the first is the default."""
    recorded = json.loads(read("proofs/platforms.json"))
    names = [name.lower() for name in found("spec/platform.h", r"^#(?:el)?if CONTIG_PLATFORM == CONTIG_(\w+)")]
    texts = ["%s by %d goals" % (names[0], sum(goals.values()))]
    for name in names[1:]:
        count = sum(sum(functions.values()) for functions in recorded.get(name, {}).values())
        texts.append("%s by %d goals of %d units" % (name, count, len(recorded[name])) if count else name + " not recorded")
    return texts


def requirement_counts():
    """The same counts, in the same words, as the last line of spec/requirements.py."""
    graph, _ = requirements.survey(ROOT)
    counts = {state: len(identities) for state, identities in requirements.summary(graph).items()}
    return "%d requirements: %d checked, %d with the proof outstanding, %d planned" % (
        len(graph["requirements"]), counts["checked"], counts["proof outstanding"], counts["planned"])


def rows():
    """(figure, what shows it) of each row."""
    goals = proved()
    laws = [name for unit, name in goals if unit.startswith("laws_") and name.startswith("law_")]
    operations = found("src/script/operations.h", r"^ +OPERATION\(\w+, \"")
    targets = ast.literal_eval(found("fuzz/run", r"^TARGETS = (\[[^\]]*\])")[0])
    platforms = platform_goals(goals)
    return [
        ("%d functions proved, the laws among them, by %d goals" % (len(goals), sum(goals.values())),
         "`proofs/run`, recorded in `proofs/goals.json`"),
        ("%d laws proved: what follows from the contracts" % len(laws), "`law_` in `proofs/goals.json`"),
        (requirement_counts(), "`python3 spec/requirements.py`"),
        ("%d mutants: wrong code that a proof must refuse" % len(patches("proofs/mutants")), "`proofs/mutate`"),
        ("%d sabotages: weakened contracts and proofs that a gate must see" % len(patches("proofs/sabotages")),
         "`proofs/mutate --sabotages`"),
        ("%d planted defects that fuzzing must find, %d of them with `Reference: real`" % (
            len(patches("fuzz/bugs")), real_defects()), "`fuzz/bugs/run`"),
        ("%d operations that a script is made of" % len(operations), "`src/script/operations.h`"),
        ("%d fuzz targets" % len(targets), "`fuzz/run all`"),
        ("%d platforms, proved for %s" % (len(platforms), ", ".join(platforms)),
         "`proofs/run --platform NAME`, recorded in `proofs/platforms.json`"),
        ("%d rules of style that a program checks" % len(style.RULES), "`python3 ci/style/style.py --rules`"),
    ]


def table():
    return HEAD + "".join("| %s | %s |\n" % row for row in rows())


def split(readme):
    """(text up to the table, the table, text after it)."""
    match = re.fullmatch(r"(.*^%s\n)(.*)(^%s\n.*)" % (re.escape(BEGIN), re.escape(END)), readme, flags=re.M | re.S)
    if not match or readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise Refused("README.md has no place for the figures: the line '%s' and after it the line '%s' "
                      "must each stand there once." % (BEGIN, END))
    return match.groups()


def check(said, counted):
    """Refuses a table that is not what was counted, with the first line that differs."""
    for old, new in itertools.zip_longest(said.splitlines(), counted.splitlines(), fillvalue="nothing"):
        if old != new:
            raise Refused("README.md says '%s' where the tree says '%s': ci/report/figures.py --write rewrites it."
                          % (old.strip("| "), new.strip("| ")))


def run(option):
    before, said, after = split(read("README.md"))
    counted = table()
    if option == "--check":
        check(said, counted)
    elif said != counted:
        with open(os.path.join(ROOT, "README.md"), "w", encoding="utf-8") as out:
            out.write(before + counted + after)


def main():
    arguments = sys.argv[1:]
    if arguments not in (["--check"], ["--write"]):
        wrong = "'%s' will not do" % " ".join(arguments) if arguments else "an option is missing"
        print("figures.py: %s: give either --check or --write." % wrong, file=sys.stderr)
        return 2
    try:
        run(arguments[0])
    except (Refused, OSError) as problem:
        print("figures.py: %s" % problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
