#!/usr/bin/env python3
"""ci/go_trace: traces the stacks of a real Go program, in the format of spec/trace.md.

usage: ci/go_trace [OPTION...] [PROGRAM [ARGUMENT...]]
       ci/go_trace [OPTION...] --test PACKAGE [ARGUMENT...]

PROGRAM is a .go file, a folder or a package; without one it is ci/go_trace.d/program.go, arguments ROUNDS and SEED.
--test runs a package's tests, in its folder; the arguments are for the test binary (-test.short).  A go.mod beside or
above the file, or the working directory, is used; its modules must be in the module cache.  Nothing is downloaded.

The program is built with an unmodified Go installation, whose runtime writes its stack events to a descriptor of its
own; the trace goes to FILE (default: standard output, and the program's standard output to standard error then).  The
writing comes from an overlay that is derived from the installation's own runtime sources as it runs; the installation
is not changed, and nothing of it is kept.  The program has the environment of the caller, GODEBUG too.

  --goroot DIR   the Go installation; default: the one of the `go` on PATH
  --procs N      GOMAXPROCS of the program; default 1
  --out FILE     where the trace goes
  --seconds N    ends a program that runs longer; default 3600
  --check        only derives the overlay; says which version it fits
  --moves        writes each move's frames, maps, records and words, too (version 1.1; Go 1.19, 1.26, 1.27)
  --keep DIR     keeps the derived sources and the program there

Exit status: 0; the program's own if it fails; 2 if there is no trace, or only its beginning.  If this Go's sources do
not match, the missing anchor is named.
"""
import os
import re
import sys
from argparse import Namespace

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from contig import arguments, environment, files, processes, tool, traced  # noqa: E402
import overlay  # noqa: E402

PROGRAM = os.path.join(HERE, "program.go")
BUILD_SECONDS = 1800
ASK_SECONDS = 60
MOST_PROCESSORS = 1024
# Settings that change what stacks do in a way that the format cannot say.
REFUSED_SETTINGS = {"efence": "stacks then come straight from the system, and no event says so"}


class Go:
    """An installation, and how to call it: nothing of the user's is written to, nothing is downloaded."""

    def __init__(self, goroot: str | None, temporary: str) -> None:
        self.command = os.path.join(goroot, "bin", "go") if goroot else "go"
        self.temporary = temporary
        self.environment = self._environment()
        try:
            result = self.ask(["env", "GOROOT", "GOVERSION"], temporary, False)
        except tool.Problem as problem:
            raise tool.Problem(
                f"no Go that runs: {problem}; install Debian's golang-go or name one with --goroot"
            ) from problem
        words = result.split("\n")
        if len(words) < 2 or not words[1].startswith("go"):
            raise tool.Problem(
                f"no Go that runs: {tool.shown(self.command)} does not say its GOROOT and GOVERSION"
            )
        self.root, self.version = words[0], words[1].split()[0]

    def _environment(self) -> dict[str, str]:
        modules = os.environ.get("GOMODCACHE") or os.path.join(
            os.environ.get("GOPATH", "").split(":")[0]
            or os.path.join(os.environ.get("HOME") or "/nonexistent", "go"),
            "pkg",
            "mod",
        )
        # GODEBUG is for the program, and would be obeyed by the go command, too.
        kept = environment.without("GO", "CGO_")
        return {
            **kept,
            "GOCACHE": os.path.join(self.temporary, "cache"),
            "GOPATH": os.path.join(self.temporary, "path"),
            "GOMODCACHE": modules
            if os.path.isdir(modules)
            else os.path.join(self.temporary, "modules"),
            "GOFLAGS": "",
            "GOTMPDIR": self.temporary,
            "GOPROXY": "off",
            "GOSUMDB": "off",
            "CGO_ENABLED": "0",
            "GOENV": "off",
            "GOTOOLCHAIN": "local",
            "GOTELEMETRY": "off",
            "HOME": self.temporary,
            **{name: os.environ[name] for name in ("GOWORK",) if name in os.environ},
        }

    def variables(self, modules: bool) -> dict[str, str]:
        return {**self.environment, "GO111MODULE": "on" if modules else "off"}

    def ask(self, words: list[str], folder: str, modules: bool) -> str:
        """What a short go command says; a Problem with its message if it fails."""
        result = processes.captured(
            [self.command, *words], ASK_SECONDS, env=self.variables(modules), cwd=folder
        )
        if result.done.status != 0 or result.done.late:
            raise tool.Problem(f"go {words[0]} {result.done.text()}: {_sentence(result.errors)}")
        return result.output.strip()

    def build(self, words: list[str], folder: str, modules: bool) -> None:
        result = processes.captured(
            [self.command, *words],
            BUILD_SECONDS,
            env=self.variables(modules),
            cwd=folder,
            together=True,
        )
        if result.done.status != 0 or result.done.late:
            said = _sentence(result.output)
            raise tool.Problem(
                f"the traced program does not compile ({result.done.text()}):\n{said}"
            )


def _sentence(said: str) -> str:
    """What a go command said; of a crash of its own the reason, and not the stacks of all its goroutines."""
    crash = re.search(r"^.*\b(?:fatal error|panic): .*", said, flags=re.M)
    return crash.group() if crash else said.strip() or "no message"


