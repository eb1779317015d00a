"""command.py: contig-cc's command line, which is clang's.

  contig-cc [CLANG-OPTION...] -c FILE.c... [-o FILE.o]           compiles
  contig-cc [OPTION...] FILE.c|FILE.o|FILE.a... [-o PROGRAM]     compiles what is C, and links

  --kit=DIR            what contig-cc works with (default: $CONTIG_KIT, or what bazel build //src/c:kit made)
  --host-main          main runs on the system stack, and starts the runtime itself (contig_start)
  --save-steps=DIR     keeps what the link makes on its way
  --help

Exit status: 0; 1 if the code is not fit for goroutines; 2 if something could not be done.

Objects that contig-cc compiled, in archives too, run on goroutines; all others run on the system stack, behind stubs.
"""
import os
import sys
from dataclasses import dataclass, field

from contig.tool import Problem, shown

from cc import building, kit, linking

# Options of clang that take the next word.
WITH_WORD = frozenset(
    "-I -D -U -L -l -x -include -isystem -idirafter -iquote -imacros -MF -MT -MQ -Xlinker -Xclang "
    "-mllvm -T -u -z".split()
)
# What would undo the flags, or needs code that is made elsewhere.
REFUSED = {
    "-flto": "code that the linker makes is not checked",
    "-fPIC": "a thread-local variable would be a call of the loader's; leave it out",
    "-fpic": "a thread-local variable would be a call of the loader's; leave it out",
    "-shared": "a shared library has no stack table; link a program",
    "-pg": "each function would call mcount on the goroutine's stack",
    "-fsanitize": "a sanitizer keeps addresses of stacks that move",
    "-fno-split-stack": "functions would not check their stack",
    "-fno-omit-frame-pointer": "rbp would keep addresses of a stack that moves",
}
LINKER = ("-L", "-l", "-Wl,", "-Xlinker", "-T", "-u", "-z", "-s", "-rdynamic", "-static")


@dataclass
class Command:
    """What the command line asks for."""

    compile_only: bool = False
    preprocess: bool = False
    host_main: bool = False
    output: str | None = None
    steps: str | None = None
    kit: str | None = None
    compiler: list[str] = field(default_factory=list)
    linker: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)


def _refuse(word: str) -> None:
    name = word.split("=", 1)[0]
    if name in REFUSED:
        raise Problem("%s: %s" % (shown(word), REFUSED[name]))


def _own_option(command: Command, word: str) -> bool:
    if word == "--host-main":
        command.host_main = True
    elif word.startswith("--kit="):
        command.kit = word[len("--kit=") :]
    elif word.startswith("--save-steps="):
        command.steps = word[len("--save-steps=") :]
    elif word == "-c":
        command.compile_only = True
    elif word in ("-E", "-M", "-MM"):
        command.preprocess = True
        command.compiler.append(word)
    else:
        return False
    return True


def parse(words: list[str]) -> Command:
    """The words in their places: inputs, and options of the compiler and of the linker."""
    command = Command()
    rest = iter(words)
    for word in rest:
        if _own_option(command, word):
            continue
        _refuse(word)
        taken = [word]
        if word in WITH_WORD or word == "-o":
            following = next(rest, None)
            if following is None:
                raise Problem("%s has no word behind it" % shown(word))
            taken.append(following)
        if word == "-o":
            command.output = taken[1]
        elif not word.startswith("-"):
            command.inputs.append(word)
        elif word.startswith("-o"):
            command.output = word[2:]
        elif word.startswith(LINKER):
            command.linker += taken
        else:
            command.compiler += taken
    return command


def _compile_all(command: Command, tools: kit.Kit, folder: str) -> list[str]:
    """The inputs, each C source replaced by its object."""
    objects = []
    for number, name in enumerate(command.inputs):
        if os.path.splitext(name)[1] == ".c":
            made = os.path.join(folder, "%d.o" % number)
            building.compile_one(tools, command.compiler, name, made)
            name = made
        objects.append(name)
    return objects


def _objects(command: Command, tools: kit.Kit) -> int:
    """-c: an object for each source."""
    if command.output is not None and len(command.inputs) > 1:
        raise Problem("-o names one file, but there are %d inputs" % len(command.inputs))
    for name in command.inputs:
        made = command.output or os.path.splitext(os.path.basename(name))[0] + ".o"
        building.compile_one(tools, command.compiler, name, made)
    return 0


def main() -> int:
    """Compiles, or compiles and links."""
    arguments = sys.argv[1:]
    if "--help" in arguments:
        print(__doc__.split("\n", 2)[2].rstrip())
        return 0
    if arguments in (["--version"], ["-v"], ["-V"], ["-dumpversion"], ["-dumpmachine"]):
        return building.run([building.CLANG] + arguments)
    command = parse(arguments)
    if not command.inputs:
        raise Problem("there is no input; --help tells the options")
    if command.preprocess:
        words = command.compiler + command.inputs
        words += ["-o", command.output] if command.output else []
        return building.run([building.CLANG] + words)
    tools = kit.find(command.kit)
    if command.compile_only:
        return _objects(command, tools)
    with building.steps_folder(command.steps) as folder:
        objects = _compile_all(command, tools, folder)
        job = linking.Link(
            tools, folder, objects, command.linker, command.host_main, command.output or "a.out"
        )
        return 0 if linking.link(job) else 1
