#!/usr/bin/env python3
"""requirements.py [--json FILE] [--c FILE] [--root DIR]: follows each requirement through the tree, and back.

Requirements stand in the chapters, spec/*.md.  Everything else is found by its tag: a comment that names the
requirement before a predicate, a contract, a test, an oracle; a string in the rules of src/conform.  A range
(COPY-1..COPY-4) names each; a comment at the head of a file speaks for all that the file defines.

Without options: prints what is missing and a count of each kind; the exit status is 1 if something is.
  --json FILE  writes the whole graph (read by ci/report)
  --c FILE     writes it as the C table that `contig explain` is built with
"""
import argparse
import ast
import functools
import json
import os
import re
import sys

KINDS = ("proof", "test", "fuzz", "trace")
LEAST_REQUIREMENTS = 60
TAG = re.compile(r"\b([A-Z]{2,})-(\d+)(?:\.\.(?:\1-)?(\d+))?\b(?!-)")
# Words of the form of a tag that are none.
NO_FAMILY = {"UTF", "SHA", "ISO", "RFC"}
C_KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "defined"}


def tags_in(text):
    """Requirement numbers in a piece of text, ranges spelled out."""
    found = []
    for family, first, last in TAG.findall(text):
        if family not in NO_FAMILY:
            found += ["%s-%d" % (family, number) for number in range(int(first), int(last or first) + 1)]
    return found


def unique(items):
    return list(dict.fromkeys(items))


@functools.lru_cache(maxsize=None)
def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as text:
        return text.read()


def files(root, folder, *endings):
    """Paths of the files below folder, without build products."""
    found = []
    for base, folders, names in os.walk(os.path.join(root, folder)):
        folders[:] = sorted(name for name in folders if not name.startswith(("bazel-", ".")) and name != "__pycache__")
        found += [os.path.relpath(os.path.join(base, name), root) for name in sorted(names) if name.endswith(endings)]
    return found


def line_of(text, position):
    return text.count("\n", 0, position) + 1


# ---- Requirements


REQUIREMENT = re.compile(
    r"^### (?P<id>[A-Z]+-\d+)\n(?P<text>.*?)\n\n\*Source: (?P<source>.*?)\.? Evidence: (?P<evidence>.*?)\.\*$",
    flags=re.M | re.S)


def requirements(root, findings):
    """{id: requirement}, in the order of the chapters."""
    found = {}
    for path in files(root, "spec", ".md"):
        text = read(root, path)
        matched = set()
        for match in REQUIREMENT.finditer(text):
            one = {key: " ".join(value.split()) for key, value in match.groupdict().items()}
            evidence = one["evidence"]
            one["planned"] = evidence[len("planned"):].lstrip(": ") if evidence.startswith("planned") else None
            one["kinds"] = [] if evidence.startswith("planned") else re.split(r",\s*", evidence)
            # "proof by `f`": the contract of f is the theorem, and no smaller one will do.
            one["by"] = re.findall(r"`(\w+)`", evidence) if one["kinds"] else []
            one["kinds"] = [kind.split(" by ")[0] for kind in one["kinds"]]
            one.update(chapter=path, line=line_of(text, match.start()))
            for kind in one["kinds"]:
                if kind not in KINDS:
                    findings.append("%s: '%s' is no kind of evidence: %s" % (one["id"], kind, ", ".join(KINDS)))
            if one["id"] in found:
                findings.append("%s: stands in %s and in %s" % (one["id"], found[one["id"]]["chapter"], path))
            found[one["id"]] = one
            matched.add(one["id"])
        for heading in re.findall(r"^### ([A-Z]+-\d+)", text, flags=re.M):
            if heading not in matched:
                findings.append("%s: %s has no 'Source: ... Evidence: ...' line" % (path, heading))
    return found


# ---- Sources


