"""traces.py: recorded traces of Go, and those of demonstrations, replayed by the model."""
import glob
import gzip
import json
import os
import shutil
from typing import Any

from evidence import ROOT
from run import BUILD_SECONDS, HOUR, Run, bazel

PROGRAM = os.path.join(ROOT, "bazel-bin/src/cli/contig")
TRACES = os.path.join(glob.escape(ROOT), "src/conform/traces/*.gz")
DEMONSTRATIONS = (["fib", "20"], ["deep", "4194304"], ["shrink"], ["hotsplit"])
LOG = "traces.log"


def _conform(run: Run, name: str, path: str) -> dict[str, Any]:
    """Replays a trace, and removes it; its row."""
    result = run.ask([PROGRAM, "conform", "--json", path], HOUR, together=True)
    os.remove(path)
    said = result.output.strip()
    try:
        one = json.loads(said.split("\n")[-1])
    except ValueError:
        one = {"result": "unreadable"}
    if one["result"] != "conforms":
        run.fell_short("trace %s: %s" % (name, said[:200]))
    return {
        "trace": name,
        "profile": one.get("profile"),
        "lines": one.get("lines", 0),
        "allocations": one.get("allocations"),
        "growths": one.get("growths"),
        "shrinks": one.get("shrinks"),
        "result": one["result"],
    }


def _recorded(run: Run, packed: str) -> dict[str, Any]:
    """The row of a trace that stands in the tree."""
    name = os.path.basename(packed)[: -len(".gz")]
    path = run.log(name)
    with gzip.open(packed, "rb") as text, open(path, "wb") as out:
        shutil.copyfileobj(text, out)
    return _conform(run, name, path)


def _shown(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures of a demonstration; what is true or false is no figure."""
    return {
        key: value
        for key, value in figures.items()
        if key != "demo" and isinstance(value, (int, float, str)) and not isinstance(value, bool)
    }


def _demonstration(run: Run, words: list[str], trace: str) -> dict[str, Any]:
    """Runs one with all its checks; its row."""
    command = [PROGRAM, "demo", *words, "--check", "--json", "--trace=" + trace]
    result = run.ask(command, HOUR)
    try:
        figures = json.loads(result.output)
    except ValueError:
        figures = {}
    passed = result.done.status == 0 and figures.get("passed") is True
    if not passed:
        run.fell_short(
            "demonstration %s %s: %s" % (words[0], result.done.text(), result.errors.strip()[-200:])
        )
    return {"name": words[0], "passed": passed, "figures": _shown(figures)}


def replay(run: Run) -> None:
    """All of them."""
    if run.call(bazel("build", "//src/cli:contig"), LOG, seconds=BUILD_SECONDS) != 0:
        run.fell_short("traces: //src/cli:contig does not build: " + run.log(LOG))
        return
    rows = [_recorded(run, packed) for packed in sorted(glob.glob(TRACES))]
    demonstrations = []
    for words in DEMONSTRATIONS:
        path = run.fresh("contig-%s.txt" % words[0])
        demonstrations.append(_demonstration(run, words, path))
        if os.path.exists(path):
            rows.append(_conform(run, "contig demo " + words[0], path))
    run.evidence["traces"], run.evidence["demonstrations"] = rows, demonstrations
    conforming = sum(row["result"] == "conforms" for row in rows)
    run.say(
        "traces: %d replayed, %d conform; %d demonstrations"
        % (len(rows), conforming, len(demonstrations))
    )
