"""gates.py: when a proof counts.

frama-c ends with status 0 whatever it proved, and it proves what it is asked to.  So a run is judged by its
reports, against lists that WP had no part in.  Each gate returns sentences; none means green.  Every gate is
broken on purpose by a sabotage in proofs/mutants.
"""
import fcntl
import json
import os
import re
import tempfile

import source

# Status in Frama-C's table of properties.  A callee that another target proves makes its caller "Partially proven".
PROVED_STATUS = ("Valid", "Partially proven")
# Properties that claim nothing: a precondition is proved where it is called, and a behaviour's case has no proof.
NO_CLAIM = ("precondition", "behavior assumption")


def read_json(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as text:
        return json.load(text)


def write_json(path, value):
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


def update_json(path, change):
    """Applies change to what the file holds now, so that of two runs neither loses the rows of the other."""
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        value = read_json(path)
        change(value)
        write_json(path, value)
    finally:
        os.close(folder)


def rows(functions, proof):
    """One dictionary a function: goals (or smoke tests), proved (or passed), seconds, and the names of the others."""
    seconds = proof.prover_seconds(functions)
    result = []
    for name in sorted(functions):
        row = {
            "function": name,
            "goals": 0,
            "proved": 0,
            "seconds": round(seconds[name], 2),
            "open": [],
            "why": {},
            "provers": {},
        }
        for goal, counts in sorted(proof.functions.get(name, {}).items()):
            main = counts.get("wp:main", {})
            if goal == "wp:section":
                continue
            row["goals"] += main.get("total", 0)
            row["proved"] += main.get("valid", 0)
            for prover, count in counts.items():
                if prover != "wp:main":
                    short = prover.split(":")[0].lower()
                    row["provers"][short] = row["provers"].get(short, 0) + count.get("valid", 0)
            if main.get("valid", 0) != main.get("total", 0):
                row["open"].append(goal)
                row["why"][goal] = ending(proof.answers().get(goal, {}))
        result.append(row)
    return result


def ending(answers):
    """How the search for a proof ended, in one word: out of time says only that the machine was slow."""
    said = set(answers.values())
    return next(
        (word for word in ("out of time", "out of steps", "unknown") if word in said), "failed"
    )


def why(proof, goal):
    """How the provers ended on an open goal, in parentheses."""
    answers = proof.answers().get(goal, {})
    return (
        " (%s)" % ", ".join("%s %s" % pair for pair in sorted(answers.items())) if answers else ""
    )


def failed(functions, proof, demanding):
    """frama-c came to its end, and each function has goals, all of them proved.  Or, each of the demanding functions,
    those that require something, has smoke tests, all of them passed."""
    if proof.stopped:
        return ["goal open: %s (and stopped there)" % proof.stopped]
    findings = []
    if proof.status != 0:
        findings.append(
            "frama-c failed (exit status %d): %s" % (proof.status, "; ".join(proof.lines[-3:]))
        )
    for row in rows(functions, proof):
        if row["goals"] == 0 and (row["function"] in demanding or not proof.smoke):
            findings.append(
                "%(function)s: not a single goal: it has no contract, or was left out" % row
            )
        for goal in row["open"]:
            findings.append(
                "%s: %s: %s%s"
                % (
                    row["function"],
                    "contradiction found" if proof.smoke else "goal open",
                    goal,
                    why(proof, goal),
                )
            )
    return findings


def arguments(text, begin):
    """The arguments of a call in a printed clause, from behind its opening parenthesis on."""
    depth, found, start = 1, [], begin
    for place in range(begin, len(text)):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(text[place], 0)
        if (text[place] == "," and depth == 1) or depth == 0:
            found.append(text[start:place].strip())
            start = place + 1
        if depth == 0:
            break
    return found


def _place(term):
    """A set of places without casts, blanks and the parentheses that the printer adds."""
    term = re.sub(r"\((?:\w+ )*\w+ \*+\)|\s", "", term)
    term = re.sub(r"\((\w+->\w+)\)", r"\1", term)
    return re.sub(r"^&(\w+)\[(.*)\]$", r"\1+(\2)", term)


def separated(text):
    """The terms that each \\separated in a printed clause keeps apart; {a, b} stands for either of the two."""
    found = []
    for begin in re.finditer(r"\\separated\(", text):
        terms = arguments(text, begin.end())
        unions = [term for term in terms if term.startswith("{")]
        single = [term for term in terms if not term.startswith("{")]
        if unions:
            found += [
                single + [member] for union in unions for member in arguments(union[:-1] + ")", 1)
            ]
        else:
            found.append(single)
    return found


def _separated(text):
    """The same as sets of places, to be compared with others."""
    return [{_place(term) for term in terms} for terms in separated(text)]


def _within(place, stated):
    """Is the place one of those that are stated, or a part of an array or record that is stated whole?"""
    if place.startswith("&"):
        record = re.fullmatch(r"&(.*)->\w+", place)
        whole = record.group(1) + "+(..)" if record else place
    else:
        whole = re.sub(r"\+\(.*\)$", "", place) + "+(..)"
    return place in stated or whole in stated


def unstated(warning, contracts):
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
        "warning: %s: its contract must require what WP takes for granted: \\separated(%s)"
        % (name, ", ".join(sorted(places)))
        for places in taken
        if not any(all(_within(place, one) for place in places) for one in stated)
    ]


