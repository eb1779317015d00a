"""refusals.py: the cases of refusals_test.py: what tools cannot do, and what they say of it.

A case is a command, a part of the message, and the variables, redirection and status if they matter.  {out} is a folder
that can be written to, {file} a file in it, {text} one that holds no JSON, patch or program, {few} a folder of programs
for PATH that has nothing that the tools need.
"""
from typing import NamedTuple


class Case(NamedTuple):
    command: str
    part: str
    variables: dict[str, str] = {}
    redirection: str = ""
    status: int = 2


# All of them are in Python, or start a program in Python.
TOOLS = [
    "ci/verify",
    "ci/nightly",
    "ci/go_trace",
    "fuzz/run",
    "fuzz/build",
    "fuzz/coverage",
    "bench/run",
    "bench/instructions.py",
    "bench/cost.py",
    "proofs/defects/run",
    "proofs/run",
    "proofs/contracts",
    "proofs/callers/check.py",
    "proofs/assembly/acl2/run",
    "ci/style/style.py",
    "ci/go_trace.d/volume.py",
    "ci/ocaml_trace",
    "ci/ocaml_trace.d/fibers.py",
    "src/conform/kit/make.py",
    "spec/model/run",
]
SCRIPTS_OF_A_SHELL = ["ci/test", "ci/setup", "ci/go_findsghi", "proofs/assembly/acl2/install"]
OTHERS_WITH_HELP = ["ci/report/figures.py", "ci/oss_fuzz/dry_run", "proofs/assembly/nightly"]
ALL_WITH_HELP = TOOLS + SCRIPTS_OF_A_SHELL + OTHERS_WITH_HELP

# Options that take a number, and a number above their range.
NUMBERS = [
    ("fuzz/run pool_fuzz --seconds", "604801"),
    ("proofs/defects/run --seconds", "86401"),
    ("ci/nightly --fuzz-seconds", "86401"),
    ("bench/run --repeat", "1001"),
    ("ci/go_trace --seconds", "86401"),
    ("ci/go_trace --procs", "1025"),
    ("ci/go_trace.d/volume.py --rounds", "100001"),
    ("proofs/run --jobs", "1000"),
    ("proofs/assembly/acl2/run --cases", "50001"),
    ("ci/ocaml_trace --seconds", "86401"),
    ("src/c/real_programs --times", "1001"),
    ("ci/ocaml_trace.d/fibers.py --rounds", "100001"),
]
NO_NUMBERS = [
    "0",
    "-1",
    "nan",
    "inf",
    "1e3",
    "010",
    "0x10",
    "1.5",
    "' 7'",
    "''",
    "99999999999999999999",
    "4294967297",
]
FRACTIONS = [("ci/verify --minutes", "1441"), ("fuzz/coverage --require", "100.1")]
NO_FRACTIONS = ["-1", "nan", "inf", "-inf", "1e9", "0x1", "1,5", "''", "99999999999999999999"]

OUTPUT_FOLDERS = [
    "ci/verify --out",
    "ci/nightly --out",
    "fuzz/run pool_fuzz --out",
    "bench/run --plots",
    "ci/go_trace --keep",
    "ci/ocaml_trace --keep",
    "fuzz/build --objects",
]
NO_FOLDERS = ["/dev/null", "/dev/null/x", "/proc/x", "{text}", "{text}/x", "''"]
OUTPUT_FILES = [
    "fuzz/run pool_fuzz --json",
    "proofs/defects/run --json",
    "bench/run --json",
    "ci/go_trace --out",
    "ci/ocaml_trace --out",
    "proofs/run --json",
    "spec/model/run --json",
    "proofs/assembly/acl2/run --log",
]
NO_FILES = ["/nonexistent/x", "{out}", "{text}/x", "/proc/x", "''"]
INPUT_FILES = [
    "fuzz/run pool_fuzz --replay",
    "proofs/defects/run --patch",
    "bench/run --program",
    "bench/cost.py --record",
    "proofs/run --goals",
    "proofs/run --hints",
    "proofs/assembly/acl2/run --program",
    "ci/go_trace.d/volume.py --contig",
    "ci/ocaml_trace.d/fibers.py --contig",
]
NO_INPUT = ["/nonexistent", "{out}", "{text}/x", "'{out}/a b\nc'", "''"]
INPUT_FOLDERS = [
    "bench/run --goroot",
    "bench/run --ocaml",
    "fuzz/coverage --corpus",
    "ci/style/style.py --root",
    "fuzz/build --root",
    "ci/go_trace --goroot",
    "ci/go_trace.d/volume.py --goroot",
    "ci/ocaml_trace --ocaml",
    "ci/ocaml_trace --sources",
    "ci/ocaml_trace.d/fibers.py --ocaml",
    "ci/ocaml_trace.d/fibers.py --sources",
]

