#!/usr/bin/env python3
"""ci/ocaml_trace: traces the fibers of a real OCaml 5 program, in the format of spec/trace.md.

usage: ci/ocaml_trace --sources DIR [OPTION...] [PROGRAM.ml [ARGUMENT...]]

Without PROGRAM.ml it is ci/ocaml_trace.d/program.ml, arguments ROUNDS, SEED and DOMAINS.  It is compiled to native code
by an unmodified OCaml installation and linked with its runtime, in which one file, fiber.c, is replaced: it writes each
stack's events to a descriptor of its own.  That file is derived from the runtime's own source as this runs; the
installation is not changed, and nothing of it is kept.  The trace goes to FILE (default: standard output, and the
program's standard output to standard error then).  The program has the environment of the caller, OCAMLRUNPARAM too.

  --sources DIR  the unpacked sources of that OCaml: DIR/VERSION and DIR/runtime/fiber.c
  --ocaml DIR    the OCaml installation, with DIR/bin/ocamlopt and DIR/lib/ocaml; default: the ocamlopt on PATH
  --out FILE     where the trace goes
  --seconds N    ends a program that runs longer; default 3600
  --moves        writes what each move does to each word, too (version 1.1 of the format)
  --check        only derives the file; says which version it fits
  --keep DIR     keeps the derived file, the runtime and the program there

Exit status: 0; the program's own if it fails; 2 if there is no trace, or only its beginning.  If these sources do not
match, the missing anchor is named.
"""
import os
import re
import shlex
import shutil
import sys
from argparse import REMAINDER, Namespace

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from contig import arguments, environment, files, processes, tool, traced  # noqa: E402
import derive  # noqa: E402

PROGRAM = os.path.join(HERE, "program.ml")
# The compiler finds libasmrun and this.
VARIANT = "_contig"
FIRST_WITH_FIBERS = 5
BUILD_SECONDS = 600
ASK_SECONDS = 60


class OCaml:
    """An installation, and how to call it."""

    def __init__(self, folder: str | None) -> None:
        self.command = os.path.join(folder, "bin", "ocamlopt") if folder else "ocamlopt"
        # The compiler itself must not obey what is meant for the program.
        self.environment = environment.without("OCAML", "CAML")
        if folder:
            self.environment["OCAMLLIB"] = os.path.join(folder, "lib", "ocaml")
        try:
            words = self.run([self.command, "-config"], ASK_SECONDS)
        except tool.Problem as problem:
            raise tool.Problem(
                f"no OCaml that runs: {problem}; name an installation with --ocaml"
            ) from problem
        self.settings = dict(line.split(": ", 1) for line in words.split("\n") if ": " in line)
        self.version, self.library = self.setting("version"), self.setting("standard_library")

    def setting(self, name: str) -> str:
        """What `ocamlopt -config` says."""
        if name not in self.settings:
            raise tool.Problem(
                f"no OCaml that runs: {tool.shown(self.command)} -config does not say its {name}"
            )
        return self.settings[name]

    def run(self, words: list[str], seconds: float, folder: str | None = None) -> str:
        """What a command says; a Problem with its message if it fails."""
        result = processes.captured(words, seconds, env=self.environment, cwd=folder)
        if result.done.status != 0 or result.done.late:
            said = result.errors.strip() or result.output.strip() or "no message"
            raise tool.Problem(f"{os.path.basename(words[0])} {result.done.text()}: {said}")
        return result.output

    def compiled(self, source: str, folder: str) -> str:
        """The object of a file of the runtime."""
        target = source[: -len(".c")] + ".n.o"
        names = {"TARGET": "architecture", "MODEL": "model", "SYS": "system"}
        defines = [
            "-DNATIVE_CODE",
            *(f"-D{name}_{self.setting(key)}" for name, key in names.items()),
        ]
        compiler = shlex.split(self.setting("native_c_compiler"))
        self.run(
            [*compiler, *defines, "-I", self.library, "-c", source, "-o", target],
            BUILD_SECONDS,
            folder,
        )
        return target

    def replace_member(self, made: str, folder: str) -> None:
        """A copy of the runtime in which an object takes the place of the one of its name."""
        runtime, copy = os.path.join(self.library, "libasmrun.a"), os.path.join(
            folder, f"libasmrun{VARIANT}.a"
        )
        name = os.path.basename(made)
        members = self.run(["ar", "t", runtime], ASK_SECONDS).split()
        if name not in members:
            raise tool.Problem(
                f"OCaml {self.version} does not match: {tool.shown(runtime)} has no member {name}"
            )
        shutil.copyfile(runtime, copy)
        self.run(["ar", "rs", copy, made], ASK_SECONDS)

    def build(self, program: str, folder: str) -> str:
        """Compiles a program and links it with the runtime in this folder."""
        source, binary = os.path.join(folder, os.path.basename(program)), os.path.join(
            folder, "program"
        )
        shutil.copyfile(program, source)
        self.run(
            [self.command, "-I", folder, "-runtime-variant", VARIANT, "-o", binary, source],
            BUILD_SECONDS,
            folder,
        )
        return binary


