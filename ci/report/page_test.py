#!/usr/bin/env python3
"""page_test.py PAGE.py: the report in a headless browser: phone and wide, light and dark, keyboard, nothing invented.

Needs chromium (ci/setup).  The screenshots stand in the test's outputs; what a person would see in them is measured:
colours, size, that nothing is wider than the window.
"""
import base64
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

HERE = os.path.dirname(os.path.realpath(sys.argv[1]))
ROOT = os.path.normpath(os.path.join(HERE, "../.."))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(ROOT, "ci")]
from contig import debian, files  # noqa: E402
from contig.traceability import report as traced  # noqa: E402

debian.use()
import browser  # noqa: E402
import page  # noqa: E402
import readable  # noqa: E402
from evidence import SCHEMA, Evidence, faults  # noqa: E402

OUT = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR") or tempfile.mkdtemp()
SIZES = {"phone": (390, 844), "wide": (1440, 900)}
SCHEMES = ("dark", "light")
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


def complete() -> Evidence:
    """Evidence of a run in which everything was measured, made up, but of the real form."""
    found: Evidence = files.read_json(os.path.join(HERE, "complete.json"))
    return found


def unmeasured() -> Evidence:
    """The same tree after a run that did nothing."""
    parts = files.read_json(SCHEMA)["properties"]
    measured = [key for key, form in parts.items() if "null" in form.get("type", ())]
    return {**complete(), **{key: None for key in measured if key != "traceability"}}


def require(condition: object, what: str) -> None:
    if not condition:
        print("page_test: FAILED: " + what)
        sys.exit(1)


# What a script in the page sees, all boxes open.
PROBE = """(() => {
  for (const box of document.querySelectorAll("details")) box.open = true;
  const all = selector => [...document.querySelectorAll(selector)];
  const inside = e => e.closest(".scroll") || e.closest(".skip");
  const wide = all("body *").filter(e =>
    !inside(e) && e.getBoundingClientRect().right > innerWidth + 1);
  const controls = all("a[href], summary, input, .scroll");
  const box = document.querySelector("input[type=search]");
  box.value = "no such function"; box.dispatchEvent(new Event("input"));
  const hidden = all(box.dataset.rows).every(row => row.hidden);
  box.value = ""; box.dispatchEvent(new Event("input"));
  const targets = all('a[href^="#"]').map(a => a.getAttribute("href"));
  return {
    inner: innerWidth, wide: wide.slice(0, 3).map(e => e.outerHTML.slice(0, 80)), hidden,
    first: document.querySelector("a").className, all: controls.length,
    reachable: controls.filter(e => e.tabIndex === 0).length,
    dangling: targets.filter(target => !document.getElementById(target.slice(1)))};
})()"""
# Size of a picture, number of colours in every seventh pixel of each seventh line, brightness of its left edge.
COLOURS = """(async () => {
  const image = new Image();
  image.src = "data:image/png;base64,%s";
  await image.decode();
  const canvas = document.createElement("canvas");
  const [width, height] = [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const data = context.getImageData(0, 0, width, height).data, seen = new Set();
  const at = (x, y) => data.slice(4 * (y * width + x), 4 * (y * width + x) + 3);
  for (let y = 0; y < height; y += 7) for (let x = 0; x < width; x += 7) seen.add(String(at(x, y)));
  const edge = at(0, height >> 1);
  return {size: [width, height], colours: seen.size, edge: (edge[0] + edge[1] + edge[2]) / 3};
})()"""


def look_at_picture(window: browser.Browser, label: str, size: str, scheme: str) -> None:
    """A screenshot into the test's outputs, and what a person would see in it."""
    picture = window.picture()
    path = os.path.join(OUT, f"{label}_{size}_{scheme}.png")
    with open(path, "wb") as out:
        out.write(picture)
    seen = window.run(COLOURS % base64.b64encode(picture).decode())
    edge = seen["edge"]
    require(tuple(seen["size"]) == SIZES[size], f"{path} is {seen['size']}")
    require(seen["colours"] > 20, f"{path} is blank")
    require(edge < 80 if scheme == "dark" else edge > 175, f"{path} is not {scheme}")


