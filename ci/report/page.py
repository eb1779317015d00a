"""page.py: evidence as one HTML page that needs no network.

Called by verify.py with what it measured, and by page_test.py.  What was not measured is shown as such: every figure
goes through `figure`, and a null is never replaced by anything else.
"""
import html
import json
import os
import re

from contig import debian, files
import readable

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.normpath(os.path.join(HERE, "../../spec/evidence.schema.json"))
BYTES_MAX = 2 * 1000 * 1000
NOT_MEASURED = '<span class="none">not measured</span>'


def faults(evidence):
    """A sentence for each place where the evidence does not fit its schema."""
    validator = debian.module("jsonschema").Draft202012Validator(files.read_json(SCHEMA))
    return [
        f"{'.'.join(map(str, one.absolute_path)) or 'evidence'}: {one.message[:200]}"
        for one in validator.iter_errors(evidence)
    ]


def escape(text):
    return html.escape(str(text))


def figure(value, unit=""):
    """A number with its unit, or that there is none."""
    if value is None:
        return NOT_MEASURED
    if isinstance(value, float):
        text = "%.1f" % value if value >= 1 or value == 0 else "%.2g" % value
    else:
        text = "{:,}".format(value).replace(",", " ")
    return text + ("&nbsp;" + escape(unit) if unit else "")


def duration(seconds):
    return figure(seconds, "s") if seconds is None or seconds < 120 else figure(seconds / 60, "min")


def table(heads, rows, label):
    """A table in a box that scrolls by itself; a head that begins with # is a column of numbers."""
    head = "".join(
        '<th scope="col"%s>%s</th>'
        % (' class="number"' if text.startswith("#") else "", escape(text.lstrip("#")))
        for text in heads
    )
    body = "".join(
        "<tr>%s</tr>"
        % "".join(
            "<td%s>%s</td>" % (' class="number"' if text.startswith("#") else "", cell)
            for text, cell in zip(heads, row)
        )
        for row in rows
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="%s"><table><thead><tr>%s</tr></thead>'
        "<tbody>%s</tbody></table></div>" % (escape(label), head, body)
    )


def word(good, yes, no):
    return '<span class="%s">%s</span>' % ("good" if good else "bad", escape(yes if good else no))


def section(identity, title, content):
    return '<section aria-labelledby="%s"><h2 id="%s">%s</h2>\n%s</section>\n' % (
        identity,
        identity,
        escape(title),
        content,
    )


# ---- What a run says of proofs


class Proofs:
    """Rows of this run by function, and what the tree says of each function."""

    def __init__(self, evidence):
        proof = evidence["proof"]
        self.rows = {row["function"]: row for row in proof["functions"]} if proof else {}
        self.functions = {
            one["name"]: one for one in (evidence["traceability"] or {"functions": []})["functions"]
        }

    def state(self, name):
        """proved, open, or untried in this run."""
        row = self.rows.get(name)
        if row:
            return "proved" if row["goals"] and row["goals"] == row["proved"] else "open"
        return "untried"

    def shown(self, name):
        return {
            "proved": '<span class="good">proved</span>',
            "open": '<span class="bad">open</span>',
            "untried": NOT_MEASURED,
        }[self.state(name)]


def requirement_state(requirement, proofs):
    """(class, words) for a requirement in this run."""
    if requirement["status"] == "planned":
        return "wait", "planned"
    if requirement["status"] != "proved":
        return "", requirement["status"] + (
            ", a clause is missing" if requirement["missing"] else ""
        )
    states = [proofs.state(entry.split("|")[3]) for entry in requirement["evidence"]["clauses"]]
    if "open" in states:
        return "bad", "a goal is open"
    if "untried" in states:
        return "none", "proof not measured"
    return "good", "proved"


# ---- Sections