def comments(text):
    """(start, end, content, is an annotation) of each comment of a C or assembly file."""
    for match in re.finditer(r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|//[^\n]*', text, flags=re.S):
        if match.group().startswith("/"):
            yield match.start(), match.end(), match.group(), match.group()[2:3] == "@"


def header_end(text):
    """Where the comment at the head of a file ends; 0 if there is none."""
    match = re.match(r"\s*(?:/\*.*?\*/|(?:#![^\n]*\n)?(?:#[^\n]*\n|\"\"\".*?\"\"\"\n?)+)", text, flags=re.S)
    return match.end() if match else 0


def declaration_after(text, position):
    """Name of the function that the text declares or defines from position on; None for anything else."""
    rest = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text[position:position + 1500], flags=re.S)
    match = re.match(r"\s*((?:[\w\*]+\s+|\*)+?)\**(\w+)\s*\(", rest)
    if not match or match.group(2) in C_KEYWORDS or "#" in match.group(1):
        return None
    return match.group(2)


def functions_of_file(root, path):
    """Each contract or tagged function of a C file: name, line, tags, contract."""
    text = read(root, path)
    own = tags_in(text[:header_end(text)])
    header = os.path.splitext(path)[0] + ".h"
    if not own and path.endswith(".c") and os.path.exists(os.path.join(root, header)):
        # The head of NAME.h speaks for NAME.c, too.
        own = tags_in(read(root, header)[:header_end(read(root, header))])
    found, pending, previous_end = [], "", header_end(text)
    for start, end, content, annotation in comments(text):
        if start < header_end(text):
            continue
        if text[previous_end:start].strip():
            pending = ""
        previous_end = end
        if not annotation:
            pending += content
            name = declaration_after(text, end)
            if name and tags_in(content) and not re.match(r"\s*/[*/]@", text[end:]):
                found.append((name, start, pending, None))
            continue
        if re.match(r"/[*/]@\s*ghost", content):
            continue
        name = declaration_after(text, end)
        if name and re.search(r"\b(?:requires|ensures|assigns|behavior)\b", content):
            found.append((name, start, pending, content))
            pending = ""
    return [{"name": name, "file": path, "line": line_of(text, start), "tags": unique(tags_in(comment)), "inherited": unique(own),
             "contract": contract, "says": plain(comment)} for name, start, comment, contract in found]


def plain(comment):
    """The text of a comment."""
    return " ".join(re.sub(r"/\*|\*/|^\s*\*|^\s*//", " ", comment, flags=re.M).split())


def predicates_of_file(root, path):
    """Each definition of the vocabulary in an .acsl file."""
    text = read(root, path)
    own = unique(tags_in(text[:header_end(text)]))
    found = []
    # Where a vocabulary file has a single comment, its head is the first line of that comment.
    for match in re.finditer(r"((?://[^\n]*\n\s*)*)\b(predicate|logic\s+[\w\s]+?)\s(\w+)\s*(?:\{[^}]*\})?\s*[(=]", text):
        direct = unique(tags_in(match.group(1)))
        end = text.find("\n\n", match.end())
        body = text[match.start(2):end if end > 0 else len(text)].rstrip().rstrip("*/").rstrip()
        found.append({"name": match.group(3), "file": path, "line": line_of(text, match.start(2)),
                      "tags": direct, "inherited": own, "text": body})
    return found


def proof_units(root):
    """(units with a proof target, units that have none yet), from proofs/BUILD."""
    lists = {}
    if os.path.exists(os.path.join(root, "proofs/BUILD")):
        for name, value in re.findall(r"^(PROVED|NOT_YET)\s*=\s*(\[.*?\])", read(root, "proofs/BUILD"), flags=re.M | re.S):
            lists[name] = ast.literal_eval(value)
    return set(lists.get("PROVED", [])), set(lists.get("NOT_YET", []))


def recorded_goals(root):
    path = os.path.join(root, "proofs/goals.json")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as text:
        return {name: goals for unit in json.load(text).values() for name, goals in unit.items()}


