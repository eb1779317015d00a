#!/usr/bin/env python3
"""page_test.py PAGE.py: the report in a headless browser: phone and wide, light and dark, keyboard, nothing invented.

Needs chromium (ci/setup).  The screenshots stand in the test's outputs; what a person would see in them is measured:
colours, size, that nothing is wider than the window.
"""
import html
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.realpath(sys.argv[1]))
ROOT = os.path.normpath(os.path.join(HERE, "../.."))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import page  # noqa: E402
import readable  # noqa: E402
import schema  # noqa: E402

OUT = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR") or tempfile.mkdtemp()
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
]
SIZES = {"phone": (390, 844), "wide": (1440, 900)}
# Blink's names for prefers-color-scheme.
SCHEMES = {"dark": 0, "light": 1}
# What the page of a complete run must show, each from one place of the evidence.
SHOWN = [
    "least_doubling",
    "GROW-2",
    "//src/core:copy_test",
    "script_fuzz",
    "growth_doubles_once",
    "go1.19-procs1",
    "grow to 64 KiB",
    "1 234 567",
    "Frama-C/WP with z3",
    "contig_execute",
    "25.0 (Manganese)",
]

CONTRACT = """/*@ requires size: 0 < old_size <= LARGEST && used <= old_size;
    assigns  \\nothing;
    ensures  room: \\result != 0 ==> \\forall integer times; 1 <= times ==> has_room(\\result, used);
    behavior none:
      assumes used > LARGEST;
      ensures zero: \\result == 0; */"""


def complete():
    """Evidence of a run in which everything was measured, made up, but of the real form."""
    requirement = {
        "id": "GROW-2",
        "text": "The new size is the least doubling that fits.",
        "source": "Go 1.19 newstack",
        "chapter": "spec/growth.md",
        "line": 46,
        "status": "proved",
        "planned": None,
        "missing": None,
        "kinds": ["proof", "test"],
        "evidence": {
            "clauses": ["least_doubling.ensures room|src/core/move/growth.h|20|least_doubling"],
            "tests": ["check_growth|src/core/test/copy_test.c|250|//src/core:copy_test"],
        },
    }
    planned = dict(
        requirement,
        id="CHAN-1",
        status="planned",
        planned="the runtime has no channels",
        kinds=[],
        evidence={},
    )
    function = {
        "name": "least_doubling",
        "file": "src/core/move/growth.h",
        "line": 20,
        "unit": "growth",
        "target": True,
        "requirements": ["GROW-2"],
        "via": [],
        "says": "The least size that fits.",
        "contract": CONTRACT,
    }
    return {
        "schema": "contig-evidence-1",
        "run": {
            "begun": "2026-01-02T03:04:05Z",
            "seconds": 1234.5,
            "quick": False,
            "fuzz_minutes": 2,
            "machine": "Linux x86_64",
            "processors": 2,
        },
        "source": {"sha256": "ab" * 32, "files": 200, "commit": "cd" * 20, "changed": False},
        "tools": {"frama-c": "25.0 (Manganese)", "go": None},
        "traceability": {
            "gaps": [],
            "counts": {"proved": 1, "planned": 1},
            "requirements": [requirement, planned],
            "functions": [function],
            "claims": [
                {
                    "sentence": "A stack grows.",
                    "clauses": ["least_doubling.ensures room"],
                    "gate": "`//proofs:growth`",
                }
            ],
            "assumptions": [
                {
                    "id": "ASSUME-MODEL-1",
                    "assumed": "Words are words.",
                    "watched": "`src/core/test/copy_test.c`",
                    "breaks": "All.",
                }
            ],
        },
        "proof": {
            "platform": "linux",
            "sample": False,
            "units": ["growth"],
            "not_tried": [],
            "findings": [],
            "contracts": "1 functions",
            "seconds": 12.5,
            "functions": [
                {
                    "function": "least_doubling",
                    "file": "src/core/move/growth.h",
                    "goals": 44,
                    "proved": 44,
                    "seconds": 12.0,
                    "provers": {"z3": 40, "qed": 4},
                }
            ],
        },
        "assembly": {
            "programs": 2,
            "functions": 2304,
            "solvers": ["z3", "cvc5", "cvc4"],
            "seconds": 60.5,
            "routines": [
                {
                    "routine": "contig_execute",
                    "instructions": 28,
                    "paths": 4,
                    "below": 48,
                    "theorems": {"cases": 4, "kept": 80},
                    "open": [],
                    "acl2": 4,
                }
            ],
        },
        "tests": [
            {"label": "//src/core:copy_test", "status": "PASSED", "seconds": 0.5, "cached": False}
        ],
        "fuzz": [
            {
                "target": "script_fuzz",
                "engine": "libfuzzer",
                "seconds": 60.0,
                "executions": 1234567,
                "corpus": 99,
                "edges": 500,
                "findings": [],
                "note": None,
            }
        ],
        "mutants": [
            {
                "name": "growth_doubles_once",
                "killed": True,
                "seconds": 3.0,
                "how": "goal open: room",
            }
        ],
        "traces": [
            {
                "trace": "go1.19-procs1",
                "profile": "1.19",
                "exact": False,
                "lines": 11444,
                "allocations": 1253,
                "growths": 390,
                "shrinks": 507,
                "result": "conforms",
            }
        ],
        "demonstrations": [{"name": "deep", "passed": True, "figures": {"growths": 18}}],
        "benchmarks": {
            "processor": "A processor",
            "go": "go1.19.8",
            "repetitions": 9,
            "busy": False,
            "rows": [
                {
                    "name": "grow to 64 KiB",
                    "unit": "ns",
                    "better": "less",
                    "contig": 900.0,
                    "go": 1200.0,
                    "floor": 300.0,
                    "floor_is": "memcpy",
                }
            ],
        },
        "configurations": [
            {"what": "src/core on linux, Frama-C/WP with z3 and cvc4", "how": "1 file"}
        ],
        "verdict": {"passed": True, "short": []},
    }