def header(evidence):
    run, source, verdict = evidence["run"], evidence["source"], evidence["verdict"]
    commit = escape(source["commit"][:12]) if source["commit"] else "no commit"
    if source["changed"]:
        commit += ", with changes"
    kind = "quick run: a sample of the proofs" if run["quick"] else "full run"
    short = "".join("<li>%s</li>" % escape(text) for text in verdict["short"])
    links = [
        ("claim", "Claim"),
        ("theorems", "Theorems"),
        ("assumptions", "Assumptions"),
        ("functions", "Functions"),
        ("assembly", "Assembly"),
        ("requirements", "Requirements"),
        ("tests", "Tests"),
        ("fuzz", "Fuzzing"),
        ("mutants", "Bugs put in"),
        ("traces", "Traces"),
        ("benchmarks", "Benchmarks"),
        ("configurations", "Configurations"),
    ]
    return (
        '<header><h1>contig: evidence of one run</h1><p class="soft">Contiguous goroutine stacks in C: what was '
        "proved, tested and fuzzed, and what was not.</p><p>%s · %s · %s · source <code>%s</code> (%s)</p>%s"
        '<nav aria-label="Sections"><ul>%s</ul></nav></header>'
        % (
            word(
                verdict["passed"], "Everything that ran is as it should be", "Something fell short"
            ),
            escape(run["begun"]),
            kind,
            escape(source["sha256"][:16]),
            commit,
            "<ul>%s</ul>" % short if short else "",
            "".join('<li><a href="#%s">%s</a></li>' % link for link in links),
        )
    )


def claim(evidence, proofs):
    trace = evidence["traceability"]
    proved = [name for name in proofs.rows if proofs.state(name) == "proved"]
    claimed = [
        "<strong>%s</strong> functions of the core were proved to meet their contracts, in the file that is compiled: "
        "no undefined behaviour, no wrap-around, and what the contract says." % figure(len(proved))
        if evidence["proof"]
        else "Proofs: " + NOT_MEASURED + "."
    ]
    if evidence["tests"] is None:
        claimed.append("Tests: " + NOT_MEASURED + ".")
    else:
        claimed.append(
            "%s of %s tests passed."
            % (
                figure(sum(t["status"] == "PASSED" for t in evidence["tests"])),
                figure(len(evidence["tests"])),
            )
        )
    if evidence["fuzz"] is None:
        claimed.append("Fuzzing: " + NOT_MEASURED + ".")
    else:
        known = [f["executions"] for f in evidence["fuzz"] if f["executions"] is not None]
        claimed.append(
            "Fuzzing of real stacks: %s inputs, %s findings."
            % (
                figure(sum(known)) if known else NOT_MEASURED,
                figure(sum(len(f["findings"]) for f in evidence["fuzz"])),
            )
        )
    missing = []
    if trace:
        planned = [r["id"] for r in trace["requirements"] if r["status"] == "planned"]
        partly = [r["id"] for r in trace["requirements"] if r["missing"]]
        if partly:
            missing.append(
                "<strong>%s</strong> requirements say more than a contract: %s."
                % (figure(len(partly)), escape(", ".join(partly)))
            )
        missing.append(
            "<strong>%s</strong> requirements are planned: %s."
            % (figure(len(planned)), escape(", ".join(planned)))
        )
    if evidence["proof"] and evidence["proof"]["not_tried"]:
        missing.append(
            "Not tried in this run: the proofs of %s."
            % escape(", ".join(evidence["proof"]["not_tried"]))
        )
    if evidence["assembly"] is None:
        missing.append("Not tried in this run: the proofs of the assembly.")
    missing += [
        "Never proved: the compiler, the operating system, the runtime (scheduling, collection cycle), Frama-C and "
        "its provers.",
        "That the pointer maps describe the frames: tests and fuzzers watch it. "
        '<a href="#assumptions">Each assumption</a>.',
    ]
    items = lambda lines: "<ul>%s</ul>" % "".join("<li>%s</li>" % line for line in lines)
    return section(
        "claim",
        "The claim, and what is not proved",
        '<div class="pair"><div class="card"><h3>Measured in this run</h3>%s</div>'
        '<div class="card"><h3>Not proved</h3>%s</div></div>%s'
        % (items(claimed), items(missing), tiles(evidence, proofs)),
    )