def unit_of(root, function, path):
    """The unit that a function is proved in: the .c of its header if that defines it, else the header."""
    stem = os.path.splitext(path)[0]
    if os.path.exists(os.path.join(root, stem + ".c")):
        return os.path.basename(stem)
    for other in files(root, os.path.dirname(path), ".c"):
        name = os.path.basename(other)
        if not is_test(other) and not name.startswith("laws_") and function in callers(root, other):
            return name[:-len(".c")]
    return os.path.basename(stem)


def tagged_places(root, paths, label):
    """Tagged functions of test, fuzz and law files, or the file itself for tags at its head or elsewhere."""
    found = []
    for path in paths:
        text = read(root, path)
        head = tags_in(text[:header_end(text)])
        places = [one for one in functions_of_file(root, path) if one["tags"]] if path.endswith((".c", ".h")) else []
        for one in places:
            found.append({"name": one["name"], "file": path, "line": one["line"], "tags": one["tags"], "target": label(path)})
        rest = [tag for start, _, content, _ in comments(text) for tag in tags_in(content)] if path.endswith(
            (".c", ".h", ".S")) else tags_in("\n".join(re.findall(r"^[ \t]*#[^\n]*|^\s*\"\"\".*?\"\"\"", text, flags=re.M | re.S)))
        named = {tag for one in places for tag in one["tags"]}
        own = unique(head + [tag for tag in rest if tag not in named])
        if own:
            found.append({"name": os.path.basename(path), "file": path, "line": 1, "tags": own, "target": label(path)})
    return found


def trace_rules(root):
    """Where src/conform says that a trace broke a requirement."""
    found = []
    for path in files(root, "src/conform", ".c"):
        if path.endswith("_test.c"):
            continue
        for number, line in enumerate(read(root, path).splitlines(), 1):
            for tag in re.findall(r'"([A-Z]+-\d+)"', line):
                found.append({"name": os.path.basename(path), "file": path, "line": number, "tags": [tag],
                              "target": "//src/conform"})
    return found


DEFINED = re.compile(r"^(?!\s|#|/|\*|\})[^\n;={}]*?\b(\w+)\([^;{}]*\)\s*(?:/\*@.*?\*/\s*)?\{", flags=re.M)


@functools.lru_cache(maxsize=None)
def callers(root, path):
    """{function: functions of the same file that call it}."""
    text = read(root, path)
    heads = list(DEFINED.finditer(text))
    bodies = {head.group(1): text[head.end():following.start() if following else len(text)]
              for head, following in zip(heads, heads[1:] + [None])}
    return {name: {other for other, body in bodies.items() if other != name and re.search(r"\b%s\(" % name, body)} for name in bodies}


def changed_functions(root, patch):
    """Names of the functions that a patch takes a line out of, and of those that stand on them in the same file."""
    found, path = [], None
    for line in patch.splitlines():
        if line.startswith("+++ b/"):
            path = line[len("+++ b/"):]
        elif line.startswith("-") and not line.startswith("---") and len(line.strip()) > 3 and path and os.path.exists(os.path.join(root, path)):
            text = read(root, path)
            known, waiting = callers(root, path), [one.group(1) for one in DEFINED.finditer(text[:max(text.find(line[1:].strip()), 0)])][-1:]
            while waiting:
                name = waiting.pop()
                if name not in found:
                    found.append(name)
                    waiting += known.get(name, ())
    return found


def mutants(root):
    """Bugs put in on purpose: what they change, and which functions must notice."""
    found = []
    for path in files(root, "proofs", ".patch") + files(root, "fuzz", ".patch"):
        text = read(root, path)
        head = text.split("\n--- ", 1)[0]
        fields = dict(re.findall(r"^(\w+): +(.*\S)", head, flags=re.M))
        found.append({"name": os.path.basename(path)[:-len(".patch")], "file": path, "line": 1, "tags": unique(tags_in(head)),
                      "target": fields.get("Detect", fields.get("Gate", "proof")), "what": fields.get("What", ""),
                      "functions": fields.get("Prove", "").split() + changed_functions(root, text)})
    return found


def bazel_label(path):
    return "//%s:%s" % (os.path.dirname(path), os.path.splitext(os.path.basename(path))[0])


