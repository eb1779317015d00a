#!/usr/bin/env python3
"""ci/go_trace: traces the stacks of a real Go program, in the format of spec/trace.md.

usage: ci/go_trace [--goroot DIR] [--procs N] [--out FILE] [--check] [--keep DIR] [PROGRAM.go [ARGUMENT...]]

Builds PROGRAM.go (default: ci/go_trace.d/program.go, arguments ROUNDS and SEED) with an unmodified Go installation,
whose runtime prints its stack events, and writes the trace to FILE (default: standard output).  The printing comes
from an overlay that is derived from the installation's own runtime sources as it runs; the installation is not
changed, and nothing of it is kept.

  --goroot DIR   the Go installation; default: the one of the `go` on PATH
  --procs N      GOMAXPROCS of the program; default 1
  --check        only derives the overlay; says which version it fits
  --keep DIR     keeps the derived sources and the program there

Exit status: 0; the program's own if it fails; 2 if this Go's sources do not match, naming the missing anchor.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
PROGRAM = os.path.join(HERE, "program.go")
M = '" m=", getg().m.id'
PH = '" ph=", gcphase'

# Where the runtime must print, and what: file, function, anchor (a regular expression for one line of that function),
# which match (first: 0, last: -1), where the line goes, and the line.  Anchors are all that is known of Go's source.
# "optional" anchors are gone in some versions, with what they stand for.
EDITS = [
    # The runtime's own checks: freed stacks are overwritten.  Its own prints are left out of the trace.
    ("stack.go", None, r"^\s*stackDebug\s*= 0", 0, "replace", "stackDebug = 1"),

    ("stack.go", "stackpoolalloc", r"osStackAlloc\(s\)", 0, "after",
     f'print("@span+ ", order, " ", hex(s.base()), {PH}, {M}, "\\n")'),
    ("stack.go", "stackpoolalloc", r"return x$", -1, "before",
     f'print("@pool- ", order, " ", hex(uintptr(x)), {PH}, {M}, "\\n")'),
    ("stack.go", "stackpoolfree", r"s\.allocCount--", 0, "after",
     f'print("@pool+ ", order, " ", hex(uintptr(x)), {PH}, {M}, "\\n")'),
    ("stack.go", "stackpoolfree", r"osStackFree\(s\)", 0, "before",
     f'print("@span- ", order, " ", hex(s.base()), {PH}, {M}, "\\n")'),

    ("stack.go", "stackcacherefill", r"var list gclinkptr", 0, "before",
     f'print("@refill ", order, " c=", hex(uintptr(unsafe.Pointer(c))), {PH}, {M}, "\\n")'),
    ("stack.go", "stackcacherelease", r"x := c\.stackcache\[order\]\.list", 0, "before",
     f'print("@release ", order, " c=", hex(uintptr(unsafe.Pointer(c))), {PH}, {M}, "\\n")'),
    ("stack.go", "stackcache_clear", r"for order := ", 0, "before",
     f'print("@clear c=", hex(uintptr(unsafe.Pointer(c))), {PH}, {M}, "\\n")'),

    ("stack.go", "stackalloc", r"stackLarge\.free\[log2npage\]\.remove\(s\)", 0, "after",
     f'print("@largehit ", npage, " ", hex(s.base()), {PH}, {M}, "\\n")'),
    ("stack.go", "stackalloc", r"osStackAlloc\(s\)", 0, "after",
     f'print("@large+ ", npage, " ", hex(s.base()), {PH}, {M}, "\\n")'),
    ("stack.go", "stackalloc", r"return stack\{uintptr\(v\)", -1, "before",
     f'print("@alloc ", n, " ", v, " c=", hex(contigCache()), {PH}, {M}, "\\n")'),
    ("stack.go", "stackfree", r"n := stk\.hi - stk\.lo", 0, "after",
     f'print("@free ", n, " ", hex(stk.lo), " c=", hex(contigCache()), {PH}, {M}, "\\n")'),
    ("stack.go", "stackfree", r"osStackFree\(s\)", 0, "before",
     f'print("@large- ", s.npages, " ", hex(s.base()), {PH}, {M}, "\\n")'),
    ("stack.go", "stackfree", r"stackLarge\.free\[log2npage\]\.insert\(s\)", 0, "after",
     f'print("@largeq ", s.npages, " ", hex(s.base()), {PH}, {M}, "\\n")'),

    ("stack.go", "freeStackSpans", r"for order := range stackpool", 0, "before",
     f'print("@freespans", {PH}, {M}, "\\n")'),
    ("stack.go", "freeStackSpans", r"osStackFree\(s\)", 0, "before",
     f'print("@span- ", order, " ", hex(s.base()), {PH}, {M}, "\\n")'),
    ("stack.go", "freeStackSpans", r"osStackFree\(s\)", 1, "before",
     f'print("@large- ", s.npages, " ", hex(s.base()), {PH}, {M}, "\\n")'),

    ("stack.go", "newstack", r"if gp\.preemptShrink \{", 0, "before",
     f'print("@preempt gp=", gp, " shrink=", gp.preemptShrink, {PH}, {M}, "\\n")'),
    ("stack.go", "newstack", r'throw\("stack overflow"\)', -1, "before",
     'print("@overflow gp=", gp, " goid=", gp.goid, " old=", oldsize, " sp=", hex(gp.sched.sp), " max=", '
     f'contigFrame(gp.sched.pc), {M}, "\\n")'),
    ("stack.go", "newstack", r"casgstatus\(gp, _Grunning, _Gcopystack\)", 0, "before",
     'print("@grow gp=", gp, " goid=", gp.goid, " old=", oldsize, " sp=", hex(gp.sched.sp), " max=", '
     f'contigFrame(gp.sched.pc), " new=", newsize, " force=", stackguard0 == stackForceMove, {PH}, {M}, "\\n")'),

    ("stack.go", "shrinkstack", r"debug\.gcshrinkstackoff > 0 \{", 0, "after",
     f'print("@noshrink gp=", gp, " old=", gp.stack.hi-gp.stack.lo, " off", {PH}, {M}, "\\n")'),
    ("stack.go", "shrinkstack", r"gcBgMarkWorker \{", 0, "after optional",
     f'print("@noshrink gp=", gp, " old=", gp.stack.hi-gp.stack.lo, " worker", {PH}, {M}, "\\n")'),
    ("stack.go", "shrinkstack", r"if newsize < _?[fF]ixedStack \{", 0, "after",
     f'print("@noshrink gp=", gp, " old=", oldsize, " min", {PH}, {M}, "\\n")'),
    ("stack.go", "shrinkstack", r"used >= avail/4 \{", 0, "after",
     f'print("@noshrink gp=", gp, " old=", oldsize, " used=", used, {PH}, {M}, "\\n")'),

    ("stack.go", "shrinkstack", r"copystack\(gp, newsize\)", 0, "before",
     f'print("@shrink gp=", gp, " old=", oldsize, " new=", newsize, {PH}, {M}, "\\n")'),
    ("stack.go", "copystack", r'print\("copystack gp="', 0, "before",
     'print("@copy gp=", gp, " [", hex(old.lo), " ", hex(old.hi-used), " ", hex(old.hi), "] -> [", hex(new.lo), " ", '
     f'hex(new.hi-used), " ", hex(new.hi), "]", {PH}, {M}, "\\n")'),

    ("stack.go", "gcComputeStartingStackSize", r"startingStackSize = _?[fF]ixedStack", 0, "after",
     'systemstack(func() { print("@startsize ", startingStackSize, "\\n") })'),
    ("stack.go", "gcComputeStartingStackSize", r"startingStackSize = uint32\(", 0, "after",
     'systemstack(func() { print("@startsize ", startingStackSize, "\\n") })'),

    ("mgc.go", "setGCPhase", r"atomic\.Store\(&gcphase, x\)", 0, "after",
     'systemstack(func() { print("@phase ", x, "\\n") })'),
    ("mgcmark.go", "scanstack", r"if isShrinkStackSafe\(gp\) \{", 0, "before",
     f'print("@scan gp=", gp, " used=", scannedSize, " safe=", isShrinkStackSafe(gp), {PH}, {M}, "\\n")'),

    ("proc.go", "newproc1", r"if readgstatus\(newg\) != _Gdead \{", 0, "before",
     f'print("@go gp=", newg, " [", hex(newg.stack.lo), " ", hex(newg.stack.hi), "]", {PH}, {M}, "\\n")'),
    ("proc.go", "gfput", r"stksize := gp\.stack\.hi - gp\.stack\.lo", 0, "after",
     'print("@dead gp=", gp, " goid=", gp.goid, " [", hex(gp.stack.lo), " ", hex(gp.stack.hi), "] start=", '
     f'startingStackSize, {PH}, {M}, "\\n")'),
]

# The cache that stackalloc and stackfree use now (0: the pool), and the largest frame of the function at pc.
HELPERS = """
func contigCache() uintptr {
	mp := getg().m
	if stackNoCache != 0 || mp.p == 0 || mp.preemptoff != "" {
		return 0
	}
	return uintptr(unsafe.Pointer(mp.p.ptr().mcache))
}