def unmeasured():
    """The same tree after a run that did nothing."""
    evidence = complete()
    for key in (
        "proof",
        "assembly",
        "tests",
        "fuzz",
        "mutants",
        "traces",
        "demonstrations",
        "benchmarks",
    ):
        evidence[key] = None
    return evidence


def require(condition, what):
    if not condition:
        print("page_test: FAILED: " + what)
        sys.exit(1)


def browser(arguments, path):
    with tempfile.TemporaryDirectory(
        prefix="chromium-", dir=os.environ.get("TEST_TMPDIR")
    ) as folder:
        env = dict(os.environ, HOME=folder, XDG_CONFIG_HOME=folder, XDG_CACHE_HOME=folder)
        done = subprocess.run(
            ["chromium"] + FLAGS + ["--user-data-dir=" + folder] + arguments + ["file://" + path],
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
        require(
            done.returncode == 0,
            "chromium ended with %d: %s" % (done.returncode, done.stderr[-400:]),
        )
        return done.stdout


def pixels(path):
    """(width, height, rows of (r, g, b)) of an 8-bit RGB or RGBA picture."""
    with open(path, "rb") as content:
        data = content.read()
    require(data[:8] == b"\x89PNG\r\n\x1a\n", "%s is no PNG" % path)
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    require(depth == 8 and colour in (2, 6), "%s has an unexpected form" % path)
    packed, position = b"", 8
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        if kind == b"IDAT":
            packed += data[position + 8 : position + 8 + length]
        position += 12 + length
    size, raw = (3 if colour == 2 else 4), zlib.decompress(packed)
    rows, before, stride = [], bytearray(width * size), width * size
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(
            raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)]
        )
        unfilter(kind, line, before, size)
        rows.append(line)
        before = line
    return (
        width,
        height,
        [[tuple(row[x * size : x * size + 3]) for x in range(0, width, 7)] for row in rows[::7]],
    )


