"""linking.py: from objects to a program whose table of sites was made from its own code.

  1  objects for goroutines are joined; their code gets a section of its own, contig_c_text
  2  a first link tells which of the undefined names are functions
  3  those get stubs, and the names of the joined object are changed to them
  4  a second link, from which the checker makes the table
  5  a third link with the table, which the checker compares with the code once more

The linker is GNU ld: gold and lld change the prologues of functions that call code without split stacks.
"""
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from contig.tool import Problem, shown

from cc import building, symbols
from cc.kit import Kit

JOIN = "SECTIONS { contig_c_text : { *(.text .text.*) } }\n"
# clang writes it into every object that checks its stack.
NOTE = ".note.GNU-split-stack"
# nm's letters for names that others can refer to.
DEFINED = frozenset("TDBRVWC")


@dataclass(frozen=True)
class Link:
    """What is to be linked."""

    kit: Kit
    folder: str
    inputs: list[str]
    options: list[str]
    host_main: bool
    output: str

    def path(self, name: str) -> str:
        """A file that is made on the way."""
        return os.path.join(self.folder, name)


def _for_goroutines(name: str) -> bool:
    """Was this object, or a member of this archive, compiled for goroutines?"""
    if not os.path.isfile(name):
        raise Problem("%s: No such file or directory" % shown(name))
    if os.path.splitext(name)[1] not in (".o", ".a"):
        return False
    return NOTE in building.output(["readelf", "--section-headers", "--wide", name])


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _names(lines: Iterable[str], kinds: Collection[str]) -> set[str]:
    """Names of nm's lines with these letters, without versions."""
    found = set()
    for line in lines:
        words = line.split()
        if len(words) >= 2 and words[-2] in kinds:
            found.add(words[-1].split("@", 1)[0])
    return found


def _wanted_of_archives(inputs: list[str]) -> list[str]:
    """The linker does not know that the plugin's names ask for functions of archives."""
    if not any(name.endswith(".a") for name in inputs):
        return []
    asked = _names(building.output(["nm", *inputs]).splitlines(), set("U"))
    names = {symbols.meant(name) for name in asked if name.startswith(symbols.IN_REGISTERS)}
    return ["--undefined=" + name for name in sorted(names)]


def _join(job: Link, inputs: list[str]) -> str:
    """One object of all that runs on goroutines, without the note that other linkers act on."""
    _write(job.path("join.ld"), JOIN)
    made = job.path("joined.o")
    words = ["ld.bfd", "-r", "-T", job.path("join.ld"), *_wanted_of_archives(inputs)]
    building.must([*words, *inputs, job.kit.path("goroutine.a"), "-o", made])
    building.must(["objcopy", "--remove-section=" + NOTE, made])
    return made


def _defined(objects: list[str]) -> set[str]:
    return _names(building.output(["nm", *objects]).splitlines(), DEFINED)


def _functions(program: str) -> set[str]:
    """What a linked program has as a function, its own or a library's."""
    found = set()
    for line in building.output(["readelf", "--syms", "--wide", program]).splitlines():
        words = line.split()
        if len(words) >= 8 and words[3] in ("FUNC", "IFUNC"):
            found.add(words[7].split("@", 1)[0])
    return found


def _runtime(job: Link) -> list[str]:
    return [job.kit.path("runtime.o")] + ([] if job.host_main else [job.kit.path("main.o")])


def _program(job: Link, parts: list[str], others: list[str], made: str) -> str:
    words = [building.CLANG, "-no-pie", "-fuse-ld=bfd", "-Wl,-z,now", "-Wl,--emit-relocs"]
    building.must([*words, *parts, *_runtime(job), *others, *job.options, "-o", made])
    return made


def _assemble(job: Link, name: str) -> str:
    made = job.path(name + ".o")
    include = "-I" + job.kit.path("include")
    building.must([building.CLANG, include, "-c", job.path(name + ".S"), "-o", made])
    return made


def _rename(job: Link, joined: str, names: dict[str, str], made: str) -> str:
    changed = sorted(pair for pair in names.items() if pair[0] != pair[1])
    _write(job.path(made + ".names"), "".join("%s %s\n" % pair for pair in changed))
    words = ["objcopy", "--redefine-syms=" + job.path(made + ".names")]
    building.must([*words, joined, job.path(made)])
    return job.path(made)


def _stubs(job: Link, joined: str, others: list[str]) -> list[str]:
    """The joined object with its names changed, and the stubs that they lead to."""
    lines = building.output(["nm", joined]).splitlines()
    defined = _names(lines, DEFINED)
    # Each undefined name, and the function that it means.
    meant = {name: symbols.meant(name) for name in _names(lines, set("Uwv"))}
    symbols.refuse(set(meant.values()))
    main = {} if job.host_main else {"main": "contig_c_main"}
    first = _rename(job, joined, {**meant, **main}, "first.o")
    functions = _functions(_program(job, [first], others, job.path("first"))) - defined
    leaves = job.kit.leaves()
    stubs = {
        name: symbols.stub(name)
        for name, function in meant.items()
        if function in functions and not symbols.direct(function, leaves)
    }
    there = _defined(_runtime(job))
    _write(
        job.path("stubs.S"),
        symbols.stub_lines({name for name, stub in stubs.items() if stub not in there}),
    )
    second = _rename(job, joined, {**meant, **stubs, **main}, "second.o")
    return [second, _assemble(job, "stubs")]


def link(job: Link) -> bool:
    """Makes the program; false, after the checker's sentences, if its code is not fit for goroutines."""
    inputs = [name for name in job.inputs if _for_goroutines(name)]
    others = [name for name in job.inputs if name not in inputs]
    if not inputs:
        raise Problem(
            "no input was compiled by contig-cc: there is nothing that runs on goroutines"
        )
    parts = _stubs(job, _join(job, inputs), others)
    checker = job.kit.path("contig-c-check")
    without = _program(job, parts, others, job.path("without_table"))
    if not building.is_fit([checker, "--table", job.path("table.S"), without]):
        return False
    made = _program(job, [*parts, _assemble(job, "table")], others, job.path("program"))
    if not building.is_fit([checker, "--verify", made]):
        return False
    building.must(["cp", made, job.output])
    return True
