"""proving.py: does a proof stay open, or does a gate turn red, in a copy of the tree with a defect?

Red for another reason than the defect names is not noticed: it would hide that the gate does not look.  Called by run.
"""
import shutil
from collections.abc import Sequence

from contig import files, processes
from contig.tool import Problem
from defects import trees
from defects.record import GATES, ROOT, Defect
from defects.verdict import Verdict

PARTS = ("src/core", "spec", "proofs", "ci/contig")
# What the comparison of texts reads beside that: how the core is built.
BUILDS = (".bazelrc", "README.md", "fuzz/BUILD", "fuzz/targets.bzl")
TOOLS = ("frama-c", "why3", "z3", "cvc4", "clang", "git")
# One gate on one defect.
GATE_SECONDS = 2 * 60 * 60
OPEN, NOT_PROVED = "goal open: ", "NOT PROVED"


class _WithFramaC:
    """What both ways need.  That the tree without a defect is proved is for its own tests to say."""

    def __init__(self) -> None:
        for name in TOOLS:
            if shutil.which(name) is None:
                raise Problem("%s is not installed; ci/setup installs it" % name)

    def controls(self, _: Sequence[Defect]) -> list[str]:
        return []


class Proof(_WithFramaC):
    def judge(self, defect: Defect) -> Verdict:
        """The verdict of proofs/run on what the defect names."""
        return _judged(defect, "run", defect.words("Proof"), OPEN + defect.fields["Goal"])


class Gate(_WithFramaC):
    def judge(self, defect: Defect) -> Verdict:
        """The verdict of the gate that the defect names."""
        name, *words = defect.words("Gate")
        return _judged(defect, name, words, defect.fields["Message"])


def _command(defect: Defect, name: str, words: list[str], expected: str) -> list[str]:
    command = [GATES[name]]
    if name == "smoke":
        command.append("--smoke")
    if name == "contracts" and "Recorded" in defect.fields:
        command.append("--record")
    if GATES[name] == "proofs/run" and expected.startswith(OPEN):
        command += ["--stop", expected[len(OPEN) :]]
    return command + words


def _findings(name: str, output: str) -> list[str]:
    found = [line for line in output.splitlines() if "goals.json" not in line]
    if GATES[name] != "proofs/run":
        return found
    return [line[len(NOT_PROVED) :].strip() for line in found if line.startswith(NOT_PROVED)]


def _judged(defect: Defect, name: str, words: list[str], expected: str) -> Verdict:
    with files.temporary("contig-defect") as folder:
        trees.copy(ROOT, PARTS + (BUILDS if name == "text" else ()), folder)
        stale = trees.plant(defect, folder)
        if stale is not None:
            return Verdict(False, 0, stale)
        command = _command(defect, name, words, expected)
        result = processes.captured(command, GATE_SECONDS, cwd=folder)
    found = _findings(name, result.output)
    matching = [line for line in found if expected in line]
    seconds = result.done.seconds
    if result.done.status == 1 and matching:
        return Verdict(True, seconds, matching[0])
    if result.done.status == 1 and found:
        return Verdict(False, seconds, "red, but not by '%s': %s" % (expected, found[0]))
    # What the gate said against it, not the last line of progress.
    said = result.errors.strip().splitlines()[-1:] or result.output.strip().splitlines()[-1:]
    return Verdict(False, seconds, "%s %s: %s" % (name, result.done.text(), " ".join(said)))