# The file that holds a tool, if it is in Python.
PYTHON = {
    **{name: name for name in [*TOOLS, "ci/report/figures.py", "ci/explain"]},
    "ci/verify": "ci/report/verify.py",
    "ci/go_trace": "ci/go_trace.d/go_trace.py",
    "ci/ocaml_trace": "ci/ocaml_trace.d/ocaml_trace.py",
}
# What writes files, or has a compiler or a prover write them, which dies with words about its input if it cannot.
WRITERS = [
    "proofs/run bits",
    "proofs/contracts bits",
    "proofs/defects/run --quick --by proof",
    "proofs/callers/check.py --only copy_test",
    "proofs/object_identity.py src/core/move/copystack.c",
    "proofs/trivial.py bits",
    "fuzz/run pool_fuzz --out {out}/run",
    "fuzz/build {out}/build pool_fuzz",
    "fuzz/coverage",
    "proofs/defects/run --check",
    "bench/run --tiny --program /bin/true",
    "ci/go_trace --check",
    "ci/ocaml_trace --sources ci/ocaml_trace.d/fake/sources --check",
    "spec/model/run futex",
    "ci/verify --quick --out {out}/verify",
    "ci/nightly fuzz --out={out}/night",
]

# Not here: `proofs/run nosuch`, which reads every unit with Frama-C before it knows that there is no such function.
OTHERS = [
    Case("ci/verify --only nosuchstep", "nosuchstep"),
    Case("ci/verify stray", "stray"),
    # {out} has a blank in its path.
    Case(
        "mkdir {out}/tree && cp -R ci {out}/tree && python3 {out}/tree/ci/bazel_test.py",
        "path has a blank",
    ),
    Case("ci/verify --quick --out", "--out"),
    Case("ci/verify --minutes 1 --minutes 2", "--minutes is given twice"),
    Case("ci/nightly nosuchstep", "nosuchstep"),
    Case("src/conform/kit/make.py", "folder"),
    Case("src/conform/kit/make.py {text}/x", "no folder"),
    Case("src/conform/kit/make.py {out} more", "more"),
    Case("ci/nightly fuzz --out=/proc/x", "/proc/x"),
    Case("ci/setup --nosuch", "--nosuch"),
    Case("ci/setup --check more", "more"),
    Case("(ulimit -n 6; ci/setup --check)", "could not look"),
    Case("PATH=/nonexistent /bin/bash ci/setup --check", "could not look"),
    Case("ci/setup --check", "cannot be written", {"PATH": "{few}"}, ">/dev/full"),
    Case("ci/report/figures.py", "an option is missing"),
    Case("ci/report/figures.py --chek", "--chek"),
    Case("ci/report/figures.py --check --write", "--check --write"),
    Case("fuzz/run", "TARGET"),
    Case("fuzz/run nosuch_fuzz", "nosuch_fuzz"),
    Case("fuzz/run pool_fuzz --engine none", "none"),
    Case("fuzz/run all --replay {text}", "--replay needs one target"),
    Case("fuzz/run pool_fuzz --json {file} --json {file}", "--json is given twice"),
    Case("fuzz/run pool_fuzz", "/proc/x", {"FUZZ_OUT": "/proc/x"}),
    Case(
        "fuzz/run pool_fuzz --no-ledger --out {out}/run",
        "clang' is not installed",
        {"PATH": "{few}"},
    ),
    Case(
        "fuzz/run pool_fuzz --replay {text} --out {out}/replay",
        "clang' is not installed",
        {"PATH": "{few}"},
    ),
    Case("fuzz/build", "OUT"),
    Case("fuzz/build {out}/build nosuch_fuzz", "nosuch_fuzz"),
    Case("fuzz/build {out}/build pool_fuzz", "nosuchcc' is not installed", {"CC": "nosuchcc"}),
    Case("fuzz/build {out}/build pool_fuzz", "ended with status 1", {"CC": "false"}),
    Case("fuzz/build {text}", "no folder"),
    Case("fuzz/coverage", "TMPDIR is '/nonexistent'", {"TMPDIR": "/nonexistent"}),
    Case("fuzz/coverage stray", "stray"),
    Case("proofs/defects/run nosuch", "nosuch"),
    Case("proofs/defects/run --engine none", "none"),
    Case("proofs/defects/run --by luck", "luck"),
    Case("proofs/defects/run --check --list", "--list"),
    Case("proofs/defects/run --patch {text}", "changes no file"),
    Case("printf '+++ b/x\\n' >{file}; proofs/defects/run --patch {file}", "'What:'"),
    Case("proofs/defects/run --patch /bin/true", "not UTF-8"),
    Case("proofs/defects/run --patch {text} wrong_pool", "--patch and the name 'wrong_pool'"),
    Case("proofs/defects/run --by gate wrong_pool", "no defect is left"),
    Case("proofs/defects/run --by proof sudog_half_moved", "not installed", {"PATH": "{few}"}),
    Case("proofs/defects/run --check", "TMPDIR is '/dev/null'", {"TMPDIR": "/dev/null"}),
    Case("proofs/defects/run --check", "output cannot be written", {}, ">/dev/full"),
    Case("proofs/defects/run --check", "git' is not installed", {"PATH": "{few}"}),
    Case("bench/run stray", "stray"),
    Case("bench/run --only nosuchrow", "nosuchrow"),
    Case("bench/run --only ''", "--only"),
    Case("bench/run --tiny --program /bin/false", "false switch"),
    Case("bench/run --tiny --program {text}", "cannot be run"),
    Case("bench/run --tiny --program /bin/true", "printed no table"),
    Case("bench/run --tiny --program /bin/false", "TMPDIR", {"TMPDIR": "{text}"}),
    Case("bench/instructions.py {text}", "which compiler made it"),
    Case("bench/instructions.py {text} --only nosuchpath", "nosuchpath"),
    Case("bench/instructions.py {text} --only switch --record", "--only leaves out"),
    Case("bench/cost.py", "give one of"),
    Case("bench/cost.py --record bench/schema.json", "is not what bench/run"),
    Case("bench/cost.py --check --write", "give one of"),
    Case("bench/cost.py --record README.md", "not JSON"),
    Case("bench/run --core", "bazel is not installed", {"PATH": "{few}"}),
    Case("spec/model/run nosuch", "no model 'nosuch'; there are away"),
    Case("spec/model/run --write", "--write needs --bugs"),
    Case("spec/model/run --write --bugs futex", "--write needs --bugs"),
    Case("spec/model/run futex", "spin is not installed", {"PATH": "{few}"}),
    Case("spec/model/run futex", "TMPDIR is '/nonexistent'", {"TMPDIR": "/nonexistent"}),
    Case("proofs/run --platform nosuch relocate", "nosuch"),
    Case("proofs/run --platform '' relocate", "no platform"),
    Case("proofs/run --stop '' relocate", "--stop"),
    Case("proofs/run --record --smoke", "--smoke"),
    Case("python3 proofs/pack.py", "four arguments"),
    Case("python3 proofs/pack.py nosuch {file} {file} {file}", "nosuch"),
    Case("proofs/object_identity.py", "FILE"),
    Case("proofs/object_identity.py /nonexistent", "/nonexistent"),
    Case("proofs/compiled_text.py nosuch", "nosuch"),
    Case("proofs/run --record --cache {out}", "--cache"),
    Case("proofs/run --cache {text} relocate", "--cache"),
    Case("proofs/run --goals {text} relocate", "not JSON"),
    Case("proofs/run --hints {text} relocate", "does not say which prover"),
    Case("proofs/run --hints proofs/goals.json relocate", "does not say which prover"),
    Case('echo \'{"x": {"z3": "ab"}}\' >{file}; proofs/run --hints {file}', "does not say which"),
    Case("head -c 99999 /dev/zero | tr '\\0' [ >{file}; proofs/run --hints {file}", "does not say"),
    Case("head -c 99999 /dev/zero | tr '\\0' [ >{file}; proofs/run --goals {file}", "not JSON"),
    Case("proofs/run --job 1 relocate", "--job"),
    Case("proofs/run --platform linux --platform plan9 relocate", "--platform is given twice"),
    Case("proofs/run --ratio", "standard output is closed", {}, ">&-"),
    Case("proofs/run relocate", "TMPDIR is '/nonexistent'", {"TMPDIR": "/nonexistent"}),
    Case("echo '[]' >{file}; proofs/run --goals {file} relocate", "no goals"),
    Case("(ulimit -v 150000; proofs/run relocate)", "clang could not run"),
    Case("proofs/run --platform \"$(printf 'a\\033[31m')\"", r"\x1b[31m"),
    # Each of these loads Z3, which takes a second.
    Case("proofs/assembly/prove.py --help", "output cannot be written", {}, ">/dev/full"),
    Case("proofs/assembly/prove.py --zydis /nonexistent /bin/true", "--zydis"),
    Case("proofs/assembly/prove.py --zydis /bin/true {text}", "not a linked program"),
    Case("proofs/assembly/prove.py --zydis /bin/true --json /proc/x /bin/true", "--json"),
    Case("proofs/assembly/prove.py --zydis /bin/true --root /nonexistent /bin/true", "--root"),
    Case("proofs/assembly/prove.py --zydis /bin/true --root {out} /bin/true", "layout.h"),
    Case("proofs/assembly/prove.py --zydis /bin/true --solvers z4 /bin/true", "z4"),
    Case("proofs/assembly/prove.py --zydis /bin/true /bin/true", "none of the routines"),
    Case("proofs/assembly/cosim.py --zydis /bin/true --out {out} /bin/true", "--out"),
    Case("proofs/assembly/mutate.py --zydis /bin/true {text}", "not a linked program"),
    Case("src/c/contig-cc", "no input"),
    Case("src/c/contig-cc -o", "'-o' has no word"),
    Case("src/c/contig-cc -flto -c {text}", "-flto"),
    Case("src/c/contig-cc -fsanitize=address -c {text}", "-fsanitize=address"),
    Case("src/c/contig-cc --kit={out} -c {text}", "is no kit"),
    Case("src/c/contig-cc -c {text}", "is no kit", {"CONTIG_KIT": "/nonexistent"}),
    Case("src/c/real_programs", "required: folder"),
    Case("src/c/real_programs --nosuch {out}", "--nosuch"),
    Case("src/c/real_programs --only=nosuch {out}", "nosuch"),
    Case("proofs/assembly/acl2/run --sab", "--sab"),
    Case("proofs/assembly/acl2/run --sabotage --cases 5", "--cases"),
    Case("proofs/assembly/acl2/run --log {file}", "no ACL2", {"CONTIG_ACL2": "{out}"}),
    Case("/usr/bin/python3 proofs/assembly/acl2/generate.py", "three arguments"),
    Case("/usr/bin/python3 proofs/assembly/acl2/generate.py {text} {text} {out}", "ELF"),
    Case("/usr/bin/python3 proofs/assembly/acl2/cosim/cases.py", "three arguments"),
    Case("/usr/bin/python3 proofs/assembly/acl2/cosim/cases.py {text} 1 1", "ELF"),
    Case("proofs/assembly/acl2/install --nosuch", "usage"),
    Case("proofs/assembly/acl2/install ''", "empty"),
    Case("proofs/assembly/acl2/install {text}/x", "cannot be made"),
    Case(
        "env -u HOME -u XDG_CACHE_HOME -u CONTIG_ACL2 proofs/assembly/acl2/install --check", "HOME"
    ),
    Case("proofs/callers/check.py --only nosuch", "nosuch"),
    Case("proofs/contracts --rec", "--rec"),
    Case("proofs/contracts nosuch", "nosuch"),
    Case("proofs/contracts bits", "not installed", {"PATH": "{few}"}),
    Case("proofs/contracts bits", "standard output is closed", {}, ">&-"),
    Case("proofs/contracts bits", "TMPDIR is '/nonexistent'", {"TMPDIR": "/nonexistent"}),
    Case("proofs/run relocate", "not installed", {"PATH": "{few}"}),
    Case("proofs/run --ratio", "output cannot be written", {}, ">/dev/full"),
    Case("ci/explain", "NAME"),
    Case("ci/explain nosuch_name", "nosuch_name"),
    Case("ci/explain --nosuch", "--nosuch"),
    Case("ci/explain --gaps", "output cannot be written", {}, ">/dev/full"),
    Case("ci/explain COPY-2", "output cannot be written", {}, ">/dev/full"),
    Case("ci/go_trace --check", "TMPDIR", {"TMPDIR": "/nonexistent"}),
    Case("(ulimit -v 200000; ci/go_trace --check)", "fatal error"),
    Case("ci/go_trace --check --goroot {out}", "no Go that runs"),
    Case("ci/go_trace --check", "no Go that runs", {"PATH": "{few}"}),
    Case("ci/go_trace", "efence=1", {"GODEBUG": "gctrace=0,efence=1"}),
    Case("ci/go_trace nosuch.go", "nosuch.go"),
    Case("ci/go_trace --test", "--test"),
    Case("ci/go_trace.d/volume.py --contig /bin/false --rounds 1", "does not judge traces"),
    Case("ci/go_trace.d/volume.py --contig {text} --rounds 1", "cannot be run"),
    Case("ci/go_trace --test ''", "no package"),
    Case("ci/go_trace --test -- -x", "--test"),
    Case("ci/ocaml_trace", "--sources"),
    Case("ci/ocaml_trace --sources {out}", "no OCaml that runs", {"PATH": "{few}"}),
    Case("ci/ocaml_trace --sources {out} --check", "VERSION"),
    Case("ci/ocaml_trace --sources {out} nosuch.ml", "nosuch.ml"),
    Case("ci/ocaml_trace --sources {out} {text}", "no OCaml source"),
    Case("ci/ocaml_trace --sources {out} --ocaml {out}", "no OCaml that runs"),
    Case(
        "ci/ocaml_trace --sources ci/ocaml_trace.d/fake/sources --check",
        "TMPDIR",
        {"TMPDIR": "/nonexistent"},
    ),
    Case("ci/ocaml_trace.d/fibers.py --ocaml {out}", "--sources"),
    Case(
        "ci/ocaml_trace.d/fibers.py --ocaml {out} --sources {out} --contig /bin/false",
        "does not judge traces",
    ),
    Case(
        "ci/ocaml_trace.d/fibers.py --ocaml {out} --sources {out} --contig {text}", "cannot be run"
    ),
    Case("ci/nightly fibers", "CONTIG_OCAML_SOURCES", {"CONTIG_OCAML": ""}),
    Case("ci/go_findsghi 0", "0"),
    Case("ci/go_findsghi 1 2", "one argument"),
    Case("ci/go_findsghi '1;id'", "ROUNDS"),
    Case("ci/go_findsghi 99999999999999999999", "ROUNDS"),
    Case("ci/oss_fuzz/dry_run nosuch", "nosuch"),
    Case("ci/oss_fuzz/dry_run libfuzzer '$(id)'", "no engine"),
    Case("proofs/assembly/nightly --nosuch", "no argument"),
    Case("ci/oss_fuzz/beside.py", "OUT"),
    Case("ci/oss_fuzz/beside.py {text}", "text"),
    Case("ulimit -f 8; ci/oss_fuzz/beside.py {out}", "_seed_corpus.zip' cannot be written"),
    Case("ci/style/style.py", "output cannot be written", {}, ">/dev/full"),
    Case("ci/style/style.py --rules", "output", {}, ">&-"),
    Case("ci/style/style.py stray", "stray"),
    # A name goes to the terminal escaped, and a long one cut.
    Case("fuzz/run \"$(printf 'a\\033[31m')\"", r"\x1b[31m"),
    Case("proofs/defects/run \"$(printf 'a\\nb')\"", r"a\nb"),
    Case("ci/nightly \"$(printf '\\377')\"", r"\udcff"),
    # What is hostile around a tool is no reason to fail.
    Case(
        "ci/style/style.py --rules",
        "",
        {"HOME": "/nonexistent", "GIT_DIR": "/nonexistent", "LC_ALL": "C"},
        "",
        0,
    ),
    Case(
        "ci/go_trace --check && [ ! -e {out}/home ]",
        "",
        {"HOME": "{out}/home", "GIT_DIR": "/none", "TMPDIR": "{out}"},
        "",
        0,
    ),
    Case("proofs/defects/run --check", "", {"HOME": "", "TMPDIR": "{out}"}, "", 0),
    Case(
        "sed 's/^Test: .*/&\\nPlatform: none/' proofs/defects/move/forced_move_grows.patch >{file}; "
        "proofs/defects/run --patch {file}",
        "there is no platform 'none'",
    ),
    Case(
        "sed 's/^Vectors: .*/Vectors: HEAP-1/' proofs/defects/heap/nothing_swept.patch >{file}; "
        "proofs/defects/run --patch {file}",
        "'Vectors: HEAP-1' is none of the requirements",
    ),
]


