"""gates.py: when a proof counts.

frama-c ends with status 0 whatever it proved, and it proves what it is asked to.  So a run is judged by its
reports, against lists that WP had no part in.  Each gate returns sentences; none means green.  Every gate is
broken on purpose by a defect in proofs/defects/gates.
"""
from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from contig import c_lexer
from contig.c_printed import Tree

import source
from wp_report import Proof

# Status in Frama-C's table of properties.  A callee that another target proves makes its caller "Partially proven".
PROVED_STATUS = ("Valid", "Partially proven")
# Properties that claim nothing: a precondition is proved where it is called, and a behaviour's case has no proof.
NO_CLAIM = ("precondition", "behavior assumption")


def read_json(path: str) -> Any:
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as text:
        return json.load(text)


def write_json(path: str, value: Any) -> None:
    """Replaces the file, or leaves it as it was: a stump of a record would be no record."""
    folder, name = os.path.split(os.path.abspath(path))
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix="." + name, delete=False, encoding="utf-8"
    ) as out:
        try:
            json.dump(value, out, indent=1, sort_keys=True)
            out.write("\n")
            out.flush()
            os.fsync(out.fileno())
            os.chmod(out.name, 0o644)
            os.replace(out.name, path)
        except BaseException:
            os.unlink(out.name)
            raise


def update_json(path: str, change: Callable[[Any], Any]) -> None:
    """Applies change to what the file holds now, so that of two runs neither loses the rows of the other."""
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        value = read_json(path)
        change(value)
        write_json(path, value)
    finally:
        os.close(folder)


@dataclass
class Row:
    """What the provers made of a function: goals (or smoke tests), those that are proved (or passed), and the names of
    the others, each with how the search for a proof ended."""

    function: str
    goals: int = 0
    proved: int = 0
    seconds: float = 0.0
    open: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    provers: dict[str, int] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        return asdict(self)


def rows(functions: Collection[str], proof: Proof) -> list[Row]:
    """One row a function."""
    seconds = proof.seconds_of(functions)
    result = []
    for name in sorted(functions):
        row = Row(name, seconds=round(seconds[name], 2))
        for goal, counts in sorted(proof.functions.get(name, {}).items()):
            main = counts.get("wp:main", {})
            if goal == "wp:section":
                continue
            row.goals += main.get("total", 0)
            row.proved += main.get("valid", 0)
            for prover, count in counts.items():
                if prover != "wp:main":
                    short = prover.split(":")[0].lower()
                    row.provers[short] = row.provers.get(short, 0) + count.get("valid", 0)
            if main.get("valid", 0) != main.get("total", 0):
                row.open.append(goal)
                row.why[goal] = ending(proof.answers().get(goal, {}))
        result.append(row)
    return result


def ending(answers: Mapping[str, str]) -> str:
    """How the search for a proof ended, in one word: out of time says only that the machine was slow."""
    said = set(answers.values())
    return next(
        (word for word in ("out of time", "out of steps", "unknown") if word in said), "failed"
    )


def why(proof: Proof, goal: str) -> str:
    """How the provers ended on an open goal, in parentheses."""
    answers = sorted(proof.answers().get(goal, {}).items())
    said = ", ".join(f"{prover} {answer}" for prover, answer in answers)
    return f" ({said})" if said else ""


def failed(functions: Collection[str], proof: Proof, demanding: Collection[str]) -> list[str]:
    """frama-c came to its end, and each function has goals, all of them proved.  Or, each of the demanding functions,
    those that require something, has smoke tests, all of them passed."""
    if proof.stopped:
        return [f"goal open: {proof.stopped} (and stopped there)"]
    findings = []
    if proof.status != 0:
        last = "; ".join(proof.lines[-3:])
        findings.append(f"frama-c failed (exit status {proof.status}): {last}")
    what = "contradiction found" if proof.smoke else "goal open"
    for row in rows(functions, proof):
        if row.goals == 0 and (row.function in demanding or not proof.smoke):
            findings.append(
                f"{row.function}: not a single goal: it has no contract, or was left out"
            )
        for goal in row.open:
            findings.append(f"{row.function}: {what}: {goal}{why(proof, goal)}")
    return findings