def unfilter(kind, line, before, size):
    """Undoes one of PNG's five filters in place."""
    for x, value in enumerate(line):
        left = line[x - size] if x >= size else 0
        above, corner = before[x], before[x - size] if x >= size else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = above
        elif kind == 3:
            guess = (left + above) // 2
        elif kind == 4:
            near = left + above - corner
            guess = min(
                (abs(near - left), 0, left),
                (abs(near - above), 1, above),
                (abs(near - corner), 2, corner),
            )[2]
        else:
            return
        line[x] = (value + guess) & 255


PROBE = """<script>
addEventListener("load", () => {
  for (const box of document.querySelectorAll("details")) box.open = true;
  const wide = [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll") && !e.closest(".skip") && e.getBoundingClientRect().right > innerWidth + 1);
  const reachable = [...document.querySelectorAll("a[href], summary, input, .scroll")].filter(e => e.tabIndex === 0);
  const box = document.querySelector("input[type=search]");
  box.value = "no such function"; box.dispatchEvent(new Event("input"));
  const hidden = [...document.querySelectorAll(box.dataset.rows)].every(row => row.hidden);
  box.value = ""; box.dispatchEvent(new Event("input"));
  const dangling = [...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(a.getAttribute("href").slice(1)));
  parent.document.documentElement.dataset.probe = JSON.stringify({
    inner: innerWidth, wide: wide.slice(0, 3).map(e => e.outerHTML.slice(0, 80)), first: document.querySelector("a").className,
    reachable: reachable.length, all: document.querySelectorAll("a[href], summary, input, .scroll").length, hidden,
    dangling: dangling.map(a => a.getAttribute("href")), back: getComputedStyle(document.body).backgroundColor });
});
</script></body>"""


def probe(path, name, scheme):
    """What a script in the page sees at this size: in a frame, since a window has a least width of its own."""
    with open(path, encoding="utf-8") as text:
        probed = text.read().replace("</body>", PROBE)
    width, height = SIZES[name]
    place = os.path.join(OUT, "probe.html")
    with open(place, "w", encoding="utf-8") as out:
        out.write(
            '<!doctype html><iframe style="border:0;width:%dpx;height:%dpx" srcdoc="%s"></iframe>'
            % (width, height, html.escape(probed))
        )
    dom = browser(
        [
            "--window-size=1600,1700",
            "--blink-settings=preferredColorScheme=%d" % SCHEMES[scheme],
            "--dump-dom",
        ],
        place,
    )
    os.remove(place)
    found = re.search(r'<html[^>]* data-probe="([^"]*)"', dom)
    require(found, "the page's script did not run")
    return json.loads(html.unescape(found.group(1)))


