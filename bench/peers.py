"""peers.py: the programs that contig is measured beside: what they need, how they are built, what they can measure.

A program is built when a measure first asks for it, and kept for the next run: its name in the cache is the hash of
its sources, of the command and of the compiler's file.  A peer that is missing is left out with one note, which names
its Debian package.
"""
from __future__ import annotations

import glob
import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field

from contig import files, processes, tool

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
FOLDER = os.path.join(HERE, "peers")
BUILD_SECONDS = 900
# What can be checked by eye.
LONGEST_SOURCE = 60
# Debian's own interpreter: another one does not find Debian's modules.
PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class Peer:
    """How a program is built and called.

    In commands {out} is its file, {source} a copy of its folder, {root} the tree, {cache} where all copies are.

    needs: files or programs without which it cannot be; measures: what it knows; slower: by how much its count of work
    is divided; most: the most that it can have of what a measure's first number counts; instead: other arguments.
    """

    name: str
    package: str
    needs: tuple[str, ...]
    build: tuple[str, ...]
    measures: tuple[str, ...]
    sources: tuple[str, ...]
    run: tuple[str, ...] = ("{out}",)
    slower: int = 1
    most: Mapping[str, int] = field(default_factory=dict)
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


GO_MEASURES = (
    "switch switch-inexact robin spawn channel select blocked growth deep tail hot fib park idle "
    "shrink cycle process threads-pairs"
).split()
C_HEADER = "peer.h"
GCC = ("gcc", "-O2", "-I{root}", "-o", "{out}")
GXX = ("g++", "-std=c++20", "-O2", "-I{root}", "-o", "{out}")


def _malloc(name: str, package: str, header: str | None, library: str) -> Peer:
    link = ("-Wl,--no-as-needed", library) if library else ()
    return Peer(
        name,
        package,
        ("gcc", *([header] if header else [])),
        (*GCC, "-fno-builtin", "{source}/malloc.c", *link),
        ("stackalloc",),
        (C_HEADER, "malloc/malloc.c"),
    )


ALLOCATORS = (
    _malloc("glibc", "gcc", None, ""),
    _malloc(
        "tcmalloc",
        "libgoogle-perftools-dev",
        "/usr/include/gperftools/tcmalloc.h",
        "-ltcmalloc_minimal",
    ),
    _malloc("jemalloc", "libjemalloc-dev", "/usr/include/jemalloc/jemalloc.h", "-ljemalloc"),
    _malloc("mimalloc", "libmimalloc-dev", "/usr/include/mimalloc.h", "-lmimalloc"),
)

COMPILED = (
    Peer(
        "gccgo",
        "gccgo-12",
        ("gccgo-12",),
        ("gccgo-12", "-O2", "-o", "{out}", "{source}/bench/*.go"),
        # Its first segment has megabytes: `growth`, `tail` and `idle` would measure recursion alone.
        (
            "switch",
            "switch-inexact",
            "robin",
            "spawn",
            "channel",
            "select",
            "deep",
            "hot",
            "fib",
            "park",
            "cycle",
            "process",
        ),
        ("go/bench/*.go",),
        slower=2,
        most={"park": 10000, "robin": 10000, "cycle": 10000},
        # Deep enough to have left the first segment.
        instead={"hot": ("88000", "800", "10000")},
    ),
    Peer(
        "split stacks",
        "gcc",
        ("gcc", "ld.gold"),
        (*GCC, "-fno-optimize-sibling-calls", "-fsplit-stack", "-fuse-ld=gold", "{source}/split.c"),
        ("hot",),
        (C_HEADER, "split/split.c"),
        instead={"hot": ("18000", "200", "20000")},
    ),
    Peer(
        "split stacks",
        "gcc",
        ("gcc", "ld.gold"),
        (*GCC, "-fno-optimize-sibling-calls", "-fsplit-stack", "-fuse-ld=gold", "{source}/fib.c"),
        ("fib",),
        (C_HEADER, "split/fib.c"),
    ),
    Peer(
        "C",
        "gcc",
        ("gcc",),
        (*GCC, "-fno-optimize-sibling-calls", "{source}/fib.c"),
        ("fib",),
        (C_HEADER, "split/fib.c"),
    ),
    Peer(
        "Boost.Context",
        "libboost-context-dev",
        ("g++", "/usr/include/boost/context/fiber.hpp"),
        (*GXX, "{source}/context.cpp", "-lboost_context"),
        ("switch-raw", "spawn", "park"),
        (C_HEADER, "boost_context/context.cpp"),
    ),
    Peer(
        "Boost.Fiber",
        "libboost-fiber-dev",
        ("g++", "/usr/include/boost/fiber/all.hpp"),
        (*GXX, "{source}/fiber.cpp", "-lboost_fiber", "-lboost_context"),
        ("switch", "robin", "spawn", "park"),
        (C_HEADER, "boost_fiber/fiber.cpp"),
        slower=4,
        most={"park": 100000, "robin": 100000},
    ),
    Peer(
        "GNU Pth",
        "libpth-dev",
        ("gcc", "/usr/include/pth.h"),
        (*GCC, "{source}/pth.c", "-lpth"),
        ("switch", "robin", "spawn"),
        (C_HEADER, "pth/pth.c"),
        slower=50,
        most={"robin": 1000},
    ),
    Peer(
        "GHC",
        "ghc",
        ("ghc",),
        ("ghc", "-O", "-v0", "-o", "{out}", "{source}/Peer.hs"),
        ("switch", "robin", "spawn", "deep", "park", "process"),
        ("ghc/Peer.hs",),
    ),
    Peer(
        "Crystal",
        "crystal",
        ("crystal",),
        ("crystal", "build", "--release", "--no-debug", "-o", "{out}", "{source}/peer.cr"),
        ("switch", "robin", "spawn", "park"),
        ("crystal/peer.cr",),
        slower=4,
        # A stack is a mapping, and vm.max_map_count is 65530 as a rule.
        most={"park": 30000, "robin": 10000},
    ),
)

