"""mutants.py: changes a copy of the tree and expects a gate to turn red.

A mutant is a unified diff with a few lines above it (NAME.patch):
  What:    one sentence
  Gate:    proof | smoke | contracts | text | trivial | premises | identity
                                         what must turn red: proofs/run, proofs/run --smoke, proofs/contracts,
                                         or the program of that name
  Prove:   file or function              what the gate is given; for contracts, units
  Recorded: yes                          the contracts are recorded first, and the gate must be red all the same
  Expect:  text                          must stand in a finding: the goal that fails, as a rule
  Quick:   yes                           part of `bazel test`; the others run in ci/nightly
A diff without these lines is judged on what it touches: proofs/run on the changed files of src/core.
"""
import os
import re

from contig import environment, files, processes, tree
from contig.tool import Problem, shown

COPIED = ("src/core", "spec", "proofs", "ci/contig")
# Gates of their own.
PROGRAMS = {
    "text": "proofs/compiled_text.py",
    "trivial": "proofs/trivial.py",
    "premises": "proofs/premises.py",
    "identity": "proofs/object_identity.py",
}
# What the comparison of texts reads beside that: how the core is built.
BUILDS = (".bazelrc", "README.md", "fuzz/BUILD")
# One gate on one mutant, and one patch.
GATE_SECONDS = 2 * 60 * 60
PATCH_SECONDS = 60
GATES = ("proof", "smoke", "contracts", *PROGRAMS)


class Mutant:
    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.name = os.path.splitext(os.path.basename(path))[0]
        content = files.read(path)
        self.files = re.findall(r"^\+\+\+ b/(\S+)", content, flags=re.M)
        self.header = dict(
            re.findall(r"^(\w+): +(.*\S)", content.split("\n--- ", 1)[0], flags=re.M)
        )
        if not self.files:
            raise Problem("%s changes no file: it is no unified diff" % shown(path))
        if self.gate not in GATES:
            raise Problem(
                "%s: there is no gate %s; there are %s"
                % (shown(path), shown(self.gate), ", ".join(GATES))
            )

    @property
    def quick(self):
        return self.header.get("Quick") == "yes"

    @property
    def gate(self):
        return self.header.get("Gate", "proof")

    def targets(self):
        named = self.header.get("Prove")
        if named:
            return named.split()
        return [
            name
            for name in self.files
            if name.startswith(("src/core/", "proofs/laws/")) and "/test/" not in name
        ]


class Verdict:
    def __init__(self, mutant, killed, how, seconds):
        self.mutant, self.killed, self.how, self.seconds = mutant, killed, how, seconds

    def line(self):
        return "%-9s %-36s %6.1f s  %s" % (
            "killed" if self.killed else "SURVIVED",
            self.mutant.name,
            self.seconds,
            self.how,
        )


def copy_of_tree(root, folder, parts):
    """Copies what git tracks or would add, so that no link or socket beside it stops a run."""
    tree.copy(root, parts, folder)
    processes.run(["chmod", "-R", "u+w", folder], PATCH_SECONDS)


def apply(mutant, folder):
    """None, or what git says against the patch."""
    # Inside a repository git would look for the files at its root.
    env = dict(environment.without("GIT_"), GIT_CEILING_DIRECTORIES=os.path.dirname(folder))
    result = processes.captured(
        ["git", "apply", "-p1", mutant.path], PATCH_SECONDS, cwd=folder, env=env, together=True
    )
    return result.output.strip() if result.done.status != 0 else None


def stale(chosen, root):
    """Sentences on the mutants of a folder whose patch does not apply to the tree any more."""
    found = []
    with files.temporary("contig-mutant") as folder:
        copy_of_tree(root, folder, COPIED + BUILDS)
        env = dict(environment.without("GIT_"), GIT_CEILING_DIRECTORIES=os.path.dirname(folder))
        for mutant in chosen:
            words = ["git", "apply", "--check", "-p1", mutant.path]
            result = processes.captured(words, PATCH_SECONDS, cwd=folder, env=env, together=True)
            if result.done.status != 0:
                found.append(
                    "%s: the patch does not apply: %s" % (mutant.name, result.output.strip())
                )
    return found


def command_of(mutant):
    expected = mutant.header.get("Expect")
    if mutant.gate in PROGRAMS:
        return [PROGRAMS[mutant.gate]] + mutant.targets()
    if mutant.gate == "contracts":
        return (
            ["proofs/contracts"]
            + (["--record"] if mutant.header.get("Recorded") else [])
            + mutant.header.get("Prove", "").split()
        )
    stop = (
        ["--stop", expected.split(": ", 1)[1]]
        if expected and expected.startswith("goal open: ")
        else []
    )
    return (
        ["proofs/run"] + (["--smoke"] if mutant.gate == "smoke" else []) + stop + mutant.targets()
    )


def try_proof(mutant, root):
    """Verdict of the gate that the mutant names."""
    with files.temporary("contig-mutant") as folder:
        copy_of_tree(root, folder, COPIED + (BUILDS if mutant.gate == "text" else ()))
        stale = apply(mutant, folder)
        if stale is not None:
            return Verdict(mutant, False, "the patch does not apply: " + stale, 0)
        if mutant.gate in ("proof", "smoke") and not mutant.targets():
            return Verdict(mutant, False, "it changes no file of src/core", 0)
        result = processes.captured(command_of(mutant), GATE_SECONDS, cwd=folder)
        status, seconds = result.done.status, result.done.seconds
        found = [line for line in result.output.splitlines() if "goals.json" not in line]
        if mutant.gate in ("proof", "smoke"):
            found = [
                line[len("NOT PROVED") :].strip() for line in found if line.startswith("NOT PROVED")
            ]
        expected = mutant.header.get("Expect")
        matching = [line for line in found if (expected or "") in line]
        if status == 1 and matching:
            return Verdict(mutant, True, matching[0], seconds)
        if status == 1 and found:
            return Verdict(
                mutant, False, "red, but not by '%s': %s" % (expected, found[0]), seconds
            )
        # What the gate said against it, not the last line of progress.
        said = result.errors.strip().splitlines()[-1:] or result.output.strip().splitlines()[-1:]
        return Verdict(
            mutant, False, "the gate %s: %s" % (result.done.text(), " ".join(said)), seconds
        )


def load(folder):
    return [
        Mutant(os.path.join(folder, name))
        for name in sorted(os.listdir(folder))
        if name.endswith(".patch")
    ]