def look(path, label, views):
    """Screenshots and probes of a page, at a size and in a scheme each."""
    for size, (width, height) in SIZES.items():
        for scheme, number in SCHEMES.items():
            if (size, scheme) not in views:
                continue
            seen = probe(path, size, scheme)
            require(
                seen["inner"] == width,
                "%s: the window is %d wide, not %d" % (size, seen["inner"], width),
            )
            require(
                not seen["wide"], "%s, %s: wider than the window: %s" % (label, size, seen["wide"])
            )
            require(
                seen["first"] == "skip" and seen["reachable"] == seen["all"],
                "%s: not all of %d controls are reached with the keyboard" % (size, seen["all"]),
            )
            require(seen["hidden"], "the search hides nothing")
            require(not seen["dangling"], "links into nowhere: %s" % seen["dangling"][:5])
            shot = os.path.join(OUT, "%s_%s_%s.png" % (label, size, scheme))
            browser(
                [
                    "--window-size=%d,%d" % (width, height),
                    "--blink-settings=preferredColorScheme=%d" % number,
                    "--screenshot=" + shot,
                ],
                path,
            )
            wide, high, sample = pixels(shot)
            colours = {pixel for row in sample for pixel in row}
            edge = sum(sample[len(sample) // 2][0]) / 3
            require((wide, high) == (width, height), "%s is %d by %d" % (shot, wide, high))
            require(len(colours) > 20, "%s is blank" % shot)
            require(edge < 80 if scheme == "dark" else edge > 175, "%s is not %s" % (shot, scheme))


def check_readable():
    rows = readable.clauses(CONTRACT)
    require(
        [row[:2] for row in rows]
        == [
            ("requires", "size"),
            ("assigns", ""),
            ("ensures", "room"),
            ("behavior", "none"),
            ("assumes", ""),
            ("ensures", "zero"),
        ],
        "the clauses of a contract: %s" % [row[:2] for row in rows],
    )
    require(
        readable.signs(rows[2][2]).startswith("result ≠ 0 ⇒ ∀ times: 1 ≤ times ⇒"),
        "signs: " + readable.signs(rows[2][2]),
    )


def check_schema():
    with open(os.path.join(ROOT, "spec/evidence.schema.json"), encoding="utf-8") as text:
        form = json.load(text)
    for evidence in (complete(), unmeasured()):
        require(
            list(schema.faults(evidence, form)) == [],
            "good evidence does not fit the schema: %s" % list(schema.faults(evidence, form))[:2],
        )
    broken = [
        ("proof", {}),
        ("schema", "contig-evidence-2"),
        ("tests", [{"label": "x"}]),
        ("more", 1),
    ]
    for key, value in broken:
        require(
            list(schema.faults(dict(complete(), **{key: value}), form)) != [],
            "the schema accepts a wrong '%s'" % key,
        )


def check_figures(whole, empty):
    for text in SHOWN:
        require(text in whole, "the page does not show '%s'" % text)
    # The theorems name requirements that this small tree does not have.
    rest = re.sub(
        r'<section aria-labelledby="theorems">.*?</section>',
        "",
        whole.split("<main", 1)[1].split("<footer", 1)[0],
        flags=re.S,
    )
    require("not measured" not in rest, "a complete run shows something as not measured")
    for identity in ("tests", "fuzz", "mutants", "traces", "benchmarks"):
        part = empty.split('id="%s"' % identity, 1)[1].split("</section>", 1)[0]
        require(
            "not measured" in part
            and not re.search(r"\d", re.sub(r"<[^>]*>", "", part.split("</h2>", 1)[1])),
            "%s shows a figure that was not measured" % identity,
        )
    require(
        '<span class="good">proved</span>' in whole
        and '<span class="good">proved</span>' not in empty,
        "proved in a run without proofs",
    )
    require(
        "http://" not in whole
        and "https://" not in whole
        and "src=" not in whole
        and "@import" not in whole,
        "the page needs the network",
    )


def hostile(value):
    """The same evidence with a tag and a quote in every string but the numbers of requirements, which have a pattern."""
    if isinstance(value, dict):
        return {key: hostile(one) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one) for one in value]
    if not isinstance(value, str) or re.fullmatch(r"[A-Z-]+-\d+", value):
        return value
    return value + '<i>"'


def check_escapes():
    whole = page.page(hostile(complete()))
    require("&lt;i&gt;&quot;" in whole, "the hostile strings are not on the page")
    require(
        "<i>" not in whole,
        "a string of the evidence is not escaped: ..." + whole[whole.find("<i>") - 60 :][:80],
    )


def real_tree():
    """The page of the tree as it is, with nothing measured: long lists."""
    import verify  # pylint: disable=import-outside-toplevel

    class Silent:
        """A run that only looks at the tree."""

        short, evidence = [], unmeasured()

        def say(self, text):
            pass

        def fell_short(self, text):
            pass

    run = Silent()
    verify.traceability(run)
    return page.page(run.evidence)


def main():
    require(shutil.which("chromium") is not None, "chromium is not installed; ci/setup installs it")
    check_readable()
    check_schema()
    check_escapes()
    whole, empty = page.page(complete()), page.page(unmeasured())
    check_figures(whole, empty)
    every = [(size, scheme) for size in SIZES for scheme in SCHEMES]
    for label, text, views in (
        ("complete", whole, every),
        ("unmeasured", empty, every[:1]),
        ("tree", real_tree(), [("phone", "light"), ("wide", "dark")]),
    ):
        require(len(text.encode()) <= page.BYTES_MAX, "the page is too large")
        path = os.path.join(OUT, label + ".html")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        look(path, label, views)
    print("page_test: ok, screenshots in %s" % OUT)


main()
