"""overlay.py: derives, from an installation's own runtime sources, sources that also write their stack events.

Each event is one line in one write to a descriptor of its own, which `traced.py` opens before the program starts: the
program's standard error stays the program's.  The descriptor is not inherited by the program's children; a child that
is the same program finds none, and is silent.
"""
import json
import os
import re

from contig import anchors, files, traced
from contig.anchors import Edit
from contig.tool import Problem

PHASE, THREAD = " ph=<d gcphase>", " m=<d getg().m.id>"
# How a value is written, by the letter in an event's text.
FORMS = {
    "d": "contigNumber(uint64(%s))",
    "x": "contigHex(uint64(%s))",
    "b": "contigBool(%s)",
    "p": "contigHex(uint64(uintptr(unsafe.Pointer(%s))))",
}


def event(text: str, common: str = PHASE + THREAD) -> str:
    """The Go statement that writes an event; <d N> is a number, <x N> an address, <p P> a pointer, <b B> a truth."""
    steps = []
    for literal, form, value in re.findall(r"([^<]+)|<(\w) (.*?)>(?![=>])", text + common):
        steps.append('contigText("%s")' % literal if literal else FORMS[form] % value)
    return "if contigBegin() { %s; contigEnd() }" % "; ".join(steps)


def on_system_stack(text: str) -> str:
    """The same from a goroutine's stack, which must not grow in the middle of an event."""
    return "systemstack(func() { %s })" % event(text, "")


OLD_SIZE = "<d gp.stack.hi-gp.stack.lo>"
CACHE = " c=<x uintptr(unsafe.Pointer(c))>"

