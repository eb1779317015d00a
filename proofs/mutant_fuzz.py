"""mutant_fuzz.py: does a test or a fuzz target notice a mutant?"""
import contextlib
import os
import shutil
import time

from contig import environment, files, processes
from contig import tree as tree_of_git
from contig.tool import Problem
import mutants

# One folder for all mutants of a run, so that Bazel builds only what a patch touches; Bazel's own files are in it, too.
OPEN = contextlib.ExitStack()
FOLDERS = []
TEST_SECONDS = 2 * 60 * 60
FUZZ_RUN_SECONDS = 2 * 60 * 60

# What must notice, first to last: the tests without the proofs, then each fuzz target for a while.
FUZZ_SECONDS = 60


def _folder():
    if not FOLDERS:
        FOLDERS.append(OPEN.enter_context(files.temporary("contig-mutants")))
        os.mkdir(os.path.join(FOLDERS[0], "tree"))
    return FOLDERS[0]


def _bazel(*words):
    home = {**os.environ, "HOME": environment.home()}
    return processes.captured(
        ["bazel", "--output_base=" + os.path.join(_folder(), "bazel"), *words],
        TEST_SECONDS,
        cwd=os.path.join(_folder(), "tree"),
        env=home,
        together=True,
    )


def finish():
    """Ends Bazel's server, which keeps files open, and removes the folder."""
    if FOLDERS:
        with contextlib.suppress(Problem):
            _bazel("clean", "--expunge")
        OPEN.close()


def _fresh_tree(root):
    for name in tree_of_git.files(root):
        source, target = os.path.join(root, name), os.path.join(_folder(), "tree", name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(source, "rb") as new:
            content = new.read()
        if not os.path.exists(target) or not _same(target, content):
            shutil.copy(source, target)


def _same(path, content):
    with open(path, "rb") as old:
        return old.read() == content


def try_fuzz(mutant, root):
    _fresh_tree(root)
    stale = mutants.apply(mutant, os.path.join(_folder(), "tree"))
    if stale is not None:
        return mutants.Verdict(mutant, False, "the patch does not apply: " + stale, 0)
    start = time.monotonic()

    tests = _bazel(
        "test",
        "--keep_going",
        "--test_tag_filters=-proof",
        "--build_tests_only",
        "--test_output=summary",
        "//...",
    )
    if tests.done.status == 3:
        failed = [
            line.split()[0]
            for line in tests.output.splitlines()
            if line.startswith("//") and ("FAILED" in line or "TIMEOUT" in line)
        ]
        return mutants.Verdict(mutant, True, "by " + ", ".join(failed), time.monotonic() - start)
    if tests.done.status != 0:
        last = tests.output.strip().splitlines()[-1:]
        return mutants.Verdict(
            mutant, False, "it does not build: " + " ".join(last), time.monotonic() - start
        )
    found = processes.captured(
        ["fuzz/run", "all", "--engine", "libfuzzer", "--seconds", str(FUZZ_SECONDS), "--no-ledger"],
        FUZZ_RUN_SECONDS,
        cwd=os.path.join(_folder(), "tree"),
        together=True,
    )
    if found.done.status == 1:
        return mutants.Verdict(mutant, True, "by a fuzz target", time.monotonic() - start)
    return mutants.Verdict(
        mutant,
        False,
        "no test failed, and no fuzz target in %d s each (it %s)"
        % (FUZZ_SECONDS, found.done.text()),
        time.monotonic() - start,
    )
