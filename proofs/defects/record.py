"""record.py: a planted defect: a patch, and the lines above it that say what it breaks and who must notice it.

proofs/defects/AREA/NAME.patch begins with

  What:        one sentence
  Reference:   "real, " and whose runtime had it, or "own, " and the rule that it breaks
  Requirement: the requirements of spec/ that it breaks, if there are some
  Model:       the bugs of models of spec/model that it is in C, if there are some: MODEL.BUG
  Noticed-by:  proof, gate, test, schedule, stress, fuzz, vectors, replay: one or more, each of them alone
  Proof:       function or file that proofs/run is given           Goal:     the goal that stays open
  Gate:        the gate, and what it is given (GATES)              Message:  what stands in its finding
  Recorded:    yes: the contracts are recorded first, and the gate contracts must be red all the same
  Test:        the program that must fail: its source
  Platform:    the row of spec/platform.h that it is compiled for, if not the first
  Schedule:    the program of schedule_test that must go wrong, its threads, and the preemptions that it takes
  Stress:      the program of random graphs on eight threads that must fail (stressing.py)
  Fuzz:        the fuzz target that must find it
  Vectors:     the requirement of whose test vectors (spec/vectors) at least one must fail
  Replay:      the requirement that the exact replay of contig's own traces must name
  Quick:       yes: part of every build; ci/nightly runs the others

AREA is what it breaks: heap and move of the core, channels (chan), the runtime, c (C on goroutine stacks), or gates: a
contract, a proof or a build, so that wrong code would pass.  A patch for fuzzing alone says by canary.h that it was
reached.  Read by all of this folder.
"""
import functools
import glob
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from contig import c_platforms, files, promela
from contig.tool import Problem, shown

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WAYS = ("proof", "gate", "test", "schedule", "stress", "fuzz", "vectors", "replay")
# What each of them needs, and what it takes beside that.
NEEDED = {
    "proof": ("Proof", "Goal"),
    "gate": ("Gate", "Message"),
    "test": ("Test",),
    "schedule": ("Schedule",),
    "stress": ("Stress",),
    "fuzz": ("Fuzz",),
    "vectors": ("Vectors",),
    "replay": ("Replay",),
}
OPTIONAL = {"gate": ("Recorded",), "test": ("Platform",)}
GENERAL = ("What", "Reference", "Noticed-by")
# What any defect may say, too.
FREE = ("Requirement", "Model", "Quick")
FIELDS = {*GENERAL, *FREE, *sum([*NEEDED.values(), *OPTIONAL.values()], ())}
# The folders that the patches of an area change first.
AREAS = {
    "heap": ("src/core/heap/",),
    "move": ("src/core/move/",),
    "chan": (
        "src/core/chan/",
        "src/runtime/chan",
        "src/runtime/select.c",
    ),
    "runtime": ("src/runtime/", "src/frames/", "src/bodies/"),
    "c": ("src/c/",),
    "gates": ("",),
}
# The gates, and the program of each.
GATES = {
    "run": "proofs/run",
    "smoke": "proofs/run",
    "contracts": "proofs/contracts",
    "text": "proofs/compiled_text.py",
    "trivial": "proofs/trivial.py",
    "premises": "proofs/premises.py",
    "identity": "proofs/object_identity.py",
}
SCHEDULE = r"(\w+), (\d+) threads, (\d+) preemptions?( between plain accesses)?"
SCHEDULE_WRONG = "%s is no schedule: PROGRAM, N threads, N preemptions[ between plain accesses]"
# The programs of src/runtime/test/threads_stress_test.c.
STRESS = ("threads_stress_test", "threads_stress_sanitized_test")
CANARY = '#include "proofs/defects/canary.h"'


@dataclass(frozen=True)
class Defect:
    """A patch, its fields, and the files that it changes."""

    path: str
    fields: Mapping[str, str]
    twice: Sequence[str]
    files: Sequence[str]
    has_canary: bool

    @property
    def name(self) -> str:
        return os.path.splitext(os.path.basename(self.path))[0]

    @property
    def area(self) -> str:
        return os.path.basename(os.path.dirname(self.path))

    @property
    def title(self) -> str:
        return "%s/%s" % (self.area, self.name)

    @property
    def quick(self) -> bool:
        return self.fields.get("Quick") == "yes"

    @property
    def ways(self) -> list[str]:
        """Who must notice it, in the order of WAYS."""
        return [way for way in WAYS if way in self.words("Noticed-by")]

    def words(self, field: str) -> list[str]:
        return re.findall(r"[^\s,]+", self.fields.get(field, ""))


def read(path: str) -> Defect:
    """A patch with its fields; a Problem if the file is no unified diff."""
    content = files.read(path)
    found = re.findall(r"^([\w-]+): +(.*\S)", re.split(r"^--- ", content, 1, re.M)[0], re.M)
    changed = re.findall(r"^\+\+\+ b/(\S+)", content, re.M)
    if not changed:
        raise Problem("%s changes no file: it is no unified diff" % shown(path))
    names = [name for name, _ in found]
    return Defect(
        os.path.abspath(path),
        dict(found),
        sorted({name for name in names if names.count(name) > 1}),
        changed,
        CANARY in content,
    )


