"""layers.py: docs/seeded_bugs.md: which layer finds which bug of channels and threads, from what bugs and defects say.

A bug is one of a model of spec/model, or a planted defect of channels or threads that no model has; a defect with a
line Model: is that bug in C.  Called by run: --layers writes the page, --check says whether it is current.
"""
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contig import files
from contig.promela import Bug
from defects.record import ROOT, WAYS, Defect, bugs_of_models

PATH = "docs/seeded_bugs.md"
STALE = PATH + " is stale; proofs/defects/run --layers renews it"
# What no model has stands in the page if it is one of channels, or needs several threads.
AREA, OF_THREADS = "chan", {"schedule", "stress"}
LAYERS = ("model", *(way for way in WAYS if way != "gate"))
TEXT = """# Seeded bugs, and the layers that find them

Each bug is planted, and each layer must find it that is marked here. This page is made from the models in
[spec/model](../spec/model/README.md) and from the lines above the patches in `proofs/defects`: `proofs/defects/run
--layers` writes it. `bazel test //spec/model:bugs_test` plants the bugs of the models; `proofs/defects/run --by LAYER`
plants those of the code.

| layer | what finds a bug |
|---|---|
| model | the search of a model of the protocol, in all orders of its steps |
| proof | a goal of a contract that stays open |
| test | a test of the core or the runtime |
| schedule | the same code in every order in which two or three threads can go on, up to a number of preemptions |
| stress | random graphs of channels on eight threads, some of them under ThreadSanitizer |
| fuzz | scripts and other inputs that nobody thought of |
| vectors | test vectors of a requirement |
| replay | the replay of contig's own traces |

A bug of a model without a patch has none in C: the function of Go that it is about does not exist here, or nobody has
planted it yet.

%d bugs. Each is found by at least one layer, %d of them (%d %%) by two or more, %d by three or more.

| bug | in C | what is wrong | %s | layers |
|---|---|---|%s---|
%s
"""


@dataclass(frozen=True)
class Row:
    """A bug, the patches that are it in C, and who finds it."""

    name: str
    what: str
    patches: Sequence[Defect]
    layers: Sequence[str]

    def line(self) -> str:
        links = ["[%s](../proofs/defects/%s.patch)" % (one.name, one.title) for one in self.patches]
        marks = ["yes" if layer in self.layers else "" for layer in LAYERS]
        cells = [self.name, ", ".join(links), self.what, *marks, str(len(self.layers))]
        return "| %s |" % " | ".join(cells)


def _row(name: str, bug: Bug | None, patches: Sequence[Defect]) -> Row:
    found = {way for one in patches for way in one.ways} | ({"model"} if bug else set())
    what = bug.what if bug else patches[0].fields["What"]
    return Row(name, what.rstrip("."), patches, [layer for layer in LAYERS if layer in found])


def rows(defects: Sequence[Defect]) -> Iterator[Row]:
    """Those of the models, by model, and then the others, by name."""
    for name, bug in bugs_of_models().items():
        yield _row(name, bug, [one for one in defects if name in one.words("Model")])
    for one in defects:
        if not one.words("Model") and (one.area == AREA or OF_THREADS & set(one.ways)):
            yield _row(one.title, None, [one])


def page(defects: Sequence[Defect]) -> str:
    """The whole page."""
    table = list(rows(defects))
    two, three = (sum(len(row.layers) >= least for row in table) for least in (2, 3))
    lines = "\n".join(row.line() for row in table)
    heads = (" | ".join(LAYERS), "---|" * len(LAYERS))
    return TEXT % (len(table), two, 100 * two // len(table), three, *heads, lines)


def write(defects: Sequence[Defect]) -> None:
    files.write(os.path.join(ROOT, PATH), page(defects))


def findings(defects: Sequence[Defect]) -> Iterator[str]:
    """A sentence if the page is not current."""
    if files.read(os.path.join(ROOT, PATH)) != page(defects):
        yield STALE
