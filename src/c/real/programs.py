"""programs.py: which sources make each program, and what it is run with.

No source is changed.  A program's output is compared with that of the same sources compiled by clang as they are.
"""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Run:
    """One run: arguments, and what its standard input is."""

    arguments: list[str] = field(default_factory=list)
    script: str | None = None  # in src/c/test/real
    source: str | None = None  # of the program itself
    status: int = 0
    # A folder beside the packages, a copy of which the program runs in; without it there is no such run.
    folder: str | None = None
    # False: the program prints times and random numbers.
    numbers: bool = True


@dataclass(frozen=True)
class Timed:
    """A run whose time is measured; on goroutines it may take `goal` times as long."""

    name: str
    run: Run
    goal: float = 1.1


@dataclass(frozen=True)
class Program:
    """Sources are patterns below the unpacked package, whose folder matches `package`, or below src/c/test/real."""

    name: str
    package: str | None
    sources: list[str]
    flags: list[str]
    runs: list[Run]
    without: tuple[str, ...] = ()
    prepare: tuple[
        tuple[str, ...], ...
    ] = ()  # run in an empty folder, {package} being the package's
    timed: tuple[Timed, ...] = ()


SQLITE = [
    "-DSQLITE_THREADSAFE=0",
    "-DSQLITE_ENABLE_FTS4",
    "-DSQLITE_ENABLE_FTS3_PARENTHESIS",
    "-DSQLITE_ENABLE_RTREE",
    "-DSQLITE_OMIT_LOAD_EXTENSION",
]
EXPAT = ["-DXML_DTD", "-DXML_NS", "-DXML_CONTEXT_BYTES=1024", "-DBYTEORDER=1234"]
ZLIB = ["-DHAVE_UNISTD_H", "-D_LARGEFILE64_SOURCE=1", "-DHAVE_HIDDEN"]

MULTIARCH = ("DEB_HOST_MULTIARCH", "x86_64-linux-gnu")

PROGRAMS = [
    Program(
        name="fib",
        package=None,
        sources=["fib.c"],
        flags=[],
        runs=[Run(["25"])],
        timed=(Timed("fib(38)", Run(["38"]), 1.25),),
    ),
    Program(
        name="lua",
        package="lua*5.4*",
        sources=["src/*.c"],
        without=("luac.c",),
        flags=["-DLUA_USE_POSIX", "-I{made}"],
        # As debian/rules does.
        prepare=(("sh", "-c", "echo '#define %s \"%s\"' >lua5.4-deb-multiarch.h" % MULTIARCH),),
        runs=[
            Run(["-"], script="script.lua"),
            Run(["-e", "_U=true", "all.lua"], folder="testes", numbers=False),
        ],
        timed=tuple(
            Timed("lua, " + name, Run(["-"], script=name + ".lua"))
            for name in ("fib", "string", "sort", "pcall")
        ),
    ),
    Program(
        name="zlib's example",
        package="zlib-*",
        sources=["*.c", "test/example.c"],
        flags=[*ZLIB, "-I{package}"],
        runs=[Run()],
    ),
    Program(
        name="minigzip",
        package="zlib-*",
        sources=["*.c", "test/minigzip.c"],
        flags=[*ZLIB, "-I{package}"],
        runs=[Run(source="deflate.c"), Run(["-9"], source="ChangeLog")],
    ),
    Program(
        name="expat's checks",
        package="*expat*",
        sources=["**/lib/xml*.c", "**/tests/*.c"],
        without=("xmltok_impl.c", "xmltok_ns.c"),
        flags=[
            *EXPAT,
            "-DXML_POOR_ENTROPY",
            "-DHAVE_MEMMOVE",
            "-I{package}/expat/lib",
            "-I{package}/lib",
        ],
        runs=[Run(["-v"])],
    ),
    Program(
        name="sqlite",
        package="sqlite3-*",
        sources=["{made}/sqlite3.c", "{made}/shell.c"],
        flags=[*SQLITE, "-I{made}"],
        prepare=(
            ("sh", "{package}/configure", "--disable-readline"),
            ("make", "sqlite3.c", "shell.c"),
        ),
        runs=[Run([], script="script.sql")],
        timed=(Timed("sqlite, queries", Run([], script="queries.sql")),),
    ),
]