def look(window: browser.Browser, path: str, label: str, views: Sequence[tuple[str, str]]) -> None:
    """A page at each size and in each scheme: its picture first, then with all its boxes open."""
    for size, scheme in views:
        window.show("file://" + path, *SIZES[size], scheme)
        look_at_picture(window, label, size, scheme)
        seen = window.run(PROBE)
        where = f"{label}, {size}"
        require(seen["inner"] == SIZES[size][0], f"{where}: the window is {seen['inner']} wide")
        require(not seen["wide"], f"{where}: wider than the window: {seen['wide']}")
        require(
            seen["first"] == "skip" and seen["reachable"] == seen["all"],
            f"{where}: not all of {seen['all']} controls are reached with the keyboard",
        )
        require(seen["hidden"], "the search hides nothing")
        require(not seen["dangling"], f"links into nowhere: {seen['dangling'][:5]}")


def check_readable() -> None:
    rows = readable.clauses(complete()["traceability"]["functions"][0]["contract"])
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


def words_of(form: dict[str, Any]) -> Iterator[str]:
    """The words of a schema, in itself and in its parts."""
    for word, value in form.items():
        yield word
        parts = value.values() if word == "properties" else [value]
        for part in parts:
            if isinstance(part, dict):
                yield from words_of(part)


def check_schema() -> None:
    form = files.read_json(SCHEMA)
    validator = debian.module("jsonschema").Draft202012Validator
    validator.check_schema(form)
    # A word that is not known is passed over without a sign.
    unknown = set(words_of(form)) - set(validator.VALIDATORS) - {"$schema", "title", "description"}
    require(not unknown, f"the schema has words without a meaning: {unknown}")
    for evidence in (complete(), unmeasured()):
        wrong = faults(evidence)
        require(not wrong, f"good evidence does not fit the schema: {wrong[:2]}")
    broken = [
        ("proof", {}),
        ("schema", "contig-evidence-1"),
        ("tests", [{"label": "x"}]),
        ("more", 1),
    ]
    for key, value in broken:
        require(
            faults(dict(complete(), **{key: value})),
            f"the schema accepts a wrong '{key}'",
        )


def check_figures(whole: str, empty: str) -> None:
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
    for identity in ("assembly", "tests", "fuzz", "defects", "traces", "benchmarks"):
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


def hostile(value: Any) -> Any:
    """The same evidence with a tag and a quote in every string; numbers of requirements have a pattern."""
    if isinstance(value, dict):
        return {key: hostile(one) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one) for one in value]
    if not isinstance(value, str) or re.fullmatch(r"[A-Z-]+-\d+", value):
        return value
    return value + '<i>"'


def check_escapes() -> None:
    whole = page.page(hostile(complete()))
    require("&lt;i&gt;&#34;" in whole, "the hostile strings are not on the page")
    require(
        "<i>" not in whole,
        "a string of the evidence is not escaped: ..." + whole[whole.find("<i>") - 60 :][:80],
    )


def real_tree() -> str:
    """The page of the tree as it is, with nothing measured: long lists."""
    return page.page(dict(unmeasured(), traceability=traced.evidence(ROOT)))


def check_names() -> None:
    evidence = complete()
    del evidence["tests"][0]["label"]
    try:
        page.page(evidence)
    except debian.module("jinja2").UndefinedError:
        return
    require(False, "what the evidence does not say is an empty place on the page")


def main() -> None:
    require(shutil.which("chromium") is not None, "chromium is not installed; ci/setup installs it")
    check_readable()
    check_schema()
    check_escapes()
    check_names()
    whole, empty = page.page(complete()), page.page(unmeasured())
    check_figures(whole, empty)
    every = [(size, scheme) for size in SIZES for scheme in SCHEMES]
    with browser.started() as window:
        for label, text, views in (
            ("complete", whole, every),
            ("unmeasured", empty, every[:1]),
            ("tree", real_tree(), [("phone", "light"), ("wide", "dark")]),
        ):
            require(len(text.encode()) <= page.BYTES_MAX, "the page is too large")
            path = os.path.join(OUT, label + ".html")
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            look(window, path, label, views)
    print("page_test: ok, screenshots in %s" % OUT)


main()