def tiles(evidence, proofs):
    proof, trace = evidence["proof"], evidence["traceability"]
    goals = sum(row["goals"] for row in proofs.rows.values()) if proof else None
    good = sum(row["proved"] for row in proofs.rows.values()) if proof else None
    entries = [
        (
            "Goals proved",
            "%s of %s" % (figure(good), figure(goals)) if proof else NOT_MEASURED,
            duration(proof["seconds"]) if proof else "",
        ),
        (
            "Requirements",
            figure(len(trace["requirements"])) if trace else NOT_MEASURED,
            "%s traceability gaps" % figure(len(trace["gaps"])) if trace else "",
        ),
        (
            "Trace lines replayed",
            figure(sum(t["lines"] for t in evidence["traces"]))
            if evidence["traces"] is not None
            else NOT_MEASURED,
            "%s traces" % figure(len(evidence["traces"])) if evidence["traces"] is not None else "",
        ),
        (
            "Bugs put in and noticed",
            "%s of %s"
            % (
                figure(sum(m["killed"] for m in evidence["mutants"])),
                figure(len(evidence["mutants"])),
            )
            if evidence["mutants"] is not None
            else NOT_MEASURED,
            "",
        ),
        (
            "The whole run",
            duration(evidence["run"]["seconds"]),
            "%s processors" % figure(evidence["run"]["processors"]),
        ),
    ]
    return '<div class="tiles" style="margin-top:.8rem">%s</div>' % "".join(
        '<div class="card"><span class="soft">%s</span><span class="big">%s</span><span class="soft">%s</span></div>'
        % (escape(a), b, c)
        for a, b, c in entries
    )


def assumptions(evidence):
    rows = [
        [
            '<strong class="whole">%s</strong>' % escape(one["id"]),
            inline(one["assumed"]),
            inline(one["watched"]),
            inline(one["breaks"]),
        ]
        for one in (evidence["traceability"] or {"assumptions": []})["assumptions"]
    ]
    return section(
        "assumptions",
        "Assumptions",
        '<p class="soft">What the evidence rests on, what watches it, and what breaks if it is false.</p>'
        + (
            table(["", "assumed", "watched by", "if it is false"], rows, "Assumptions")
            if rows
            else NOT_MEASURED
        ),
    )