def table() -> list[Case]:
    """Every case."""
    cases = []
    for options_of_numbers, wrong in ((NUMBERS, NO_NUMBERS), (FRACTIONS, NO_FRACTIONS)):
        cases += [
            Case("%s=%s" % (option, value), option.split()[-1])
            for option, high in options_of_numbers
            for value in wrong + [high]
        ]
    for options, names in (
        (OUTPUT_FOLDERS, NO_FOLDERS),
        (OUTPUT_FILES, NO_FILES),
        (INPUT_FILES, NO_INPUT),
    ):
        cases += [
            Case("%s %s" % (option, name), option.split()[-1])
            for option in options
            for name in names
        ]
    cases += [
        Case("%s %s" % (option, name), option.split()[-1])
        for option in INPUT_FOLDERS
        for name in ("/nonexistent", "{text}")
    ]
    cases += [
        Case("(ulimit -f 8; %s)" % writer, "a file of 16 MiB cannot be written")
        for writer in WRITERS
    ]
    needed = {
        "bench/instructions.py": " {text}",
        "fuzz/run": " pool_fuzz",
        "fuzz/build": " {out}/build pool_fuzz",
        "src/conform/kit/make.py": " {out}",
    }
    cases += [Case(tool + needed.get(tool, "") + " --nosuch", "--nosuch") for tool in TOOLS]
    cases += [
        Case(tool + " --help", "output", {}, to)
        for tool in TOOLS + SCRIPTS_OF_A_SHELL
        for to in (">/dev/full", ">&-")
    ]
    cases += [Case(tool + " --help", "", {}, "", 0) for tool in ALL_WITH_HELP]
    return cases + OTHERS