def version_of(sources: str) -> str:
    """What the sources say that they are."""
    return files.read(os.path.join(sources, "VERSION")).split("\n")[0].strip()


def check_versions(ocaml: OCaml, sources: str) -> None:
    """Refuses an OCaml without fibers, and sources of another one."""
    major = re.match(r"(\d+)\.", ocaml.version)
    if major is None or int(major.group(1)) < FIRST_WITH_FIBERS:
        raise tool.Problem(
            f"OCaml {ocaml.version} has no fibers: 5.0 was the first; name another with --ocaml"
        )
    found = version_of(sources)
    if found != ocaml.version:
        raise tool.Problem(
            f"the sources in {tool.shown(sources)} are of OCaml {found};"
            f" {tool.shown(ocaml.command)} is {ocaml.version}"
        )


def trace(options: Namespace, temporary: str) -> int:
    if options.check:
        version = version_of(options.sources)
        derive.derive(options.sources, "OCaml " + version, temporary, options.moves)
        print(f"ci/ocaml_trace: OCaml {version} in {options.sources}: every anchor is there.")
        return 0
    ocaml = OCaml(options.ocaml)
    check_versions(ocaml, options.sources)
    if options.moves and ocaml.settings.get("with_frame_pointers") == "true":
        raise tool.Problem(
            "--moves cannot write the moves of an OCaml with frame pointers: they are relocated, too"
        )
    derived = derive.derive(options.sources, "OCaml " + ocaml.version, temporary, options.moves)
    ocaml.replace_member(ocaml.compiled(derived, temporary), temporary)
    binary = ocaml.build(options.program, temporary)
    return traced.trace(
        traced.Run("ci/ocaml_trace", [binary, *options.rest], options.out, options.seconds)
    )


def parse(words: list[str]) -> Namespace:
    parser = arguments.Parser("ci/ocaml_trace", __doc__ or "")
    parser.add_argument("--ocaml", type=arguments.input_folder)
    parser.add_argument("--sources", type=arguments.input_folder)
    parser.add_argument("--out", type=arguments.output_file)
    parser.add_argument("--seconds", type=arguments.seconds(), default=3600)
    parser.add_argument("--moves", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", type=arguments.output_folder)
    parser.add_argument("rest", nargs=REMAINDER)
    options = parser.read(words)
    arguments.needed(options, "sources")
    options.program = PROGRAM
    if options.rest and not re.fullmatch(r"[0-9]+", options.rest[0]):
        name, *options.rest = options.rest
        if not name.endswith(".ml"):
            raise tool.Problem(
                f"{tool.shown(name)} is no OCaml source: its name does not end with .ml"
            )
        options.program = files.readable(name)
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    with files.work_folder(options.keep, "ocaml_trace") as folder:
        return trace(options, folder)


if __name__ == "__main__":
    tool.run("ci/ocaml_trace", main)