def inline(text):
    """Markdown's code in a sentence."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def theorems(evidence, proofs):
    with open(os.path.join(HERE, "theorems.json"), encoding="utf-8") as text:
        listed = json.load(text)
    known = {
        one["id"]: one for one in (evidence["traceability"] or {"requirements": []})["requirements"]
    }
    cards = []
    for one in listed:
        groups = {}
        for identity in one["requirements"]:
            state = (
                requirement_state(known[identity], proofs)
                if identity in known
                else ("none", "not measured")
            )
            link = (
                '<a class="whole" href="#%s">%s</a>'
                if identity in known
                else '<span class="whole" title="%s">%s</span>'
            )
            groups.setdefault(state, []).append(link % (identity, identity))
        chain = "<br>".join(
            '<span class="%s">%s</span>: %s' % (kind, escape(words), ", ".join(links))
            for (kind, words), links in groups.items()
        )
        cards.append(
            '<div class="card"><h3>%s</h3><p>%s</p><p>%s</p></div>'
            % (escape(one["title"]), escape(one["says"]), chain)
        )
    rows = [
        [
            escape(one["sentence"]),
            "<br>".join("<code>%s</code>" % escape(name) for name in one["clauses"]),
            inline(one["gate"]),
        ]
        for one in (evidence["traceability"] or {"claims": []})["claims"]
    ]
    said = table(["claim", "clauses that say it", "gate"], rows, "Claims") if rows else ""
    return section("theorems", "Theorems", '<div class="pair">%s</div>%s' % ("".join(cards), said))


def function_box(name, proofs):
    one, row = proofs.functions.get(name), proofs.rows.get(name)
    count = (
        "%s of %s goals, %s"
        % (figure(row["proved"]), figure(row["goals"]), figure(row["seconds"], "s"))
        if row
        else ""
    )
    head = '<code>%s</code> %s<span class="right soft">%s</span>' % (
        escape(name),
        proofs.shown(name),
        count,
    )
    if not one:
        return (
            '<details class="function" id="function-%s"><summary>%s</summary><div><p class="soft">A function that only '
            "the proof needs, or that has its contract elsewhere.</p></div></details>"
            % (escape(name), head)
        )
    links = ", ".join('<a class="whole" href="#%s">%s</a>' % (i, i) for i in one["requirements"])
    says = "<p>%s</p>" % escape(one["says"]) if one["says"] else ""
    return (
        '<details class="function" id="function-%s"><summary>%s</summary><div>%s<p class="soft">%s:%d%s</p>%s'
        "</div></details>"
        % (
            escape(name),
            head,
            says,
            escape(one["file"]),
            one["line"],
            " · " + links if links else "",
            readable.table(one["contract"]),
        )
    )


def functions(evidence, proofs):
    files = {}
    for name in sorted(set(proofs.functions) | set(proofs.rows)):
        one = proofs.functions.get(name)
        files.setdefault(one["file"] if one else proofs.rows[name]["file"], []).append(name)
    boxes = []
    for path, names in sorted(files.items()):
        states = [proofs.state(name) for name in names]
        rows = [proofs.rows[name] for name in names if name in proofs.rows]
        words = ", ".join(
            "%d %s" % (states.count(state), text)
            for state, text in (("proved", "proved"), ("open", "open"), ("untried", "not measured"))
            if state in states
        )
        time = (
            ", %s of proof" % duration(float(sum(row["seconds"] for row in rows))) if rows else ""
        )
        boxes.append(
            '<details><summary><code>%s</code><span class="right soft">%s%s</span></summary><div>%s</div></details>'
            % (escape(path), words, time, "".join(function_box(name, proofs) for name in names))
        )
    return section(
        "functions",
        "Functions with their contracts",
        '<p class="soft">Open a file, and a function to read its contract. Times are those of this run.</p>'
        '<label>Search functions<br><input type="search" data-rows=".function" aria-label="Search functions"></label>%s'
        % "\n".join(boxes)
        if boxes
        else NOT_MEASURED,
    )


LABELS = [
    ("clauses", "clauses"),
    ("tests", "tests"),
    ("oracles", "fuzz oracles"),
    ("rules", "trace rules"),
    ("defects", "planted defects"),
]


def requirement_row(one, proofs):
    kind, words = requirement_state(one, proofs)
    lines = []
    for key, label in LABELS:
        entries = [entry.split("|") for entry in one["evidence"].get(key, [])]
        if entries:
            shown = [
                '<a href="#function-%s"><code>%s</code></a>' % (escape(e[3]), escape(e[0]))
                if key == "clauses"
                else "<code>%s</code>" % escape(e[0])
                for e in entries
            ]
            lines.append("%s: %s" % (label, ", ".join(dict.fromkeys(shown))))
    left = one["planned"] or (one["missing"] and "no clause says: " + one["missing"])
    planned = " (%s)" % escape(left) if left else ""
    return (
        '<div class="requirement" id="%s"><div><strong>%s</strong><br><span class="%s">%s</span></div>'
        '<div>%s%s<br><span class="soft">%s · %s:%d%s</span></div></div>'
        % (
            one["id"],
            one["id"],
            kind,
            escape(words),
            escape(one["text"]),
            planned,
            escape(one["source"]),
            escape(one["chapter"]),
            one["line"],
            "<br>" + " · ".join(lines) if lines else "",
        )
    )


def requirements(evidence, proofs):
    trace = evidence["traceability"]
    if trace is None:
        return section("requirements", "Requirements", NOT_MEASURED)
    chapters = {}
    for one in trace["requirements"]:
        chapters.setdefault(one["chapter"], []).append(requirement_row(one, proofs))
    gaps = (
        "<ul>%s</ul>" % "".join("<li>%s</li>" % escape(text) for text in trace["gaps"])
        if trace["gaps"]
        else ""
    )
    boxes = "".join(
        '<details open><summary>%s <span class="right soft">%d</span></summary>%s</details>'
        % (escape(chapter), len(rows), "".join(rows))
        for chapter, rows in chapters.items()
    )
    return section(
        "requirements",
        "Requirements and their evidence",
        '<p>%s</p>%s<label>Search requirements<br><input type="search" data-rows=".requirement"'
        ' aria-label="Search requirements"></label>%s'
        % (
            word(
                not trace["gaps"],
                "No gap between requirements, contracts, tests, oracles and rules",
                "%d traceability gaps" % len(trace["gaps"]),
            ),
            gaps,
            boxes,
        ),
    )


def tests(evidence):
    if evidence["tests"] is None:
        return section("tests", "Tests", NOT_MEASURED)
    rows = [
        [
            "<code>%s</code>" % escape(one["label"]),
            word(one["status"] == "PASSED", "passed", one["status"].lower()),
            figure(one["seconds"], "s"),
            "kept from a run with the same inputs" if one["cached"] else "",
        ]
        for one in evidence["tests"]
    ]
    return section("tests", "Tests", table(["test", "result", "#time", ""], rows, "Tests"))


def fuzz(evidence):
    if evidence["fuzz"] is None:
        return section("fuzz", "Fuzzing", NOT_MEASURED)
    rows = []
    for one in evidence["fuzz"]:
        rate = (
            one["executions"] / one["seconds"]
            if one["executions"] is not None and one["seconds"]
            else None
        )
        findings = (
            word(not one["findings"], "none", ", ".join(one["findings"]))
            if one["note"] is None
            else escape(one["note"])
        )
        rows.append(
            [
                "<code>%s</code>" % escape(one["target"]),
                escape(one["engine"]),
                figure(one["seconds"], "s"),
                figure(one["executions"]),
                figure(float(rate) if rate is not None else None, "/s"),
                figure(one["edges"]),
                figure(one["corpus"]),
                findings,
            ]
        )
    return section(
        "fuzz",
        "Fuzzing",
        table(
            ["target", "engine", "#time", "#inputs", "#speed", "#edges", "#corpus", "findings"],
            rows,
            "Fuzzing",
        ),
    )


def assembly(evidence):
    """Routines, theorems by kind, and models."""
    found = evidence["assembly"]
    if found is None:
        return section("assembly", "Assembly", NOT_MEASURED)
    kinds = sorted({kind for row in found["routines"] for kind in row["theorems"]})
    rows = [
        [
            "<code>%s</code>" % escape(row["routine"]),
            figure(row["instructions"]),
            figure(row["paths"]),
            figure(row["below"], "bytes"),
            *(figure(row["theorems"].get(kind, 0)) for kind in kinds),
            word(not row["open"], "all", "%d open" % len(row["open"])),
            figure(row["acl2"]),
        ]
        for row in found["routines"]
    ]
    about = (
        "%s programs and %s compiled functions, each routine by its bytes; every goal by each of %s; %s"
        % (
            figure(found["programs"]),
            figure(found["functions"]),
            escape(", ".join(found["solvers"])),
            duration(found["seconds"]),
        )
    )
    heads = [
        "routine",
        "#instructions",
        "#paths",
        "#below sp",
        *("#" + kind for kind in kinds),
        "bit-vectors",
        "#x86isa",
    ]
    return section(
        "assembly", "Assembly", '<p class="soft">%s</p>%s' % (about, table(heads, rows, "Assembly"))
    )


def mutants(evidence):
    if evidence["mutants"] is None:
        return section("mutants", "Bugs put in on purpose", NOT_MEASURED)
    rows = [
        [
            "<code>%s</code>" % escape(one["name"]),
            word(one["killed"], "noticed", "survived"),
            figure(one["seconds"], "s"),
            escape(one["how"]),
        ]
        for one in evidence["mutants"]
    ]
    return section(
        "mutants",
        "Bugs put in on purpose",
        table(["bug", "result", "#time", "noticed by"], rows, "Bugs put in on purpose"),
    )


def traces(evidence):
    if evidence["traces"] is None:
        return section("traces", "Traces replayed", NOT_MEASURED)
    rows = [
        [
            "<code>%s</code>" % escape(one["trace"]),
            escape(one["profile"] or "") + (", exact" if one["exact"] else ""),
            word(one["result"] == "conforms", "conforms", one["result"]),
            figure(one["lines"]),
            figure(one["allocations"]),
            figure(one["growths"]),
            figure(one["shrinks"]),
        ]
        for one in evidence["traces"]
    ]
    body = table(
        ["trace", "profile", "result", "#lines", "#allocations", "#growths", "#shrinks"],
        rows,
        "Traces",
    )
    if evidence["demonstrations"] is not None:
        rows = [
            [
                "<code>%s</code>" % escape(one["name"]),
                word(one["passed"], "passed", "failed"),
                escape(", ".join("%s %s" % item for item in one["figures"].items())),
            ]
            for one in evidence["demonstrations"]
        ]
        body += '<h3 style="margin-top:1rem">Demonstrations, each with all checks</h3>' + table(
            ["demonstration", "result", "figures"], rows, "Demonstrations"
        )
    return section("traces", "Traces replayed", body)


def bars(row):
    """One benchmark as bars of equal scale."""
    parts = [
        (name, row[key], colour)
        for name, key, colour in (
            ("contig", "contig", "bar"),
            ("Go", "go", "bar2"),
            ("floor", "floor", "bar3"),
        )
        if row[key] is not None
    ]
    largest = max(value for _, value, _ in parts)
    lines = []
    for number, (name, value, colour) in enumerate(parts):
        y, width = 18 * number, 250 * value / largest if largest else 0
        lines.append(
            '<text x="52" y="%d" text-anchor="end">%s</text>'
            '<rect x="58" y="%d" width="%.1f" height="12" rx="2" style="fill:var(--%s)"/>'
            '<text x="%.1f" y="%d">%s</text>'
            % (
                y + 13,
                name,
                y + 3,
                max(width, 1),
                colour,
                64 + width,
                y + 13,
                escape("%.4g" % value),
            )
        )
    return '<svg viewBox="0 0 370 %d" role="img" aria-label="%s">%s</svg>' % (
        18 * len(parts) + 4,
        escape(row["name"]),
        "".join(lines),
    )


def benchmarks(evidence):
    measured = evidence["benchmarks"]
    if measured is None:
        return section("benchmarks", "Benchmarks", NOT_MEASURED)
    cards = [
        '<div class="card"><h3>%s</h3><p class="soft">%s, %s is better%s</p>%s</div>'
        % (
            escape(row["name"]),
            escape(row["unit"]),
            escape(row["better"]),
            "; floor: " + escape(row["floor_is"]) if row["floor_is"] else "",
            bars(row),
        )
        for row in measured["rows"]
        if row["contig"] is not None
    ]
    about = "%s · Go: %s · %s repetitions%s" % (
        escape(measured["processor"] or "unknown processor"),
        escape(measured["go"] or "not installed"),
        figure(measured["repetitions"]),
        " · the machine was busy" if measured["busy"] else "",
    )
    return section(
        "benchmarks",
        "Benchmarks",
        '<p class="soft">%s</p><div class="pair">%s</div>' % (about, "".join(cards)),
    )


def configurations(evidence):
    rows = [[escape(one["what"]), escape(one["how"])] for one in evidence["configurations"]]
    tools = [
        [
            "<code>%s</code>" % escape(name),
            escape(version) if version else '<span class="none">not installed</span>',
        ]
        for name, version in sorted(evidence["tools"].items())
    ]
    source = evidence["source"]
    return section(
        "configurations",
        "Configurations, tools, source",
        table(["configuration", "verified by"], rows, "Configurations")
        + '<h3 style="margin-top:1rem">Tools</h3>'
        + table(["tool", "version"], tools, "Tools")
        + "<p>Source: %s files, SHA-256 <code>%s</code>, commit <code>%s</code>%s. Machine: %s, %s processors.</p>"
        % (
            figure(source["files"]),
            escape(source["sha256"]),
            escape(source["commit"] or "none"),
            " with changes" if source["changed"] else "",
            escape(evidence["run"]["machine"]),
            figure(evidence["run"]["processors"]),
        ),
    )


def page(evidence):
    """The page; too large a page is an error, because a stranger shall be able to mail it."""
    proofs = Proofs(evidence)
    with open(os.path.join(HERE, "page.html"), encoding="utf-8") as text:
        template = text.read()
    parts = [
        claim(evidence, proofs),
        theorems(evidence, proofs),
        assumptions(evidence),
        functions(evidence, proofs),
        assembly(evidence),
        requirements(evidence, proofs),
        tests(evidence),
        fuzz(evidence),
        mutants(evidence),
        traces(evidence),
        benchmarks(evidence),
        configurations(evidence),
    ]
    whole = template.replace("@@HEADER@@", header(evidence)).replace("@@SECTIONS@@", "".join(parts))
    if len(whole.encode()) > BYTES_MAX:
        raise ValueError("the page has %d bytes, more than %d" % (len(whole.encode()), BYTES_MAX))
    return whole