def _place(term: str) -> str:
    """A set of places without casts, blanks and the parentheses that the printer adds."""
    term = re.sub(r"\((?:\w+ )*\w+ \*+\)|\s", "", term)
    term = re.sub(r"\((\w+->\w+)\)", r"\1", term)
    return re.sub(r"^&(\w+)\[(.*)\]$", r"\1+(\2)", term)


def separated(text: str) -> list[list[str]]:
    """The terms that each \\separated in a printed clause keeps apart; {a, b} stands for either of the two."""
    found = []
    for begin in re.finditer(r"\\separated(?=\()", text):
        terms = c_lexer.arguments(text, begin.end())[0]
        unions = [term for term in terms if term.startswith("{")]
        single = [term for term in terms if not term.startswith("{")]
        members = [member for union in unions for member in c_lexer.arguments(union, 0)[0]]
        found += [single + [member] for member in members] if unions else [single]
    return found


def _separated(text: str) -> list[set[str]]:
    """The same as sets of places, to be compared with others."""
    return [{_place(term) for term in terms} for terms in separated(text)]


def _within(place: str, stated: Collection[str]) -> bool:
    """Is the place one of those that are stated, or a part of an array or record that is stated whole?"""
    if place.startswith("&"):
        record = re.fullmatch(r"&(.*)->\w+", place)
        whole = record.group(1) + "+(..)" if record else place
    else:
        whole = re.sub(r"\+\(.*\)$", "", place) + "+(..)"
    return place in stated or whole in stated


