#!/usr/bin/env python3
"""figures_test.py FIGURES.py: the figures in README.md and SOUNDNESS.md are those of the tree, and one that is not
turns the check red.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
FIGURES = os.path.realpath(sys.argv.pop(1))
ROOT = os.path.normpath(os.path.join(os.path.dirname(FIGURES), "../.."))
sys.path.insert(0, os.path.join(ROOT, "ci"))
from contig import copied, files, forked  # noqa: E402
from contig.traceability import graph  # noqa: E402

# Nothing but what is counted.
DOCUMENTS = ("README.md", "SOUNDNESS.md")
READ = (*DOCUMENTS, "ci/contig", "ci/report", "ci/style", "fuzz/", "proofs/", "spec/", "src/")
BEGIN = "<!-- figures: "
BLUE = (
    r"#elif CONTIG_PLATFORM == CONTIG_BLUE\n#define STACK_SYSTEM_BYTES 8u\n"
    r"#define FIXED_STACK_BYTES 2048u\n#define NUM_STACK_ORDERS 4u\n"
)
# (pattern of what the check says, command that changes a copy of the tree): README.md, and what the tables stand in.
TEXT_FAULTS = [
    (
        "says .* where the tree says 'nothing'",
        r"sed -i 's/^<!-- .figures/| 1 more | nobody |\n&/' README.md",
    ),
    ("has no place for the figures", "sed -i '/^<!-- figures: /d' README.md"),
    ("has no place for the figures", "sed -i '/^<!-- .figures/d' README.md"),
    ("has no place for the figures", "sed -i '/^<!-- figures: /h; /^<!-- .figures/G' README.md"),
    (
        "SOUNDNESS.md says 'plan9 .* where the tree says 'plan9",
        "sed -i 's/^| plan9 .*[0-9]/&9/' SOUNDNESS.md",
    ),
    ("SOUNDNESS.md has no place for the figures", "sed -i '/^<!-- .figures/d' SOUNDNESS.md"),
]
WAYS = {
    "proof": "a proof",
    "gate": "a gate",
    "test": "a test",
    "schedule": "a search of all schedules",
    "stress": "random graphs on eight threads",
    "fuzz": "fuzzing",
    "vectors": "a test vector",
    "replay": "the replay of contig's own traces",
}
# One more rule, whatever the program of the style is made of.
RULE_FAULT = r"""
cd ci/style
mv style.py whole.py
printf 'import os, runpy\nprint("blue  nothing is blue")\n' >style.py
printf 'runpy.run_path(os.path.dirname(__file__) + "/whole.py", run_name="__main__")\n' >>style.py
"""
# Each figure is counted, not remembered.
TREE_FAULTS = [
    ("functions proved", r"""sed -i 's/": [0-9]/&0/' proofs/goals.json"""),
    ("functions proved", "sed -i 's/law_/paint_/' proofs/laws/laws_*.c"),
    (
        "requirements:",
        r"printf '\n### COPY-99\nBlue.\n\n*Source: ours. Evidence: planned: later.*\n'"
        " >>spec/copying.md",
    ),
    *(
        (f"that {text} must", f"echo 'Noticed-by: {way}' >proofs/defects/heap/paint.patch")
        for way, text in WAYS.items()
    ),
    ("operations", "sed -i '/OPERATION(AUDIT,/d' src/script/operations.h"),
    ("fuzz targets", """sed -i '/"parser_fuzz": {/,/}/d' fuzz/targets.bzl"""),
    (
        "does not give the three sizes of blue",
        "echo '#elif CONTIG_PLATFORM == CONTIG_BLUE' >>spec/platform.h",
    ),
    ("platforms", f"sed -i 's/^#elif .*PLAN9/{BLUE}&/' spec/platform.h"),
    (
        "SOUNDNESS.md says 'plan9 | 512",
        "sed -i 's/SYSTEM_BYTES 512u/SYSTEM_BYTES 520u/' spec/platform.h",
    ),
    (
        "models of protocols",
        "sed -i '/^ . bug UNFLUSHED/d; s/^#ifndef UNFLUSHED/#if 1/' spec/model/pool.pml",
    ),
    ("rules of style", RULE_FAULT),
    ("fuzz/targets.bzl' has no TARGETS", "sed -i 's/^TARGETS = /NAMES = /' fuzz/targets.bzl"),
]
REAL_DEFECT = (
    r"printf 'Reference: real, a wall\nNoticed-by: fuzz\n--- a\n'"
    " >proofs/defects/heap/paint.patch"
)
DEFECTS = r"^\| \d+ planted defects that fuzzing .* (\d+) of them with `Reference: real`.*\n"


def is_read(path: str) -> bool:
    return path.startswith(READ) and "/corpus/" not in path


class Figures(unittest.TestCase):
    """figures.py on a copy of the tree."""

    copy: copied.Copy

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        cls.addClassCleanup(temporary.cleanup)
        cls.copy = copied.Copy(ROOT, temporary.name, is_read)
        graph.Graph(cls.copy.root)

    @property
    def script(self) -> str:
        return os.path.join(self.copy.root, "ci/report/figures.py")

    def read(self, path: str = "README.md") -> str:
        return str(files.read(os.path.join(self.copy.root, path)))

    def ends(self, wanted: int, pattern: str, *words: str) -> None:
        """figures.py ends so; a failure says one line, with the pattern."""
        self.judge(forked.run(self.script, *words), wanted, pattern)

    def judge(self, result: forked.Result, wanted: int, pattern: str) -> None:
        said = result.output + result.errors
        self.assertEqual((result.status, said.count("\n")), (wanted, int(wanted != 0)), said)
        if wanted:
            self.assertRegex(said, pattern)

    def refused(self, pattern: str, command: str) -> None:
        with self.subTest(command=command), self.copy.broken(command):
            self.ends(1, pattern, "--check")

    def test_tree_as_it_is(self) -> None:
        self.judge(forked.run(FIGURES, "--check"), 0, "")

    def test_each_row_changed(self) -> None:
        lines = self.read().splitlines()
        begin = next(n for n, line in enumerate(lines) if line.startswith(BEGIN))
        end = next(n for n, line in enumerate(lines) if line.startswith("<!-- /figures"))
        rows = [n + 1 for n in range(begin, end) if re.match(r"\| \d", lines[n])]
        self.assertGreaterEqual(len(rows), 10)
        for row in rows:
            command = f"sed -i '{row} s/^| /| 9/' README.md"
            self.refused(r"README.md says '9\d* .* where the tree says '\d", command)

    def test_text_changed(self) -> None:
        for pattern, command in TEXT_FAULTS:
            self.refused(pattern, command)
        for pattern, command in TEXT_FAULTS[1:4]:
            with self.subTest(write=command), self.copy.broken(command):
                self.ends(1, pattern, "--write")

    def test_tree_changed(self) -> None:
        for pattern, command in TREE_FAULTS:
            self.refused(pattern, command)

    def test_write(self) -> None:
        """A defect that is said to be real is counted; --write is all that is missing, and changes the table only."""
        before = self.read()
        with self.copy.broken(REAL_DEFECT):
            self.ends(1, "planted defects", "--check")
            self.ends(0, "", "--write")
            self.ends(0, "", "--check")
            after = self.read()
        real = [int(re.findall(DEFECTS, text, flags=re.M)[0]) for text in (before, after)]
        self.assertEqual(real[1], real[0] + 1)
        bare = [re.sub(DEFECTS, "", text, flags=re.M) for text in (before, after)]
        self.assertEqual(*bare)

    def test_failed_write(self) -> None:
        """A write that fails, or is killed, leaves the file as it was."""
        wrong = "sed -i '/^<!-- figures: /,/^<!-- .figures/s/^| [0-9]*/| 9/' README.md"
        with self.copy.broken(wrong):
            before = self.read()
            limited = 'ulimit -f 1 && exec "$0" "$@"'
            done = subprocess.run(
                ["sh", "-c", limited, sys.executable, self.script, "--write"],
                text=True,
                capture_output=True,
                check=False,
            )
            said = r"README.md' cannot be written: File too large"
            self.judge(forked.Result(done.returncode, done.stdout, done.stderr), 2, said)
            self.assertEqual(self.read(), before)
            left = [n for _, _, names in os.walk(self.copy.root) for n in names if ".contig-" in n]
            self.assertEqual(left, [])
            self.ends(0, "", "--write")
            self.ends(0, "", "--check")

    def test_unreadable(self) -> None:
        with self.copy.broken("""echo '{"growth"' >proofs/goals.json"""):
            self.ends(2, "goals.json' is not JSON", "--check")
        with self.copy.broken("rm proofs/goals.json"):
            self.ends(2, "goals.json' cannot be read", "--check")
        with self.copy.broken("echo 'import sys; sys.exit(3)' >ci/style/style.py"):
            self.ends(2, "style.py --rules ended with status 3", "--check")

    def test_wrong_use(self) -> None:
        self.ends(2, "an option is missing")
        self.ends(2, "'--chek' will not do", "--chek")
        self.ends(2, "'--check --write' will not do", "--check", "--write")


if __name__ == "__main__":
    unittest.main()