# Where the runtime must write, and what.  Anchors are all that is known of Go's source.
EDITS = [
    Edit(*edit)
    for edit in [
        # The runtime's own checks: freed stacks are overwritten.  Its own prints are silenced below.
        ("stack.go", None, r"^\s*stackDebug\s*= 0", 0, "replace", "stackDebug = 1"),
        ("stack.go", "newstack", r"stackDebug >= 1 \|\| ", 0, "replace optional", ""),
        (
            "stack.go",
            "stackpoolalloc",
            r"osStackAlloc\(s\)",
            0,
            "after",
            event("@span+ <d order> <x s.base()>"),
        ),
        ("stack.go", "stackpoolalloc", r"return x$", -1, "before", event("@pool- <d order> <x x>")),
        (
            "stack.go",
            "stackpoolfree",
            r"s\.allocCount--",
            0,
            "after",
            event("@pool+ <d order> <x x>"),
        ),
        (
            "stack.go",
            "stackpoolfree",
            r"osStackFree\(s\)",
            0,
            "before",
            event("@span- <d order> <x s.base()>"),
        ),
        (
            "stack.go",
            "stackcacherefill",
            r"var list gclinkptr",
            0,
            "before",
            event("@refill <d order>" + CACHE),
        ),
        (
            "stack.go",
            "stackcacherelease",
            r"x := c\.stackcache\[order\]\.list",
            0,
            "before",
            event("@release <d order>" + CACHE),
        ),
        ("stack.go", "stackcache_clear", r"for order := ", 0, "before", event("@clear" + CACHE)),
        (
            "stack.go",
            "stackalloc",
            r"stackLarge\.free\[log2npage\]\.remove\(s\)",
            0,
            "after",
            event("@largehit <d npage> <x s.base()>"),
        ),
        (
            "stack.go",
            "stackalloc",
            r"osStackAlloc\(s\)",
            0,
            "after",
            event("@large+ <d npage> <x s.base()>"),
        ),
        (
            "stack.go",
            "stackalloc",
            r"return stack\{uintptr\(v\)",
            -1,
            "before",
            event("@alloc <d n> <p v> c=<x contigCache()>"),
        ),
        (
            "stack.go",
            "stackfree",
            r"n := stk\.hi - stk\.lo",
            0,
            "after",
            event("@free <d n> <x stk.lo> c=<x contigCache()>"),
        ),
        (
            "stack.go",
            "stackfree",
            r"osStackFree\(s\)",
            0,
            "before",
            event("@large- <d s.npages> <x s.base()>"),
        ),
        (
            "stack.go",
            "stackfree",
            r"stackLarge\.free\[log2npage\]\.insert\(s\)",
            0,
            "after",
            event("@largeq <d s.npages> <x s.base()>"),
        ),
        (
            "stack.go",
            "freeStackSpans",
            r"for order := range stackpool",
            0,
            "before",
            event("@freespans"),
        ),
        (
            "stack.go",
            "freeStackSpans",
            r"osStackFree\(s\)",
            0,
            "before",
            event("@span- <d order> <x s.base()>"),
        ),
        (
            "stack.go",
            "freeStackSpans",
            r"osStackFree\(s\)",
            1,
            "before",
            event("@large- <d s.npages> <x s.base()>"),
        ),
        (
            "stack.go",
            "newstack",
            r"if gp\.preemptShrink \{",
            0,
            "before",
            event("@preempt gp=<p gp> shrink=<b gp.preemptShrink>"),
        ),
        (
            "stack.go",
            "newstack",
            r'throw\("stack overflow"\)',
            -1,
            "before",
            event(
                "@overflow gp=<p gp> goid=<d gp.goid> old=<d oldsize> sp=<x gp.sched.sp>"
                " max=<d contigFrame(gp.sched.pc)> limit=<d contigLimit()>",
                THREAD,
            ),
        ),
        (
            "stack.go",
            "newstack",
            r"casgstatus\(gp, _Grunning, _Gcopystack\)",
            0,
            "before",
            event(
                "@grow gp=<p gp> goid=<d gp.goid> old=<d oldsize> sp=<x gp.sched.sp>"
                " max=<d contigFrame(gp.sched.pc)> new=<d newsize> force=<b stackguard0 == stackForceMove>"
            ),
        ),
        (
            "stack.go",
            "shrinkstack",
            r"debug\.gcshrinkstackoff > 0 \{",
            0,
            "after",
            event("@noshrink gp=<p gp> old=" + OLD_SIZE + " off"),
        ),
        (
            "stack.go",
            "shrinkstack",
            r"gcBgMarkWorker \{",
            0,
            "after optional",
            event("@noshrink gp=<p gp> old=" + OLD_SIZE + " worker"),
        ),
        (
            "stack.go",
            "shrinkstack",
            r"if newsize < _?[fF]ixedStack \{",
            0,
            "after",
            event("@noshrink gp=<p gp> old=<d oldsize> min"),
        ),
        (
            "stack.go",
            "shrinkstack",
            r"used >= avail/4 \{",
            0,
            "after",
            event("@noshrink gp=<p gp> old=<d oldsize> used=<d used>"),
        ),
        (
            "stack.go",
            "shrinkstack",
            r"copystack\(gp, newsize\)",
            0,
            "before",
            event("@shrink gp=<p gp> old=<d oldsize> new=<d newsize>"),
        ),
        (
            "stack.go",
            "copystack",
            r'print\("copystack gp="',
            0,
            "before",
            event(
                "@copy gp=<p gp> [<x old.lo> <x old.hi-used> <x old.hi>] -> [<x new.lo> <x new.hi-used> <x new.hi>]"
            ),
        ),
        (
            "stack.go",
            "gcComputeStartingStackSize",
            r"startingStackSize = _?[fF]ixedStack",
            0,
            "after",
            on_system_stack("@startsize <d startingStackSize>"),
        ),
        (
            "stack.go",
            "gcComputeStartingStackSize",
            r"startingStackSize = uint32\(",
            0,
            "after",
            on_system_stack("@startsize <d startingStackSize>"),
        ),
        (
            "rdebug.go",
            "setMaxStack",
            r"maxstacksize = uintptr\(in\)",
            0,
            "after",
            on_system_stack("@maxstack <d contigLimit()>"),
        ),
        (
            "mgc.go",
            "setGCPhase",
            r"atomic\.Store\(&gcphase, x\)",
            0,
            "after",
            on_system_stack("@phase <d x>"),
        ),
        (
            "mgcmark.go",
            "scanstack",
            r"if isShrinkStackSafe\(gp\) \{",
            0,
            "before",
            event("@scan gp=<p gp> used=<d scannedSize> safe=<b isShrinkStackSafe(gp)>"),
        ),
        (
            "proc.go",
            "newproc1",
            r"if readgstatus\(newg\) != _Gdead \{",
            0,
            "before",
            event("@go gp=<p newg> [<x newg.stack.lo> <x newg.stack.hi>]"),
        ),
        (
            "proc.go",
            "gfput",
            r"stksize := gp\.stack\.hi - gp\.stack\.lo",
            0,
            "after",
            event(
                "@dead gp=<p gp> goid=<d gp.goid> [<x gp.stack.lo> <x gp.stack.hi>] start=<d startingStackSize>"
            ),
        ),
    ]
]