def unstated(warning: str, contracts: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What WP's memory model takes for granted in a function, and the function's contract does not require."""
    match = re.search(r"Memory model hypotheses for function '(\w+)':(.*)", warning)
    if not match:
        return ["warning: " + warning]
    name, hypotheses = match.groups()
    stated = [
        places
        for label, clause in contracts.get(name, {}).items()
        if label.startswith("requires")
        for places in _separated(clause)
    ]
    taken = _separated(hypotheses)
    if not taken:
        return ["warning: " + warning]
    return [
        f"warning: {name}: its contract must require what WP takes for granted: "
        f"\\separated({', '.join(sorted(places))})"
        for places in taken
        if not any(all(_within(place, one) for place in places) for one in stated)
    ]


def assumed(
    functions: Collection[str], proof: Proof, contracts: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """Every annotation is proved, and not only the goals that were scheduled; and WP assumed nothing that the
    contracts do not require."""
    if proof.stopped:
        return []
    findings = [
        f"{entry['function']}: {entry['property kind']} is {entry['status'].lower()}: "
        f"{entry['property']}"
        for entry in proof.properties
        if entry["function"] in functions
        and entry["property kind"] not in NO_CLAIM
        and entry["status"] is not None
        and entry["status"] not in PROVED_STATUS
    ]
    if not proof.properties:
        findings.append("frama-c wrote no table of properties")
    return findings + [
        text for warning in proof.warnings() for text in unstated(warning, contracts)
    ]


def fewer_goals(functions: Collection[str], proof: Proof, recorded: Mapping[str, int]) -> list[str]:
    """No function lost a goal or vanished since the counts were recorded."""
    if proof.stopped:
        return []
    counts = {row.function: row.goals for row in rows(functions, proof)}
    findings = [
        f"{name}: recorded in goals.json, but nobody defines it"
        for name in sorted(set(recorded) - set(counts))
    ]
    for name, count in sorted(counts.items()):
        if name not in recorded:
            findings.append(f"{name}: not in goals.json; proofs/run --record adds it")
        elif count < recorded[name]:
            findings.append(f"{name}: {count} goals, {recorded[name]} when recorded")
    return findings


def assumptions(tree: Tree, printed: str) -> list[str]:
    """Nothing is admitted, no clause is empty, each loop is shown to end, and no array begins without values: what
    is read before it is written has some value for WP, and none in C.  (Of other variables the compilers say it.)
    """
    findings = [
        f"'{word}' in an annotation: state it as a (ghost) function and prove that"
        for word in sorted(set(re.findall(r"\b(?:admit|axiom|axiomatic|lemma)\b", printed)))
    ]
    for match in re.finditer(
        r"\b(?:requires|ensures|assumes|invariant|assert|check)\s+(?:\w+:\s*)*\\true\s*;", printed
    ):
        findings.append("empty clause: " + " ".join(match.group().split()))
    for text in tree.vocabulary.values():
        if re.search(r"=\s*\\true\s*;?$", text):
            findings.append("empty definition: " + text)
    for name, body in sorted(tree.bodies.items()):
        code = c_lexer.without_comments(body)
        for array in re.findall(r"^\s*(?:\w+ )+\**(\w+)(?:\[[^]]*\])+ ?;", code, flags=re.M):
            findings.append(f"{name}: the local array {array} begins without values")
    for name, (loops, variants) in sorted(tree.loops.items()):
        if loops != variants:
            findings.append(
                f"{name}: {loops} loops and {variants} loop variants: each loop needs one"
            )
    return findings


def forks() -> list[str]:
    """The proved text is the compiled text: what is compiled depends on the platform table only."""
    texts = {}
    for path in source.files((".c", ".h", ".acsl"), source.CORE, source.LAWS, source.VOCABULARY):
        with open(path, encoding="utf-8") as text:
            texts[path] = text.read()
    # The build may set the row of the platform table, and nothing else.
    known = {"defined", "CONTIG_PLATFORM"}
    for path, content in texts.items():
        if path.startswith("spec/"):
            known |= {one.name for one in c_lexer.macros(content)}
    return [
        f"{path}:{number}: the prover must see what the compiler sees: {line.strip()}"
        for path, content in texts.items()
        for number, line in enumerate(content.splitlines(), 1)
        if "__FRAMAC__" in line or not set(_asked(line)) <= known
    ]


def _asked(line: str) -> list[str]:
    """The names that a condition of the preprocessor depends on; the guard of a header is none."""
    condition = re.match(r"\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)", line)
    guard = re.match(r"\s*#\s*ifndef CONTIG_\w+_H$", line)
    return c_lexer.words(condition.group(1)) if condition and not guard else []


Record = dict[str, dict[str, Any]]


def only_in(recorded: Record, now: Record) -> Record:
    """Of what is recorded, what a look at some units could see again."""
    return {
        kind: {name: recorded[kind][name] for name in now[kind] if name in recorded[kind]}
        for kind in now
    }


def contract_changes(now: Record, recorded: Record) -> list[str]:
    """Clauses that were dropped or changed, or came, since contracts.json was recorded."""
    findings = []
    for kind in ("contracts", "vocabulary"):
        old, new = recorded.get(kind, {}), now[kind]
        for name in sorted(set(old) | set(new)):
            if name not in new:
                findings.append(f"{name}: recorded in contracts.json, and gone")
            elif name not in old:
                findings.append(f"{name}: not in contracts.json")
            elif old[name] != new[name]:
                findings += (
                    [f"{name}: its definition changed"]
                    if kind == "vocabulary"
                    else [f"{name}: {text}" for text in _clause_changes(old[name], new[name])]
                )
    if findings:
        findings.append(
            "if this is wanted: proofs/contracts --record, and the difference is part of the review"
        )
    return findings


def _clause_changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[str]:
    """How two records of one contract differ."""
    for clause in sorted(set(old) | set(new)):
        if old.get(clause) != new.get(clause):
            how = "is gone" if clause not in new else "is new" if clause not in old else "changed"
            yield f"clause '{clause}' {how}"
