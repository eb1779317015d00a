#!/usr/bin/env python3
"""ocaml_trace_test.py CONTIG: ci/ocaml_trace with a small runtime in OCaml's place: no OCaml is needed.

fake/ has a runtime of fibers alone with the lines and names that are looked for in OCaml's, and a program.  Its files
end with .in, since they have OCaml's style.  The trace conforms, its moves do too, wrong runtimes deviate; a line that
is missing is named, and so is whatever else cannot be.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from contig import anchors, files, traced  # noqa: E402
import derive  # noqa: E402

TOOL = os.path.join(HERE, "ocaml_trace.py")
CONTIG = os.path.abspath(sys.argv[1])
COMPILER = "gcc -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -pthread"
SECONDS = 120
# A compiler that says what it is, and links the runtime that it finds with the program of fake/.
OCAMLOPT = """#!/bin/sh
if [ "$1" = -config ]; then
  printf '%%s\\n' 'version: %(version)s' 'standard_library: %(library)s' 'native_c_compiler: %(compiler)s' \\
    'architecture: amd64' 'model: default' 'system: linux' 'with_frame_pointers: %(pointers)s'
  exit
fi
exec %(compiler)s -I '%(library)s' -o "$6" -x c '%(program)s' -x none "$2/libasmrun_contig.a"
"""
# Wrong runtimes: a line, what it becomes, and the requirement that it breaks.
WRONG = [
    ("    wsize *= 2;", "    wsize += wsize / 2;", "GROW-2"),
    (
        "         stack_used * sizeof(value));",
        "         (stack_used - 1) * sizeof(value));",
        "COPY-3",
    ),
    (
        "  new_stack->sp = Stack_high(new_stack) - stack_used;",
        "  new_stack->sp = Stack_high(new_stack) - stack_used + 2;",
        "COPY-1",
    ),
    (
        "  } while (wsize < stack_used + required_space);",
        "  } while (wsize < stack_used);",
        "GROW-2",
    ),
    (
        "    *link = (char *)new_stack->handler - ((char *)old_stack->handler - *link);",
        "    (void)new_stack;",
        "COPY-5",
    ),
    (
        "  uintnat max_stack_wsize = caml_max_stack_wsize;",
        "  uintnat max_stack_wsize = 2 * caml_max_stack_wsize;",
        "GROW-3",
    ),
]


class OCamlTrace(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="ocaml-")
        self.addCleanup(temporary.cleanup)
        self.out = temporary.name
        self.trace = os.path.join(self.out, "trace")
        self.sources = os.path.join(self.out, "sources")
        self.copy_fake("sources", self.sources)
        self.source = os.path.join(self.sources, "runtime", derive.FILE)
        self.library = os.path.join(self.out, "lib/ocaml")
        self.copy_fake("headers", self.library)
        os.mkdir(os.path.join(self.out, "bin"))
        self.install()
        self.make_runtime("fiber.n.o")

    def copy_fake(self, name: str, target: str) -> None:
        def copy(source: str, to: str) -> None:
            shutil.copyfile(source, to.removesuffix(".in"))

        shutil.copytree(os.path.join(HERE, "fake", name), target, copy_function=copy)

    def install(self, version: str = "5.99.0", pointers: str = "false") -> None:
        command = os.path.join(self.out, "bin/ocamlopt")
        files.write(
            command,
            OCAMLOPT
            % {
                "version": version,
                "library": self.library,
                "compiler": COMPILER,
                "pointers": pointers,
                "program": os.path.join(HERE, "fake/program.c.in"),
            },
        )
        os.chmod(command, 0o755)

    def make_runtime(self, member: str) -> None:
        made = os.path.join(self.out, member)
        archive = os.path.join(self.library, "libasmrun.a")
        command = [
            *COMPILER.split(),
            "-I",
            self.library,
            "-Wno-unused",
            "-c",
            self.source,
            "-o",
            made,
        ]
        subprocess.run(command, check=True, timeout=SECONDS)
        subprocess.run(["ar", "rcs", archive, made], check=True, timeout=SECONDS)

    def run_tool(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, TOOL, "--ocaml", self.out, "--sources", self.sources, *words],
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )

    def refused(self, part: str, *words: str) -> None:
        done = self.run_tool(*words)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(part, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def judge(self, *options: str) -> str:
        return subprocess.run(
            [CONTIG, "conform", *options, "--json", self.trace],
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        ).stdout

    def edit(self, line: str, other: str) -> None:
        text = files.read(self.source)
        self.assertEqual(text.count("\n" + line + "\n"), 1, line)
        files.write(self.source, text.replace("\n" + line + "\n", "\n" + other + "\n"))

    def test_conforms(self) -> None:
        both: tuple[tuple[str, ...], ...] = ((), ("--moves",))
        for options in both:
            done = self.run_tool("--out", self.trace, *options, "1")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("41 fibers", done.stdout)
            report = json.loads(self.judge(*options))
            self.assertEqual(report["result"], "conforms", report)
            self.assertGreaterEqual(report["growths"], 150)
        self.assertEqual(report["moves"], report["growths"])
        self.assertGreaterEqual(report["words"], 10000)
        text = files.read(self.trace)
        self.assertTrue(
            text.startswith(
                "@trace 1 minor=1 profile=plain fixed=512 guard=256 page=16 max=65535 runtime=ocaml-5.99.0\n"
            )
        )
        for event in ("@maxstack 262143\n", "@overflow gp=", "@dead gp="):
            self.assertIn(event, text)

    def test_wrong(self) -> None:
        whole = files.read(self.source)
        for line, other, requirement in WRONG:
            with self.subTest(line):
                files.write(self.source, whole)
                self.edit(line, other)
                # It may go wrong, or never end; what it wrote until then is judged.
                self.run_tool("--out", self.trace, "--moves", "--seconds=5", "1")
                self.assertIn('"requirement":"%s"' % requirement, self.judge("--moves"))

    def test_anchors(self) -> None:
        whole = files.read(self.source)
        self.assertEqual(self.run_tool("--check").returncode, 0)
        for edit in derive.EDITS:
            with self.subTest(edit.anchor):
                source = [line for line in whole.split("\n")]
                source[self.line_of(source, edit)] = "  ;"
                files.write(self.source, "\n".join(source))
                self.refused("OCaml 5.99.0 does not match: runtime/fiber.c", "--check")
                self.refused("has no line like /%s/" % edit.anchor, "--check")
        files.write(self.source, whole.replace("\nvoid caml_free_stack", "\nvoid caml_drop_stack"))
        self.refused("there is no function caml_free_stack in runtime/fiber.c", "--check")
        os.remove(self.source)
        self.refused("fiber.c' cannot be read", "--check")

    def line_of(self, source: list[str], edit: anchors.Edit) -> int:
        lines = anchors.Source(source, derive.FILE, "", anchors.C)
        return lines.require(edit.function, edit.anchor, edit.which)

    def test_installations(self) -> None:
        self.install(version="4.14.1")
        self.refused("OCaml 4.14.1 has no fibers")
        self.install(version="5.98.0")
        self.refused("are of OCaml 5.99.0; ")
        self.install(pointers="true")
        self.refused("with frame pointers", "--moves")
        self.install()
        self.edit("  return 256;", "  return many;")
        self.refused("gcc ended with status 1: ")
        os.remove(os.path.join(self.library, "libasmrun.a"))
        self.edit("  return many;", "  return 256;")
        self.refused("ar ended with status ")
        self.make_runtime("other.n.o")
        self.refused("has no member fiber.n.o")
        files.write(os.path.join(self.out, "bin/ocamlopt"), "#!/bin/sh\nexit 1\n")
        self.refused("no OCaml that runs: ")
        os.remove(os.path.join(self.sources, "VERSION"))
        self.refused("VERSION' cannot be read", "--check")

    def test_programs(self) -> None:
        program = os.path.join(self.out, "program.ml")
        files.write(program, "")
        self.refused("no OCaml source", "program")
        self.refused("'none.ml' cannot be read", "none.ml")
        self.refused("closed descriptor", program, "close", str(traced.descriptor()))
        self.refused("did not end within 1 seconds", "--seconds=1", program, "wait")
        self.assertEqual(self.run_tool(program, "fail").returncode, 3)
        # Without a file the trace alone is standard output.
        done = self.run_tool(program)
        self.assertEqual((done.returncode, done.stdout[:8]), (0, "@trace 1"), done.stderr)
        self.assertEqual(
            [line for line in done.stdout.splitlines() if not line.startswith("@")], []
        )
        self.assertIn("41 fibers", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
