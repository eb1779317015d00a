"""run [OPTION...]: what contig's stacks cost, beside their peers, for the same work on this machine in one run.

  --quick           three repetitions instead of twenty, and fewer sizes
  --core            copystack alone, without goroutines that run; beside memcpy and a plain C loop
  --sweeps          sizes, depths and numbers one after the other, and the slopes
                    --sweeps and --core leave out the rest
  --json FILE       writes the table as JSON, too (bench/schema.json)
  --plots DIR       writes a plot of each item and each sweep as SVG
  --only TEXT       only the rows whose name contains TEXT
  --goroot DIR      this Go, too; may be given again
  --ocaml DIR       an OCaml 5 (DIR/bin/ocamlopt)
  --program FILE    uses this contig_bench instead of building //bench:contig_bench
  --repeat N        so many repetitions
  --tiny            counts so small that the figures mean nothing: for tests of this program

Exit status: 0, also where peers are missing (the last lines name them); 2 if something could not be built, run or
written.
"""
from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import measures
import plots
import sweeps
import table
from contig import arguments, environment, files, processes, tool
from measures import Measure, Scale
from peers import Programs, all_peers, versions
from running import Runner, take

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# A share of the time that our programs waited for a processor, above which the machine counts as busy.
BUSY_SHARE = 0.05
BUILD_SECONDS = 3600
REPETITIONS = {Scale.TINY: 1, Scale.QUICK: 3, Scale.FULL: 20}
MOST_REPETITIONS = 1000


def program_build() -> str:
    """The path of contig_bench, optimized."""
    if shutil.which("bazel") is None:
        raise tool.Problem(
            "bazel is not installed: run ci/setup, or name a built contig_bench with --program"
        )
    options = ["--config=debian7"] if os.path.isdir("/usr/share/bazel/rules/shell") else []
    quiet = ["--noshow_progress", "--show_result=0", "--ui_event_filters=-info"]
    command = ["bazel", "build", "-c", "opt", *quiet, *options, "//bench:contig_bench"]
    home = {**os.environ, "HOME": environment.home()}
    # What is built must not go to standard output, which is for the table.
    if processes.run(command, BUILD_SECONDS, cwd=ROOT, env=home, stdout=sys.stderr).status != 0:
        raise tool.Problem("bazel could not build //bench:contig_bench")
    asked = processes.captured(
        ["bazel", "info", "-c", "opt", *options, "bazel-bin"], BUILD_SECONDS, cwd=ROOT, env=home
    )
    if asked.done.status != 0:
        raise tool.Problem("bazel does not say where it built //bench:contig_bench")
    return os.path.join(asked.output.strip(), "bench", "contig_bench")


def processor_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as text:
            return next(
                line.split(":", 1)[1].strip() for line in text if line.startswith("model name")
            )
    except (OSError, StopIteration):
        return "unknown"


def go_version() -> str | None:
    if shutil.which("go") is None:
        return None
    asked = processes.captured(["go", "env", "GOVERSION"], BUILD_SECONDS)
    return asked.output.strip() or None


def chosen(options: argparse.Namespace, scale: Scale) -> list[Measure]:
    """The measures of which a row is wanted."""
    if options.core or options.sweeps:
        asked = [
            *(measures.core(scale) if options.core else ()),
            *(sweeps.measures(scale) if options.sweeps else ()),
        ]
    else:
        asked = [*measures.runtime(scale), *sweeps.measures(scale)]
    found = [
        measure
        for measure in asked
        if any((options.only or "") in row.name for row in measure.rows)
    ]
    if not found:
        raise tool.Problem("no row's name contains %s" % tool.shown(options.only))
    return found


def measured(
    todo: list[Measure], runner: Runner, program: str, programs: Programs, repetitions: int
) -> Iterator[dict[str, Any]]:
    """The rows, as they come; each is printed."""
    here = len(os.sched_getaffinity(0))
    for measure in todo:
        if measure.processors > here:
            programs.note(
                "Rows on %d processors are left out: here is %d." % (measure.processors, here)
            )
            continue
        try:
            rows = list(
                table.rows_of(measure, take(measure, runner, program, programs, repetitions))
            )
        except (KeyError, ZeroDivisionError) as error:
            raise tool.Problem(
                "%s %s printed a table without a number that is needed: %s"
                % (os.path.basename(program), " ".join(measure.arguments), error)
            ) from error
        for row in rows:
            print(table.row_text(row), flush=True)
            yield row


def notes_print(notes: list[str], share: float) -> None:
    print(
        "\nMedians of processor time; ^: more is better; ~: far from the best repetition (by more than %d %%); "
        "contig / column [interval of 95 %%]." % round(100 * table.SPREAD - 100)
    )
    if share > BUSY_SHARE:
        print(
            "The machine was busy: the programs waited %d %% of the time for a processor; that is not counted, but "
            "shared caches make times longer, and ratios less so." % round(100 * share)
        )
    for note in notes:
        print(note)


def parsed() -> argparse.Namespace:
    parser = arguments.Parser("bench/run", __doc__ or "")
    for flag in ("--quick", "--core", "--sweeps", "--tiny"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--json", metavar="FILE", type=arguments.output_file)
    parser.add_argument("--plots", metavar="DIR", type=arguments.output_folder)
    parser.add_argument("--only", metavar="TEXT", type=arguments.some_text)
    parser.add_argument("--goroot", action="append", default=[], type=arguments.input_folder)
    parser.add_argument("--ocaml", metavar="DIR", type=arguments.input_folder)
    parser.add_argument("--program", metavar="FILE", type=arguments.input_file)
    parser.add_argument(
        "--repeat", metavar="N", type=arguments.whole(1, MOST_REPETITIONS, "a number")
    )
    return parser.read()


def run(options: argparse.Namespace, cache: str) -> None:
    scale = Scale.TINY if options.tiny else Scale.QUICK if options.quick else Scale.FULL
    repetitions = options.repeat or REPETITIONS[scale]
    todo, runner = chosen(options, scale), Runner()
    programs = Programs(all_peers(options.goroot, options.ocaml), cache)
    program = options.program or program_build()
    rows = list(measured(todo, runner, program, programs, repetitions))
    swept = [
        table.sweep_of(sweep, mine)
        for sweep in sweeps.ALL
        if (mine := [row for row in rows if row["item"] == sweep.name])
    ]
    for sweep in swept:
        print(table.sweep_text(sweep))
    share = runner.busy_share()
    notes_print(programs.notes, share)
    found = {
        "schema": table.SCHEMA,
        "processor": processor_name(),
        "go": go_version(),
        "repetitions": repetitions,
        "waited_share": share,
        "busy": share > BUSY_SHARE,
        "packages": versions(programs.peers),
        "notes": programs.notes,
        "rows": rows,
        "sweeps": swept,
    }
    if options.json:
        files.write_json(options.json, found)
    if options.plots:
        plots.write_all(found, files.output_folder(options.plots))


def main() -> int:
    options = parsed()
    run(options, environment.private_folder("contig-bench"))
    return 0
