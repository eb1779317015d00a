#!/usr/bin/env python3
"""fibers.py --ocaml DIR --sources DIR [OPTION...]: real OCaml programs grow their fibers, and each move is made again.

The program of ci/ocaml_trace, in one domain and in several, writes its trace through a pipe to `contig conform
--moves`; nothing is kept.  Then fiber.c is made wrong, one place at a time, and each of these runtimes must be found
to deviate.

  --ocaml DIR     the OCaml installation
  --sources DIR   its sources
  --contig FILE   the program that judges; default: built by Bazel
  --rounds N      of the program, in each domain; default 60
  --right-only    without the wrong runtimes

Exit status: 0 if all that is right conforms, with 10,000 growths at least, and all that is wrong deviates; 1 if not;
2 if something could not be run.
"""
import json
import os
import sys
from argparse import Namespace
from typing import Any, NamedTuple

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from contig import anchors, arguments, files, judging, tool  # noqa: E402
from contig.anchors import Edit  # noqa: E402
from derive import FILE  # noqa: E402

OCAML_TRACE = os.path.join(HERE, "ocaml_trace.py")
DOMAINS = (1, 2, 4)
MOST_ROUNDS = 100_000
LEAST_GROWTHS = 10_000
COUNTED = ("lines", "allocations", "growths", "moves", "words")
# A wrong runtime may never end.
WRONG_ROUNDS, WRONG_SECONDS = 10, 120


class Wrong(NamedTuple):
    """A runtime with one defect; what it does then."""

    name: str
    function: str
    anchor: str
    text: str


WRONG = [
    Wrong(
        "the copy loses the last word",
        "caml_try_realloc_stack",
        r"^( +)stack_used \* sizeof\(value\)\);",
        r"\1(stack_used - 1) * sizeof(value));",
    ),
    Wrong(
        "the copy loses the first word",
        "caml_try_realloc_stack",
        r"memcpy\(Stack_high\(new_stack\) - stack_used,",
        "memcpy(Stack_high(new_stack) - stack_used + 1,",
    ),
    Wrong(
        "the stack pointer is a word too high",
        "caml_try_realloc_stack",
        r"new_stack->sp = Stack_high\(new_stack\) - stack_used;",
        "new_stack->sp = Stack_high(new_stack) - stack_used + 1;",
    ),
    Wrong(
        "a growth is by a half",
        "caml_try_realloc_stack",
        r"wsize \*= 2;",
        "wsize += wsize / 4 * 2;",
    ),
    Wrong(
        "a growth is larger than needed", "caml_try_realloc_stack", r"wsize \*= 2;", "wsize *= 4;"
    ),
    Wrong(
        "a growth does not look at the frame",
        "caml_try_realloc_stack",
        r"wsize < stack_used \+ required_space",
        "wsize < stack_used",
    ),
    Wrong(
        "the limit is not the one that was set",
        "caml_try_realloc_stack",
        r"max_stack_wsize = caml_max_stack_wsize;",
        "max_stack_wsize = 2 * caml_max_stack_wsize;",
    ),
    Wrong(
        "exception handlers are not relocated",
        "caml_rewrite_exception_stack",
        r"^ +\*exn_ptr = Stack_high\(new_stack\).*",
        "",
    ),
    Wrong(
        "a bucket of the cache takes stacks of other sizes",
        "stack_cache_bucket",
        r"wosize == size_bucket_wsz",
        "wosize >= size_bucket_wsz",
    ),
    Wrong(
        "a stack stays in the cache when it is allocated",
        "alloc_size_class_stack_noexc",
        r"\(struct stack_info\*\)stack->exception_ptr;",
        "stack;",
    ),
]


def tracer(options: Namespace, sources: str, *words: str) -> list[str]:
    return [
        sys.executable,
        OCAML_TRACE,
        "--ocaml",
        options.ocaml,
        "--sources",
        sources,
        "--moves",
        *words,
    ]


def right(options: Namespace) -> bool:
    """The runtime as it is; whether it conforms, with growths enough."""
    total = dict.fromkeys(COUNTED, 0)
    good = True
    for domains in DOMAINS:
        report = options.judge.judged(
            tracer(options, options.sources, str(options.rounds), str(domains), str(domains))
        )
        conforms = report["result"] == "conforms"
        good = good and conforms
        print(
            "%s with %d domains: %s; %.0f s"
            % (
                "conforms" if conforms else "DEVIATES " + json.dumps(report),
                domains,
                shown(report),
                report["seconds"],
            ),
            flush=True,
        )
        for name in COUNTED:
            total[name] += report[name]
    enough = total["growths"] >= LEAST_GROWTHS
    print(
        "together: %s%s"
        % (shown(total), "" if enough else "; FEWER than %d growths" % LEAST_GROWTHS),
        flush=True,
    )
    return good and enough


def shown(numbers: dict[str, Any]) -> str:
    return ", ".join("%d %s" % (numbers[name], name) for name in COUNTED)


def make_wrong(sources: str, wrong: Wrong, folder: str) -> None:
    """Sources with the defect, as far as ci/ocaml_trace reads them."""
    os.makedirs(os.path.join(folder, "runtime"), exist_ok=True)
    version = files.read(os.path.join(sources, "VERSION"))
    source = anchors.Source(
        files.read(os.path.join(sources, "runtime", FILE)).split("\n"),
        FILE,
        "OCaml " + version.split("\n")[0],
        anchors.C,
    )
    source.apply([Edit(FILE, wrong.function, wrong.anchor, 0, "replace", wrong.text)])
    files.write(os.path.join(folder, "VERSION"), version)
    files.write(os.path.join(folder, "runtime", FILE), "\n".join(source.lines))


def deviates(options: Namespace, wrong: Wrong, folder: str) -> bool:
    """Whether the runtime with that defect is found out."""
    make_wrong(options.sources, wrong, folder)
    command = tracer(options, folder, "--seconds", str(WRONG_SECONDS), str(WRONG_ROUNDS))
    report = options.judge.judged(command, may_fail=True)
    if report["result"] != "deviates":
        print("NOT FOUND: %s" % wrong.name, flush=True)
        return False
    print(
        "deviates: %s: line %d, %s: expected %s; found %s"
        % (wrong.name, report["line"], report["requirement"], report["expected"], report["found"]),
        flush=True,
    )
    return True


def main() -> int:
    parser = arguments.Parser("ci/ocaml_trace.d/fibers.py", __doc__ or "")
    parser.add_argument("--ocaml", type=arguments.input_folder)
    parser.add_argument("--sources", type=arguments.input_folder)
    parser.add_argument("--contig", type=arguments.input_file)
    parser.add_argument(
        "--rounds", type=arguments.whole(1, MOST_ROUNDS, "a number of rounds"), default=60
    )
    parser.add_argument("--right-only", action="store_true")
    options = parser.read()
    arguments.needed(options, "ocaml", "sources")
    options.judge = judging.Judge(options.contig, "--moves")
    good = right(options)
    if not options.right_only:
        with files.temporary("fibers") as folder:
            good = all([deviates(options, wrong, folder) for wrong in WRONG]) and good
    return 0 if good else 1


tool.run("ci/ocaml_trace.d/fibers.py", main)