class Target:
    """What is traced: how it is built, from which folder, and where it runs."""

    def __init__(self, options: Namespace) -> None:
        self.test: str | None = options.test
        words = list(options.rest)
        self.name, self.arguments = PROGRAM, words
        if self.test is not None:
            self.name = self.test
        elif words and not re.fullmatch(r"[0-9]+", words[0]):
            self.name, self.arguments = words[0], words[1:]
        if self.name == "" or self.name.startswith("-"):
            raise tool.Problem(f"{tool.shown(self.name)} is no program and no package")
        self.is_file = self.test is None and self.name.endswith(".go")
        if self.is_file:
            self.name = files.readable(self.name)
        self.folder = os.path.dirname(self.name) if self.is_file else os.getcwd()
        self.runs_in = os.getcwd()
        # A package that is no folder is the standard library's, or a module's: without modules it has old settings.
        imported = not self.is_file and not self.name.startswith((".", "/"))
        in_module = os.environ.get("GOWORK", "off") != "off" or _has_module(self.folder)
        self.modules = self.name != PROGRAM and (imported or in_module)

    def build(self, go: Go, overlay_file: str, binary: str) -> None:
        if self.test is not None:
            go.build(
                ["test", "-c", "-overlay", overlay_file, "-o", binary, self.name],
                self.folder,
                self.modules,
            )
            if not os.path.exists(binary):
                raise tool.Problem(f"the package {tool.shown(self.name)} has no tests")
            self.runs_in = go.ask(
                ["list", "-f", "{{.Dir}}", self.name], self.folder, self.modules
            ).split("\n")[0]
            return
        if not self.is_file:
            kind = go.ask(["list", "-f", "{{.Name}}", self.name], self.folder, self.modules)
            if kind != "main":
                raise tool.Problem(
                    f"{tool.shown(self.name)} is no program: its package is named {tool.shown(kind)}; "
                    "--test runs its tests"
                )
        go.build(
            ["build", "-overlay", overlay_file, "-o", binary, self.name], self.folder, self.modules
        )


def _has_module(folder: str) -> bool:
    """Whether a go.mod is in the folder or above it."""
    while not os.path.exists(os.path.join(folder, "go.mod")):
        if os.path.dirname(folder) == folder:
            return False
        folder = os.path.dirname(folder)
    return True


def profile_of(version: str) -> str:
    """The profile that replays this version: 1.19's rules held until mark workers began to shrink too."""
    match = re.match(r"go1\.(\d+)", version)
    return "1.19" if match and int(match.group(1)) < 23 else "1.27"


def program_environment(procs: int) -> dict[str, str]:
    """The caller's, with one processor or as many as asked for; a setting that cannot be traced is refused."""
    for setting in os.environ.get("GODEBUG", "").split(","):
        name, _, value = setting.partition("=")
        if name in REFUSED_SETTINGS and value != "0":
            raise tool.Problem(
                f"GODEBUG has {tool.shown(setting)}, which cannot be traced: {REFUSED_SETTINGS[name]}"
            )
    return {**os.environ, "GOMAXPROCS": str(procs)}


def trace(options: Namespace, temporary: str) -> int:
    go = Go(options.goroot, temporary)
    overlay_file = overlay.derive(go.root, go.version, temporary, options.moves)
    if options.check:
        print(f"ci/go_trace: {go.version} in {go.root}: every anchor is there.")
        return 0
    binary = os.path.join(temporary, "program")
    if os.path.exists(binary):
        os.remove(binary)
    tool.say("ci/go_trace", f"building with {go.version}, a minute or so")
    options.target.build(go, overlay_file, binary)
    minor = " minor=1" if options.moves else ""
    header = f"@trace 1{minor} profile={profile_of(go.version)} runtime={go.version} procs={options.procs}\n"
    command = [binary, *options.target.arguments]
    return traced.trace(
        traced.Run(
            "ci/go_trace",
            command,
            options.out,
            options.seconds,
            header.encode(),
            options.target.runs_in,
            program_environment(options.procs),
        )
    )


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Our options, and from the program on, or after `--test PACKAGE`, what is not ours."""
    with_value = {"--goroot", "--procs", "--out", "--seconds", "--keep", "--test"}
    position, has_test = 0, False
    while position < len(words) and words[position].startswith("-"):
        name = words[position].split("=")[0]
        if words[position] == "--":
            return words[:position], words[position + 1 :]
        if has_test and not name.startswith("--") and name != "-h":
            break
        has_test = has_test or name == "--test"
        position += 2 if name in with_value and "=" not in words[position] else 1
    return words[:position], words[position:]


def parse(words: list[str]) -> Namespace:
    ours, rest = split(words)
    parser = arguments.Parser("ci/go_trace", __doc__ or "")
    parser.add_argument("--goroot", type=arguments.input_folder)
    parser.add_argument(
        "--procs", type=arguments.whole(1, MOST_PROCESSORS, "a number of processors"), default=1
    )
    parser.add_argument("--out", type=arguments.output_file)
    parser.add_argument("--seconds", type=arguments.seconds(), default=3600)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--moves", action="store_true")
    parser.add_argument("--keep", type=arguments.output_folder)
    parser.add_argument("--test")
    options = parser.read(ours)
    options.rest = rest
    options.target = Target(options)
    program_environment(options.procs)
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    with files.work_folder(options.keep, "go_trace") as folder:
        return trace(options, folder)


if __name__ == "__main__":
    tool.run("ci/go_trace", main)