func contigFrame(pc uintptr) uintptr {
	f := findfunc(pc)
	if !f.valid() {
		return 0
	}
	return uintptr(funcMaxSPDelta(f))
}
"""
# What the helpers rely on: the test for using the cache, in stackalloc.
HELPERS_NEED = ("stack.go", "stackalloc", r'stackNoCache != 0 \|\| thisg\.m\.p == 0 \|\| thisg\.m\.preemptoff != ""')


def fail(message, status=2):
    print(f"ci/go_trace: {message}", file=sys.stderr)
    sys.exit(status)


def function_lines(lines, name):
    """First and last line, as indices, of a top-level function; of the whole file if there is no name."""
    if name is None:
        return 0, len(lines) - 1
    for first, line in enumerate(lines):
        if re.match(rf"func {name}\(", line):
            return first, next(i for i in range(first, len(lines)) if lines[i] == "}")
    return None


def find_anchor(lines, version, file, function, anchor, which):
    """Index of the line that the anchor matches, or None if there is none."""
    bounds = function_lines(lines, function)
    if bounds is None:
        fail(f"{version} does not match: there is no function {function} in runtime/{file}.")
    matches = [i for i in range(bounds[0], bounds[1] + 1) if re.search(anchor, lines[i])]
    return matches[which] if len(matches) > (which if which >= 0 else 0) else None


def apply_edit(lines, version, edit):
    file, function, anchor, which, how, text = edit
    at = find_anchor(lines, version, file, function, anchor, which)
    if at is None:
        if how.endswith("optional"):
            return
        fail(f"{version} does not match: runtime/{file}, func {function}, has no line like /{anchor}/.")
    if how == "replace":
        lines[at] = re.sub(anchor, text, lines[at])
    elif how == "before":
        lines.insert(at, text)
    else:
        lines.insert(at + 1, text)


def go_environment(temporary):
    """The environment of the Go command: nothing of the user's is written to, nothing is downloaded."""
    environment = dict(os.environ)
    environment.update(GOCACHE=os.path.join(temporary, "cache"), GOPATH=os.path.join(temporary, "path"),
                       GOTMPDIR=temporary, GOFLAGS="-mod=mod", GOPROXY="off", GO111MODULE="off",
                       CGO_ENABLED="0", GOENV="off", GOTOOLCHAIN="local", HOME=temporary)
    return environment