def is_test(path):
    return re.search(r"_test\.(?:c|sh|py)$", path) is not None


def without_contract(root, names, later):
    """Functions of src/core that a requirement names as its theorem, and that have no contract yet."""
    found = []
    for path in files(root, "src/core", ".h"):
        text = read(root, path)
        for name in sorted(names):
            match = re.search(r"^[\w\s\*]+\b%s\(" % re.escape(name), text, flags=re.M)
            if match and unit_of(root, name, path) in later:
                found.append({"name": name, "file": path, "line": line_of(text, match.end()), "tags": [], "inherited": [],
                              "contract": None, "unit": unit_of(root, name, path), "proved": False, "goals": None})
    return found


def survey(root):
    """The graph: requirements and everything that is tagged with them."""
    findings = []
    graph = {"requirements": requirements(root, findings)}
    graph["predicates"] = [one for path in files(root, "spec", ".acsl") for one in predicates_of_file(root, path)]
    names = {one["name"] for one in graph["predicates"]}
    proved, later = proof_units(root)
    goals = recorded_goals(root)
    contracts, laws, bare = [], [], []
    for path in files(root, "src/core", ".h", ".c"):
        if is_test(path):
            continue
        for one in functions_of_file(root, path):
            one["unit"] = unit_of(root, one["name"], path)
            if one["contract"] is None:
                # Tagged, and still without a contract: its proof is outstanding.
                if path.endswith(".h") and one["unit"] in later:
                    bare.append(dict(one, proved=False, goals=None))
                continue
            one["proved"] = one["unit"] in proved
            one["known"] = one["unit"] in proved | later
            one["goals"] = goals.get(one["name"])
            one["promised"] = promised(one["contract"])
            one["predicates"] = sorted(names & set(re.findall(r"\w+", one["contract"])))
            (laws if os.path.basename(path).startswith("laws_") else contracts).append(one)
    for path in files(root, "proofs/laws", ".c", ".h"):
        laws += [one for one in functions_of_file(root, path) if one["contract"]]
    named = {name for one in graph["requirements"].values() for name in one["by"]}
    bare += without_contract(root, named - {one["name"] for one in contracts + laws + bare}, later)
    graph["contracts"], graph["laws"], graph["bare"] = contracts, laws, bare
    tests = [path for folder in ("src", "spec", "examples", "fuzz", "proofs", "ci") for path in files(root, folder, ".c", ".sh", ".py")
             if is_test(path)]
    graph["tests"] = tagged_places(root, tests, bazel_label)
    oracles = [path for folder in ("fuzz", "src/script") for path in files(root, folder, ".c", ".h") if not is_test(path)]
    graph["oracles"] = tagged_places(root, oracles, bazel_label)
    graph["rules"] = trace_rules(root)
    graph["mutants"] = mutants(root)
    runtime = [path for folder in ("src/runtime", "src/cli", "src/bodies") for path in files(root, folder, ".c", ".h", ".S")
               if not is_test(path)]
    graph["code"] = tagged_places(root, runtime, lambda path: "//" + os.path.dirname(path))
    graph["test_files"] = tests
    return graph, findings


# ---- From a requirement to its evidence


def carries(one, identity):
    return identity in one["tags"] or (not one["tags"] and identity in one.get("inherited", []))


def evidence(graph, identity):
    """All that speaks for one requirement, by kind."""
    predicates = [one for one in graph["predicates"] if carries(one, identity)]
    names = {one["name"] for one in predicates}
    by = graph["requirements"][identity].get("by", [])
    direct = [one for one in graph["contracts"] if identity in one["tags"] or one["name"] in by]
    # A contract that has no requirement of its own speaks for the vocabulary that it promises.
    implied = [one for one in graph["contracts"] if one not in direct and names & one["promised"]]
    inherited = [one for one in graph["contracts"] if not one["tags"] and identity in one["inherited"] and one not in implied]
    contracts = direct or implied or inherited
    bare = [one for one in graph["bare"] if carries(one, identity) or one["name"] in by]
    code = [one for one in graph["code"] if identity in one["tags"]]
    functions = {one["name"] for one in contracts + bare + code}
    return {
        "predicates": predicates,
        "contracts": contracts,
        "bare": bare,
        "laws": [one for one in graph["laws"] if carries(one, identity)],
        "tests": [one for one in graph["tests"] if identity in one["tags"]],
        "oracles": [one for one in graph["oracles"] if identity in one["tags"]],
        "rules": [one for one in graph["rules"] if identity in one["tags"]],
        "mutants": [one for one in graph["mutants"] if identity in one["tags"] or functions & set(one["functions"])],
        "code": code,
    }


