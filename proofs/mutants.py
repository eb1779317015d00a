"""mutants.py: changes a copy of the tree and expects a gate to turn red.

A mutant is a unified diff with a few lines above it (NAME.patch):
  What:    one sentence
  Gate:    proof | smoke | contracts     what must turn red: proofs/run, proofs/run --smoke, proofs/contracts
  Prove:   file or function              what proofs/run is given (not for contracts)
  Expect:  text                          must stand in a finding: the goal that fails, as a rule
  Quick:   yes                           part of `bazel test`; the others run in ci/nightly
A diff without these lines is judged on what it touches: proofs/run on the changed files of src/core.
"""
import os
import re
import shutil
import subprocess
import tempfile
import time

COPIED = ("src/core", "spec", "proofs")


class Mutant:
    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as text:
            content = text.read()
        self.files = re.findall(r"^\+\+\+ b/(\S+)", content, flags=re.M)
        self.header = dict(re.findall(r"^(\w+): +(.*\S)", content.split("\n--- ", 1)[0], flags=re.M))

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
        return [name for name in self.files if name.startswith("src/core/") and not name.endswith("_test.c")]


class Verdict:
    def __init__(self, mutant, killed, how, seconds):
        self.mutant, self.killed, self.how, self.seconds = mutant, killed, how, seconds

    def line(self):
        return "%-9s %-36s %6.1f s  %s" % ("killed" if self.killed else "SURVIVED", self.mutant.name, self.seconds,
                                           self.how)


def copy_of_tree(root, folder, parts):
    for part in parts:
        shutil.copytree(os.path.join(root, part), os.path.join(folder, part), dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("bazel-*", "__pycache__"))
    subprocess.run(["chmod", "-R", "u+w", folder], check=True)


def apply(mutant, folder):
    """None, or what git says against the patch."""
    # Inside a repository git would look for the files at its root.
    env = dict(os.environ, GIT_CEILING_DIRECTORIES=os.path.dirname(folder))
    done = subprocess.run(["git", "apply", "-p1", mutant.path], cwd=folder, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.strip() if done.returncode != 0 else None


def command_of(mutant):
    expected = mutant.header.get("Expect")
    if mutant.gate == "contracts":
        return ["proofs/contracts"]
    stop = ["--stop", expected.split(": ", 1)[1]] if expected and expected.startswith("goal open: ") else []
    return ["proofs/run"] + (["--smoke"] if mutant.gate == "smoke" else []) + stop + mutant.targets()


def try_proof(mutant, root):
    """Verdict of the gate that the mutant names."""
    with tempfile.TemporaryDirectory(prefix="contig-mutant-", dir=os.environ.get("TEST_TMPDIR")) as folder:
        copy_of_tree(root, folder, COPIED)
        stale = apply(mutant, folder)
        if stale is not None:
            return Verdict(mutant, False, "the patch does not apply: " + stale, 0)
        if mutant.gate != "contracts" and not mutant.targets():
            return Verdict(mutant, False, "it changes no file of src/core", 0)
        start = time.monotonic()
        done = subprocess.run(command_of(mutant), cwd=folder, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        seconds = time.monotonic() - start
        found = [line for line in done.stdout.splitlines() if "goals.json" not in line]
        if mutant.gate != "contracts":
            found = [line[len("NOT PROVED"):].strip() for line in found if line.startswith("NOT PROVED")]
        expected = mutant.header.get("Expect")
        matching = [line for line in found if (expected or "") in line]
        if done.returncode == 1 and matching:
            return Verdict(mutant, True, matching[0], seconds)
        if done.returncode == 1 and found:
            return Verdict(mutant, False, "red, but not by '%s': %s" % (expected, found[0]), seconds)
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        return Verdict(mutant, False, "exit status %d: %s" % (done.returncode, " ".join(last)), seconds)


def load(folder):
    return [Mutant(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith(".patch")]