def find_go(goroot):
    """The go command and its GOROOT."""
    command = os.path.join(goroot, "bin", "go") if goroot else "go"
    try:
        output = subprocess.run([command, "env", "GOROOT", "GOVERSION"], capture_output=True, text=True, check=True,
                                env=dict(os.environ, GOENV="off", GOTOOLCHAIN="local", HOME="/nonexistent",
                                         GOFLAGS=""))
    except (OSError, subprocess.CalledProcessError) as error:
        fail(f"no Go that runs ({error}); install Debian's golang-go or name one with --goroot.")
    root, version = output.stdout.split()
    return command, root, version


def derive_overlay(root, version, temporary):
    """Writes the runtime's sources with prints added; returns the overlay's file."""
    runtime = os.path.join(root, "src", "runtime")
    replace = {}
    for file in sorted({edit[0] for edit in EDITS}):
        path = os.path.join(runtime, file)
        try:
            with open(path, encoding="utf-8") as source:
                lines = source.read().split("\n")
        except OSError as error:
            fail(f"{version} does not match: {error}.")
        if file == HELPERS_NEED[0] and find_anchor(lines, version, *HELPERS_NEED, 0) is None:
            fail(f"{version} does not match: runtime/{file}, func {HELPERS_NEED[1]}, has no line like "
                 f"/{HELPERS_NEED[2]}/.")
        for edit in EDITS:
            if edit[0] == file:
                apply_edit(lines, version, edit)
        if file == HELPERS_NEED[0]:
            lines.append(HELPERS)
        derived = os.path.join(temporary, file)
        with open(derived, "w", encoding="utf-8") as target:
            target.write("\n".join(lines))
        # The compiler may name the file by a link (Debian) or by its real path.
        for name in {path, os.path.realpath(path), os.path.join(os.path.realpath(runtime), file)}:
            replace[name] = derived
    overlay = os.path.join(temporary, "overlay.json")
    with open(overlay, "w", encoding="utf-8") as target:
        json.dump({"Replace": replace}, target, indent=1)
    return overlay


