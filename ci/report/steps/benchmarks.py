"""benchmarks.py: bench/run --quick."""
import re
from typing import Any

from contig import files
from run import Run

LOG = "bench.log"
VALUES = ("contig", "go", "floor")


def _median(value: Any) -> float | None:
    measured: float | None = value["median"] if isinstance(value, dict) else value
    return measured


def _row(row: dict[str, Any]) -> dict[str, Any]:
    kept = {key: row[key] for key in ("name", "unit", "better")}
    values = {key: _median(row[key]) for key in VALUES}
    return {**kept, **values, "floor_is": row.get("floor_is")}


def measure(run: Run) -> None:
    """Times contig, Go and the floor."""
    report = run.fresh("bench.json")
    command = ["bench/run", "--quick", "--json", report]
    if run.call(command, LOG, lambda line: line if re.match(r"\S.*\d", line) else None) != 0:
        run.fell_short("benchmarks failed: " + run.log(LOG))
        return
    found = files.read_json(report)
    about = {key: found.get(key) for key in ("processor", "go", "repetitions", "busy")}
    run.evidence["benchmarks"] = {**about, "rows": [_row(row) for row in found["rows"]]}