INTERPRETED = (
    Peer(
        "Chez",
        "chezscheme",
        ("scheme",),
        (),
        ("switch-raw", "deep"),
        ("chez/peer.ss",),
        ("scheme", "--script", "{source}/peer.ss"),
    ),
    Peer(
        "Racket",
        "racket",
        ("racket", "raco"),
        ("raco", "make", "{source}/peer.rkt"),
        ("switch", "spawn", "deep", "park"),
        ("racket/peer.rkt",),
        ("racket", "{source}/peer.rkt"),
        slower=10,
        most={"park": 10000},
    ),
    Peer(
        "greenlet",
        "python3-greenlet",
        (PYTHON, "/usr/lib/python3/dist-packages/greenlet"),
        (),
        ("switch-raw", "spawn", "park"),
        ("greenlet/peer.py",),
        (PYTHON, "{source}/peer.py"),
        slower=10,
        most={"park": 100000},
    ),
)


def go_peers(name: str, goroot: str | None) -> tuple[Peer, ...]:
    """Two programs: a linker of Go 1.23 and later refuses what the second one reaches for."""
    command = os.path.join(goroot, "bin", "go") if goroot else "go"
    environment = {
        "GOPROXY": "off",
        "GOFLAGS": "-mod=mod",
        "GO111MODULE": "on",
        "GOWORK": "off",
        "GOENV": "off",
        "GOTOOLCHAIN": "local",
        "HOME": "{cache}",
        "GOCACHE": "{cache}/go-cache",
        "GOPATH": "{cache}/go-path",
    }
    if goroot:
        environment["GOROOT"] = goroot
    return tuple(
        Peer(
            name,
            "golang-go",
            (command,),
            (command, "build", "-o", "{out}", "./" + folder),
            measures,
            ("go/go.mod", "go/%s/*" % folder),
            environment=environment,
        )
        for folder, measures in (("bench", tuple(GO_MEASURES)), ("stackalloc", ("stackalloc",)))
    )


def ocaml_peer(folder: str | None) -> Peer:
    """OCaml 5, which Debian 12 does not have."""
    command = os.path.join(folder, "bin", "ocamlopt") if folder else "ocamlopt of OCaml 5"
    return Peer(
        "OCaml",
        "not in Debian 12; --ocaml names a folder",
        (command,),
        (command, "-O3", "-o", "{out}", "{source}/peer.ml"),
        ("switch-raw", "spawn", "deep", "park"),
        ("ocaml/peer.ml",),
    )


def all_peers(goroots: list[str], ocaml: str | None) -> list[Peer]:
    """In the order of the table.  A GOROOT that was given is named by its version."""
    named = [peer for root in goroots for peer in go_peers(_go_version(root), root)]
    return [*go_peers("Go", None), *named, *ALLOCATORS, *COMPILED, *INTERPRETED, ocaml_peer(ocaml)]


def _go_version(goroot: str) -> str:
    """go1.22.1: the first line of the file VERSION."""
    return files.read(os.path.join(goroot, "VERSION")).split()[0]