def profile_of(version):
    """The profile that replays this version: 1.19's rules held until mark workers began to shrink too."""
    match = re.match(r"go1\.(\d+)", version)
    return "1.19" if match and int(match.group(1)) < 23 else "1.27"


def build(command, overlay, program, temporary):
    binary = os.path.join(temporary, "program")
    result = subprocess.run([command, "build", "-overlay", overlay, "-o", binary, os.path.abspath(program)],
                            env=go_environment(temporary), cwd=temporary, capture_output=True, text=True)
    if result.returncode != 0:
        fail(f"the traced runtime does not compile:\n{result.stderr.strip()}")
    return binary


def run_traced(binary, arguments, procs, version, out):
    """Runs the program; writes the lines of its standard error that are events."""
    environment = dict(os.environ, GOMAXPROCS=str(procs))
    environment.pop("GODEBUG", None)
    process = subprocess.Popen([binary, *arguments], stderr=subprocess.PIPE, env=environment)
    last = b""
    out.write(f"@trace 1 profile={profile_of(version)} runtime={version} procs={procs}\n".encode())
    for line in process.stderr:
        # A thread that was printing when the program ended leaves a line without an end.
        if line.endswith(b"\n") and line.startswith(b"@"):
            out.write(line)
        else:
            last = line
    out.flush()
    status = process.wait()
    if status != 0:
        fail(f"the program ended with status {status}: {last.decode(errors='replace').strip()}",
             status if status > 0 else 1)


def parse_arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n")[2][7:], description=None)
    parser.add_argument("--goroot")
    parser.add_argument("--procs", type=int, default=1)
    parser.add_argument("--out")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep")
    parser.add_argument("program", nargs="?", default=PROGRAM)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    if "--help" in sys.argv[1:2] or "-h" in sys.argv[1:2]:
        print(__doc__.strip())
        sys.exit(0)
    return parser.parse_args()


def trace(options, temporary):
    command, root, version = find_go(options.goroot)
    overlay = derive_overlay(root, version, temporary)
    if options.check:
        print(f"ci/go_trace: {version} in {root}: every anchor is there.")
        return
    program = options.program
    arguments = options.arguments
    if not program.endswith(".go"):
        program, arguments = PROGRAM, [program, *arguments]
    print(f"ci/go_trace: building with {version}, a minute or so ...", file=sys.stderr, flush=True)
    binary = build(command, overlay, program, temporary)
    if options.out is None:
        run_traced(binary, arguments, options.procs, version, sys.stdout.buffer)
        return
    with open(options.out, "wb") as out:
        run_traced(binary, arguments, options.procs, version, out)


def main():
    options = parse_arguments()
    if options.keep is not None:
        os.makedirs(options.keep, exist_ok=True)
        trace(options, os.path.abspath(options.keep))
        return
    with tempfile.TemporaryDirectory(prefix="go_trace.") as temporary:
        trace(options, temporary)


if __name__ == "__main__":
    main()