def load() -> list[Defect]:
    """All defects of the tree, by area and name."""
    pattern = os.path.join(glob.escape(HERE), "*", "*.patch")
    return [read(path) for path in sorted(glob.glob(pattern))]


@functools.cache
def bugs_of_models() -> dict[str, promela.Bug]:
    """{MODEL.BUG: bug} of spec/model."""
    found = {}
    for path in sorted(glob.glob(os.path.join(glob.escape(ROOT), "spec/model/*.pml"))):
        text = files.read(path)
        name = os.path.splitext(os.path.basename(path))[0]
        if promela.is_model(text):
            bugs = promela.parse(name, path, text).bugs
            found.update({"%s.%s" % (name, bug.name): bug for bug in bugs})
    return found


def scheduled(defect: Defect) -> tuple[str, str, str, bool]:
    """The program of schedule_test, its threads, its preemptions, and whether plain accesses are points."""
    found = re.fullmatch(SCHEDULE, defect.fields["Schedule"])
    if found is None:
        raise Problem("%s: %s" % (shown(defect.path), SCHEDULE_WRONG % defect.fields["Schedule"]))
    name, threads, preemptions, plain = found.groups()
    return name, threads, preemptions, plain is not None


def faults(defect: Defect, targets: Collection[str]) -> Iterator[str]:
    """Sentences on fields that are missing, too many or wrong; targets are those of fuzz/targets.bzl."""
    fields = defect.fields
    wanted = [name for way in defect.ways for name in NEEDED[way]]
    allowed = {*GENERAL, *FREE, *wanted}
    allowed |= {name for way in defect.ways for name in OPTIONAL.get(way, ())}
    for name in (*GENERAL, *wanted):
        if name not in fields:
            yield "there is no line '%s:' above the patch" % name
    for name in fields:
        if name not in FIELDS:
            yield "the line '%s:' means nothing" % name
        elif name not in allowed:
            yield "the line '%s:' is for none of those that notice it" % name
    for name in defect.twice:
        yield "the line '%s:' stands there twice" % name
    for word in defect.words("Noticed-by"):
        if word not in WAYS:
            yield "nothing notices by %s; there are %s" % (shown(word), ", ".join(WAYS))
    for name in ("Quick", "Recorded"):
        if fields.get(name, "yes") != "yes":
            yield "the line '%s:' says yes, or is not there" % name
    yield from _wrong_values(defect, targets)


def _wrong_values(defect: Defect, targets: Collection[str]) -> Iterator[str]:
    fields = defect.fields
    if not re.match(r"(?:real|own), \S", fields.get("Reference", "own, ")):
        yield "its reference is neither 'real, ...' nor 'own, ...': " + fields["Reference"]
    for word in defect.words("Requirement"):
        if not re.fullmatch(r"[A-Z]+-\d+", word):
            yield "%s is no requirement" % shown(word)
    gate = (defect.words("Gate") or ["run"])[0]
    if gate not in GATES:
        yield "there is no gate %s; there are %s" % (shown(gate), ", ".join(GATES))
    if "Recorded" in fields and gate != "contracts":
        yield "only the gate contracts has a record"
    if not fields.get("Test", "_test.c").endswith(("_test.c", "_test.py")):
        yield "%s is no test: NAME_test.c or NAME_test.py" % shown(fields["Test"])
    if not re.fullmatch(SCHEDULE, fields.get("Schedule", "none, 2 threads, 0 preemptions")):
        yield SCHEDULE_WRONG % shown(fields["Schedule"])
    if fields.get("Stress") not in (None, *STRESS):
        yield "there is no program %s; there are %s" % (shown(fields["Stress"]), ", ".join(STRESS))
    for word in defect.words("Model"):
        if word not in bugs_of_models():
            yield "no model of spec/model has the bug %s" % shown(word)
    known = c_platforms.names(ROOT)
    if fields.get("Platform", known[0]) not in known:
        yield "there is no platform %s" % shown(fields["Platform"])
    if fields.get("Fuzz") not in (None, *targets):
        yield "there is no fuzz target %s" % shown(fields["Fuzz"])
    for name in ("Vectors", "Replay"):
        if name in fields and fields[name] not in defect.words("Requirement"):
            line = "%s: %s" % (name, fields[name])
            yield "%s is none of the requirements that it breaks" % shown(line)
    if defect.has_canary != (defect.ways == ["fuzz"]):
        yield "a patch has the canary if fuzzing notices it, and nothing else does"
    if defect.path.startswith(HERE + os.sep) and defect.area not in AREAS:
        yield "there is no area %s; there are %s" % (shown(defect.area), ", ".join(AREAS))
    if not defect.files[0].startswith(AREAS.get(defect.area, ("",))):
        yield "it changes %s, which is not of this area" % shown(defect.files[0])