def promised(contract):
    """Names that stand in a contract's ensures clauses."""
    return {word for clause in re.findall(r"\bensures\b(.*?);\s*(?:(?=ensures|requires|assigns|behavior|exits)|\*/|$)", contract, flags=re.S)
            for word in re.findall(r"\w+", clause)}


def status(requirement, found):
    """planned, or whether everything that is claimed is there; the proof may still be outstanding."""
    if requirement["planned"] is not None:
        return "planned"
    if "proof" in requirement["kinds"]:
        carriers = found["contracts"] + found["laws"]
        if not carriers or not all(one.get("proved", True) for one in carriers):
            return "proof outstanding"
        if not set(requirement["by"]) <= {one["name"] for one in carriers}:
            return "proof outstanding"
    return "checked"


NEEDS = {"proof": ("contracts", "laws", "bare"), "test": ("tests",), "fuzz": ("oracles",), "trace": ("rules",)}


def gaps(graph):
    """Sentences on what is missing, in both directions."""
    findings = []
    known = graph["requirements"]
    for identity, requirement in known.items():
        found = evidence(graph, identity)
        for kind in requirement["kinds"]:
            if kind in NEEDS and not any(found[key] for key in NEEDS[kind]):
                findings.append("%s (%s:%d): claims '%s', and no %s names it" % (
                    identity, requirement["chapter"], requirement["line"], kind, " or ".join(key[:-1] for key in NEEDS[kind][:2])))
        known_names = {one["name"] for one in found["contracts"] + found["laws"] + found["bare"]}
        for name in requirement["by"]:
            if name not in known_names:
                findings.append("%s: proof by %s, which has neither a contract nor a place in NOT_YET" % (identity, name))
        if not requirement["kinds"] and requirement["planned"] is None:
            findings.append("%s: no evidence at all" % identity)
        if requirement["planned"] == "":
            findings.append("%s: planned, without a reason" % identity)
    for key in ("predicates", "contracts", "bare", "laws", "tests", "oracles", "rules", "code", "mutants"):
        for one in graph[key]:
            for tag in unique(one["tags"] + one.get("inherited", [])):
                if tag not in known:
                    findings.append("%s:%d: %s names %s, which is no requirement" % (one["file"], one["line"], one["name"], tag))
    for key, what in (("predicates", "definition"), ("contracts", "contract"), ("laws", "law")):
        for one in graph[key]:
            if not one["tags"] and not one["inherited"]:
                findings.append("%s:%d: the %s of %s names no requirement" % (one["file"], one["line"], what, one["name"]))
    for one in graph["contracts"]:
        if not one["known"]:
            findings.append("%s:%d: %s is in no proof target: proofs/BUILD does not name %s" % (
                one["file"], one["line"], one["name"], one["unit"]))
    tagged = {one["file"] for one in graph["tests"]}
    for path in graph["test_files"]:
        if path.startswith(("src/core/", "src/runtime/")) and path.endswith(".c") and path not in tagged:
            findings.append("%s: a test of requirements that names none" % path)
    return findings + chapter_gaps(known)