def assumed(functions, proof, contracts):
    """Every annotation is proved, and not only the goals that were scheduled; and WP assumed nothing that the
    contracts do not require."""
    if proof.stopped:
        return []
    findings = []
    for entry in proof.properties:
        if (
            entry["function"] in functions
            and entry["property kind"] not in NO_CLAIM
            and entry["status"] is not None
            and entry["status"] not in PROVED_STATUS
        ):
            findings.append(
                "%s: %s is %s: %s"
                % (
                    entry["function"],
                    entry["property kind"],
                    entry["status"].lower(),
                    entry["property"],
                )
            )
    if not proof.properties:
        findings.append("frama-c wrote no table of properties")
    return findings + [
        text for warning in proof.warnings() for text in unstated(warning, contracts)
    ]


def fewer_goals(functions, proof, recorded):
    """No function lost a goal or vanished since the counts were recorded."""
    if proof.stopped:
        return []
    counts = {row["function"]: row["goals"] for row in rows(functions, proof)}
    findings = [
        "%s: recorded in goals.json, but nobody defines it" % name
        for name in sorted(set(recorded) - set(counts))
    ]
    for name, count in sorted(counts.items()):
        if name not in recorded:
            findings.append("%s: not in goals.json; proofs/run --record adds it" % name)
        elif count < recorded[name]:
            findings.append("%s: %d goals, %d when recorded" % (name, count, recorded[name]))
    return findings


def assumptions(tree, printed):
    """Nothing is admitted, no clause is empty, each loop is shown to end, and no array begins without values: what
    is read before it is written has some value for WP, and none in C.  (Of other variables the compilers say it.)
    """
    findings = []
    for word in sorted(set(re.findall(r"\b(?:admit|axiom|axiomatic|lemma)\b", printed))):
        findings.append(
            "'%s' in an annotation: state it as a (ghost) function and prove that" % word
        )
    for match in re.finditer(
        r"\b(?:requires|ensures|assumes|invariant|assert|check)\s+(?:\w+:\s*)*\\true\s*;", printed
    ):
        findings.append("empty clause: " + " ".join(match.group().split()))
    for text in tree.vocabulary.values():
        if re.search(r"=\s*\\true\s*;?$", text):
            findings.append("empty definition: " + text)
    for name, body in sorted(tree.bodies.items()):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", " ", body, flags=re.S)
        for array in re.findall(r"^\s*(?:\w+ )+\**(\w+)(?:\[[^]]*\])+ ?;", code, flags=re.M):
            findings.append("%s: the local array %s begins without values" % (name, array))
    for name, (loops, variants) in sorted(tree.loops.items()):
        if loops != variants:
            findings.append(
                "%s: %d loops and %d loop variants: each loop needs one" % (name, loops, variants)
            )
    return findings


def forks():
    """The proved text is the compiled text: what is compiled depends on the platform table only."""
    texts = {}
    for path in source.files((".c", ".h", ".acsl"), source.CORE, source.LAWS, source.VOCABULARY):
        with open(path, encoding="utf-8") as text:
            texts[path] = text.read()
    # The build may set the row of the platform table, and nothing else.
    known = {"defined", "CONTIG_PLATFORM"}
    for path, text in texts.items():
        if path.startswith("spec/"):
            known |= set(re.findall(r"^\s*#\s*define\s+(\w+)", text, flags=re.M))
    findings = []
    for path, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            condition = re.match(r"\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)", line)
            guard = re.match(r"\s*#\s*ifndef CONTIG_\w+_H$", line)
            names = (
                re.findall(r"[A-Za-z_]\w*", condition.group(1)) if condition and not guard else []
            )
            if "__FRAMAC__" in line or any(n not in known for n in names):
                findings.append(
                    "%s:%d: the prover must see what the compiler sees: %s"
                    % (path, number, line.strip())
                )
    return findings


def only_in(recorded, now):
    """Of what is recorded, what a look at some units could see again."""
    return {
        kind: {name: recorded[kind][name] for name in now[kind] if name in recorded[kind]}
        for kind in now
    }


def contract_changes(now, recorded):
    """Clauses that were dropped or changed, or came, since contracts.json was recorded."""
    findings = []
    for kind in ("contracts", "vocabulary"):
        old, new = recorded.get(kind, {}), now[kind]
        for name in sorted(set(old) | set(new)):
            if name not in new:
                findings.append("%s: recorded in contracts.json, and gone" % name)
            elif name not in old:
                findings.append("%s: not in contracts.json" % name)
            elif old[name] != new[name]:
                if kind == "vocabulary":
                    findings.append("%s: its definition changed" % name)
                    continue
                for clause in sorted(set(old[name]) | set(new[name])):
                    if old[name].get(clause) != new[name].get(clause):
                        how = (
                            "is gone"
                            if clause not in new[name]
                            else "is new"
                            if clause not in old[name]
                            else "changed"
                        )
                        findings.append("%s: clause '%s' %s" % (name, clause, how))
    if findings:
        findings.append(
            "if this is wanted: proofs/contracts --record, and the difference is part of the review"
        )
    return findings
