"""benchmarks.py: bench/run --quick."""
import re
from collections.abc import Callable
from typing import Any

from contig import files
from run import Run

LOG = "bench.log"


def _column(row: dict[str, Any], wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """The first column that is wanted."""
    return next((one for one in row["columns"] if wanted(one)), None)


def _median(cell: dict[str, Any] | None) -> float | None:
    return None if cell is None else cell["median"]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """contig beside Go and the first floor."""
    floor = _column(row, lambda one: bool(one["floor"]))
    go = _column(row, lambda one: bool(one["name"] == "Go"))
    return {
        **{key: row[key] for key in ("name", "unit", "better")},
        **{"contig": _median(row["contig"]), "go": _median(go), "floor": _median(floor)},
        "floor_is": None if floor is None else floor["name"],
    }


def measure(run: Run) -> None:
    """Times contig, Go and the floor."""
    report = run.fresh("bench.json")
    command = ["bench/run", "--quick", "--json", report]
    if run.call(command, LOG, lambda line: line if re.match(r"\S.*\d", line) else None) != 0:
        run.fell_short("benchmarks failed: " + run.log(LOG))
        return
    found = files.read_json(report)
    about = {key: found.get(key) for key in ("processor", "go", "repetitions", "busy")}
    rows = [_row(row) for row in found["rows"] if row["x"] is None]
    run.evidence["benchmarks"] = {**about, "rows": rows}