# With --moves, in addition: both halves of a move; what they call is written for each version by itself.
MOVE_EDITS = [
    Edit(*edit)
    for edit in [
        (
            "stack.go",
            "copystack",
            r"// Adjust sudogs, synchronizing",
            0,
            "before",
            "contigMoveBegins(gp, old, new, used)",
        ),
        (
            "stack.go",
            "copystack",
            r"// free old stack",
            0,
            "before",
            "contigMoveEnds(gp, old, new, used)",
        ),
    ]
]
HERE = os.path.dirname(os.path.realpath(__file__))
# The runtime's structures differ; a version that nobody has tried is refused.
WRITERS = {"go1.19": "go1.19.go", "go1.26": "go1.26.go", "go1.27": "go1.26.go"}

# What the helpers rely on: the test for using the cache, in stackalloc, and the two limits, in newstack.
HELPERS_NEED = [
    (
        "stack.go",
        "stackalloc",
        r'stackNoCache != 0 \|\| thisg\.m\.p == 0 \|\| thisg\.m\.preemptoff != ""',
    ),
    ("stack.go", "newstack", r"if newsize > maxstacksize \|\| newsize > maxstackceiling \{"),
]


def silenced(lines: list[str]) -> list[str]:
    """Without what the runtime prints about each stack when stackDebug is 1: standard error is the program's."""
    kept: list[str] = []
    inside = False
    for line in lines:
        if re.match(r"\s*if stackDebug (?:>= 1|> 0) \{$", line):
            inside = True
        elif line.strip() == "}":
            inside = False
        if not (inside and re.match(r"\s*print(?:ln)?\(.*\)$", line)):
            kept.append(line)
    return kept


def derive_source(
    lines: list[str], file: str, version: str, helpers: str, edits: list[Edit]
) -> list[str]:
    source = anchors.Source(lines, file, version, anchors.GO)
    for name, function, anchor in HELPERS_NEED:
        if name == file:
            source.require(function, anchor)
    source.apply(edits)
    return silenced(source.lines) + [helpers] if file == "stack.go" else source.lines


def without_head(name: str) -> str:
    """A Go file of this folder from its imports on."""
    return files.read(os.path.join(HERE, name)).split("\n)\n", 1)[1]


def writer_of_moves(version: str) -> str:
    """What writes this version's moves: Go files without heads, for the end of stack.go, which imports the same."""
    match = re.match(r"go1\.\d+", version)
    name = WRITERS.get(match.group() if match else "")
    if name is None:
        raise Problem(
            f"--moves cannot write the moves of {version}; there are writers for {', '.join(WRITERS)}"
        )
    return without_head("moves/common.go") + without_head("moves/" + name)


def writer_of_events() -> str:
    """What the statements of the edits call, for the end of stack.go."""
    text = without_head("events.go")
    text = text.replace("CONTIG_DESCRIPTOR", str(traced.descriptor()))
    return text.replace("CONTIG_CLOSED_STATUS", str(traced.CLOSED_STATUS))


def derive(root: str, version: str, folder: str, moves: bool) -> str:
    """Writes the runtime's sources with the events added to a folder; returns the overlay's file there."""
    runtime = os.path.join(root, "src", "runtime")
    replace = {}
    helpers = writer_of_events() + (writer_of_moves(version) if moves else "")
    for file in sorted({edit.file for edit in EDITS}):
        path = os.path.join(runtime, file)
        try:
            lines = files.read(path).split("\n")
        except Problem as problem:
            raise Problem(f"{version} does not match: {problem}") from problem
        derived = os.path.join(folder, file)
        files.write(
            derived,
            "\n".join(derive_source(lines, file, version, helpers, EDITS + MOVE_EDITS * moves)),
        )
        # The compiler may name the file by a link (Debian) or by its real path.
        for name in {path, os.path.realpath(path), os.path.join(os.path.realpath(runtime), file)}:
            replace[name] = derived
    overlay = os.path.join(folder, "overlay.json")
    files.write(overlay, json.dumps({"Replace": replace}, indent=1))
    return overlay
