"""mutant_fuzz.py: does a test or a fuzz target notice a mutant?"""
import os
import shutil
import subprocess
import time

import mutants

# One folder for all mutants, so that Bazel builds only what a patch touches.
FOLDER = os.path.join(os.environ.get("TMPDIR", "/tmp"), "contig-mutants-%d" % os.getuid())

# What must notice, first to last: the tests without the proofs, then each fuzz target for a while.
FUZZ_SECONDS = 60


def _tracked(root):
    names = subprocess.run(["git", "ls-files", "-z"], cwd=root, stdout=subprocess.PIPE, check=True).stdout
    return [name for name in names.decode().split("\0") if name and os.path.isfile(os.path.join(root, name))]


def _fresh_tree(root):
    names = set(_tracked(root))
    for name in names:
        source, target = os.path.join(root, name), os.path.join(FOLDER, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(source, "rb") as new:
            content = new.read()
        if not os.path.exists(target) or open(target, "rb").read() != content:
            shutil.copy(source, target)


def try_fuzz(mutant, root):
    _fresh_tree(root)
    stale = mutants.apply(mutant, FOLDER)
    if stale is not None:
        return mutants.Verdict(mutant, False, "the patch does not apply: " + stale, 0)
    start = time.monotonic()

    def run(command):
        return subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)

    tests = run(["bazel", "test", "--keep_going", "--test_tag_filters=-proof", "--build_tests_only",
                 "--test_output=summary", "//..."])
    if tests.returncode == 3:
        failed = [line.split()[0] for line in tests.stdout.splitlines()
                  if line.startswith("//") and ("FAILED" in line or "TIMEOUT" in line)]
        return mutants.Verdict(mutant, True, "by " + ", ".join(failed), time.monotonic() - start)
    if tests.returncode != 0:
        last = tests.stdout.strip().splitlines()[-1:]
        return mutants.Verdict(mutant, False, "it does not build: " + " ".join(last), time.monotonic() - start)
    found = run(["fuzz/run", "all", "--engine", "libfuzzer", "--seconds", str(FUZZ_SECONDS), "--no-ledger"])
    if found.returncode == 1:
        return mutants.Verdict(mutant, True, "by a fuzz target", time.monotonic() - start)
    return mutants.Verdict(mutant, False, "no test failed, and no fuzz target in %d s each (exit status %d)"
                           % (FUZZ_SECONDS, found.returncode), time.monotonic() - start)