class Programs:
    """The peers' programs, as they are asked for."""

    def __init__(self, peers: list[Peer], cache: str) -> None:
        self.peers, self.cache = peers, cache
        self.notes: list[str] = []
        self._built: dict[int, list[str] | None] = {}

    def commands(self, arguments: tuple[str, ...]) -> dict[str, list[str]]:
        """{peer: command} for a measure; only of peers that are there and know it."""
        found = {}
        for number, peer in enumerate(self.peers):
            words = adapted(peer, arguments)
            if words is None:
                continue
            if number not in self._built:
                # Two runs may want the same program.
                with files.lock(self.cache, wait_seconds=BUILD_SECONDS):
                    self._built[number] = self._build(peer)
            program = self._built[number]
            if program is not None:
                found[peer.name] = [*program, *words]
        return found

    def note(self, text: str) -> None:
        """A sentence for the end, once."""
        if text not in self.notes:
            self.notes.append(text)

    def _build(self, peer: Peer) -> list[str] | None:
        """The command that starts it, or None."""
        absent = [one for one in peer.needs if not _is_there(one)]
        if absent:
            self.note(
                "%s is not measured: %s is missing (%s)." % (peer.name, absent[0], peer.package)
            )
            return None
        out = os.path.join(self.cache, _file_name(peer))
        places = {"out": out, "source": out + ".source", "root": ROOT, "cache": self.cache}
        if not os.path.exists(out + ".done"):
            failure = self._make(peer, places)
            if failure is not None:
                self.note("%s is not measured: %s." % (peer.name, failure.rstrip(".")))
                return None
            files.write(out + ".done", "")
        return [word.format(**places) for word in peer.run]

    def _make(self, peer: Peer, places: dict[str, str]) -> str | None:
        """Builds in a copy of the folder, since compilers write beside their sources; why it could not."""
        folder = os.path.join(FOLDER, peer.sources[-1].split("/")[0])
        shutil.copytree(folder, places["source"], dirs_exist_ok=True)
        command = [word for text in peer.build for word in _expanded(text.format(**places))]
        if not command:
            return None
        variables = {name: text.format(**places) for name, text in peer.environment.items()}
        done = processes.captured(
            command, BUILD_SECONDS, env={**os.environ, **variables}, cwd=places["source"]
        )
        if done.done.status == 0:
            return None
        last = (done.errors.strip().splitlines() or ["no message"])[-1]
        return "%s could not build it: %s" % (command[0], last)


def adapted(peer: Peer, arguments: tuple[str, ...]) -> list[str] | None:
    """The words for this peer; None: it does not know this measure, or not of that size."""
    measure, rest = arguments[0], list(arguments[1:])
    if measure not in peer.measures or int_or_zero(rest) > peer.most.get(measure, 1 << 62):
        return None
    if measure in peer.instead:
        return [measure, *peer.instead[measure]]
    if rest and measure not in ("park", "fib"):
        rest[-1] = str(max(1, int(rest[-1]) // peer.slower))
    return [measure, *rest]


def int_or_zero(words: list[str]) -> int:
    return int(words[0]) if words and words[0].isdecimal() else 0


def _is_there(what: str) -> bool:
    return os.path.exists(what) if what.startswith("/") else shutil.which(what) is not None


def _expanded(word: str) -> list[str]:
    return sorted(glob.glob(word)) if "*" in word else [word]


def _file_name(peer: Peer) -> str:
    """It changes with whatever makes another program."""
    digest = hashlib.sha256(repr((peer.build, sorted(peer.environment.items()))).encode())
    for pattern in peer.sources:
        for path in _expanded(os.path.join(FOLDER, pattern)):
            with open(path, "rb") as content:
                digest.update(content.read())
    compiler = shutil.which(peer.needs[0])
    if compiler is not None:
        about = os.stat(os.path.realpath(compiler))
        digest.update(repr((os.path.realpath(compiler), about.st_size, about.st_mtime_ns)).encode())
    return "%s-%s" % (peer.name.replace(" ", "-"), digest.hexdigest()[:16])


def versions(peers: list[Peer]) -> dict[str, str]:
    """{Debian package: version} of the peers' packages that are installed."""
    if shutil.which("dpkg-query") is None:
        return {}
    named = sorted({peer.package for peer in peers if " " not in peer.package})
    asked = processes.captured(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\\n", *named],
        BUILD_SECONDS,
    )
    lines = [line.split() for line in asked.output.splitlines()]
    return {words[1]: words[2] for words in lines if words[0] == "installed"}


def long_sources() -> list[str]:
    """Paths of sources that are too long."""
    paths = [
        path
        for path in glob.glob(os.path.join(FOLDER, "**"), recursive=True)
        if os.path.isfile(path)
    ]
    if not paths:
        raise tool.Problem("there is no peer in %s" % tool.shown(FOLDER))
    return [path for path in paths if files.read(path).count("\n") > LONGEST_SOURCE]