def chapter_gaps(known):
    findings = []
    if len(known) < LEAST_REQUIREMENTS:
        findings.append("%d requirements; the specification promises at least %d" % (len(known), LEAST_REQUIREMENTS))
    for identity, requirement in known.items():
        if not requirement["text"].rstrip().endswith((".", "?")):
            findings.append("%s: its text is no sentence" % identity)
        if identity.split("-")[0] not in {"GO"} and len(requirement["text"]) > 420:
            findings.append("%s: longer than one sentence may be" % identity)
    return findings


def trace_table_gaps(root, known):
    """spec/trace.md lists what the replayer checks: exactly the requirements with evidence 'trace'."""
    listed = set(re.findall(r"^\| ([A-Z]+-\d+) \|", read(root, "spec/trace.md"), flags=re.M))
    claimed = {identity for identity, one in known.items() if "trace" in one["kinds"]}
    return (["spec/trace.md: %s is listed, and its chapter does not claim 'trace'" % one for one in sorted(listed - claimed)] +
            ["spec/trace.md: %s claims 'trace', and is not listed" % one for one in sorted(claimed - listed)])


def assumptions(root):
    """The rows of SOUNDNESS.md."""
    found = []
    for number, line in enumerate(read(root, "SOUNDNESS.md").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("| ASSUME-") else []
        if cells:
            found.append({"id": cells[0].strip(), "line": number, "assumed": cells[1] if len(cells) > 1 else "",
                          "watched": cells[2] if len(cells) > 2 else "", "breaks": cells[3].rstrip("| ") if len(cells) > 3 else ""})
    return found


def assumption_gaps(root):
    rows = assumptions(root)
    findings = ["SOUNDNESS.md:%d: %s does not say what is assumed, what watches it, and what breaks" % (one["line"], one["id"])
                for one in rows if not (one["assumed"] and one["watched"] and one["breaks"])]
    known = [one["id"] for one in rows]
    findings += ["SOUNDNESS.md: %s stands there twice" % one for one in sorted({one for one in known if known.count(one) > 1})]
    for area in ("SPEC", "MODEL", "PROVER", "COMPILER", "ASSEMBLY", "RUNTIME", "CONCURRENCY"):
        if not any(one.startswith("ASSUME-%s-" % area) for one in known):
            findings.append("SOUNDNESS.md: no assumption ASSUME-%s-n" % area)
    return findings


def summary(graph):
    counts = {"checked": [], "proof outstanding": [], "planned": []}
    for identity, requirement in graph["requirements"].items():
        counts[status(requirement, evidence(graph, identity))].append(identity)
    return counts


# ---- Output


def graph_for_report(graph):
    whole = {}
    for identity, requirement in graph["requirements"].items():
        found = evidence(graph, identity)
        whole[identity] = dict(requirement, status=status(requirement, found),
                               evidence={key: ["%s|%s|%d|%s" % (one["name"], one["file"], one["line"], one.get("target", ""))
                                               for one in value] for key, value in found.items()})
    return {"requirements": whole, "counts": {key: len(value) for key, value in summary(graph).items()}}


def c_string(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n\"\n    \"")


def place(one):
    return "%s (%s:%d)" % (one["name"], one["file"], one["line"])


def proof_line(one):
    if not one.get("unit"):
        return None
    if not one["proved"]:
        return "%s: not proved yet (unit %s has no proof target)" % (one["name"], one["unit"])
    goals = " (%d goals)" % one["goals"] if one["goals"] else ""
    return "%s: //proofs:%s%s" % (one["name"], one["unit"], goals)


def requirement_text(graph, identity):
    requirement = graph["requirements"][identity]
    found = evidence(graph, identity)
    lines = ["%s  %s" % (identity, requirement["text"]), "",
             "chapter     %s:%d" % (requirement["chapter"], requirement["line"]),
             "source      %s" % requirement["source"],
             "status      %s" % (status(requirement, found) + (": " + requirement["planned"] if requirement["planned"] else ""))]
    rows = [("predicates", [place(one) for one in found["predicates"]]),
            ("contracts", [place(one) for one in found["contracts"]]),
            ("proofs", unique([proof_line(one) for one in found["contracts"] + found["laws"] + found["bare"] if one.get("unit")])),
            ("laws", [place(one) for one in found["laws"]]),
            ("code", [place(one) for one in found["code"]]),
            ("tests", ["%s  %s" % (one["target"], place(one)) for one in found["tests"]]),
            ("fuzz", ["%s  %s" % (one["target"], place(one)) for one in found["oracles"]]),
            ("traces", ["contig conform  %s" % place(one) for one in found["rules"]]),
            ("bugs", ["%s: %s" % (one["name"], one["what"]) for one in found["mutants"]])]
    for label, entries in rows:
        for number, entry in enumerate(entries):
            lines.append("%-11s %s" % (label if number == 0 else "", entry))
    return "\n".join(lines) + "\n"


def function_text(graph, one):
    contract = re.sub(r"^/\*@ ?|\s*\*/$", "", one["contract"]).rstrip()
    lines = ["%s  %s:%d" % (one["name"], one["file"], one["line"]), "", "    " + contract, ""]
    identities = one["tags"] or [tag for tag in one["inherited"] if one in evidence(graph, tag)["contracts"]]
    for identity in identities:
        if identity in graph["requirements"]:
            lines.append("requires    %s  %s" % (identity, graph["requirements"][identity]["text"]))
    if one.get("unit"):
        lines.append("proof       " + proof_line(one))
    lines += ["predicate   " + place(p) for p in graph["predicates"] if p["name"] in one.get("predicates", [])]
    found = [evidence(graph, identity) for identity in identities if identity in graph["requirements"]]
    for label, key in (("test", "tests"), ("fuzz", "oracles"), ("bug", "mutants")):
        for entry in unique(["%-11s %s" % (label, (e["target"] + "  " if key != "mutants" else "") + place(e)) for f in found for e in f[key]]):
            lines.append(entry)
    return "\n".join(lines) + "\n"


def assumption_text(one):
    return "%s  %s\n\nwatched by  %s\nif false    %s\nchapter     SOUNDNESS.md:%d\n" % (
        one["id"], one["assumed"], one["watched"], one["breaks"], one["line"])


def c_table(graph, root):
    entries = [(identity, requirement_text(graph, identity)) for identity in graph["requirements"]]
    entries += sorted({one["name"]: function_text(graph, one) for one in graph["laws"] + graph["contracts"]}.items())
    entries += [(one["id"], assumption_text(one)) for one in assumptions(root)]
    lines = ["/* explain_data.c: written by spec/requirements.py; one entry a requirement and a function. */",
             '#include "src/explain/explain_data.h"', "", "const struct explanation explanations[] = {"]
    lines += ["    {%s,\n    %s}," % (c_string(name), c_string(text)) for name, text in entries]
    lines += ["};", "const unsigned explanation_count = sizeof explanations / sizeof *explanations;", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--json")
    parser.add_argument("--c")
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    options = parser.parse_args()
    root = os.path.normpath(options.root)
    graph, findings = survey(root)
    if options.json or options.c:
        for path, text in ((options.json, lambda: json.dumps(graph_for_report(graph), indent=1) + "\n"),
                           (options.c, lambda: c_table(graph, root))):
            if path:
                with open(path, "w", encoding="utf-8") as out:
                    out.write(text())
        return 0
    findings += gaps(graph) + trace_table_gaps(root, graph["requirements"]) + assumption_gaps(root)
    for text in findings:
        print(text)
    counts = summary(graph)
    for key in ("proof outstanding", "planned"):
        if counts[key]:
            print("%s: %d: %s" % (key, len(counts[key]), " ".join(counts[key])))
    print("%d requirements: %d checked, %d with the proof outstanding, %d planned; %d contracts, %d definitions, %d tests, "
          "%d trace rules, %d bugs; %d gaps" % (
              len(graph["requirements"]), len(counts["checked"]), len(counts["proof outstanding"]), len(counts["planned"]),
              len(graph["contracts"]) + len(graph["laws"]), len(graph["predicates"]), len(graph["tests"]), len(graph["rules"]),
              len(graph["mutants"]), len(findings)))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
