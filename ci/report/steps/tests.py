"""tests.py: the tests that are no proofs, by Bazel; a quick run takes those of sources and specification."""
import json
import re
from typing import Any

from run import Run, bazel

QUICK = ["//src/...", "//spec/...", "//examples/...", "//ci/style/..."]
LOG = "tests.log"
OPTIONS = (
    "--keep_going",
    "--test_tag_filters=-proof",
    "--build_tests_only",
    "--nocache_test_results",
)


def _rows(record: str) -> list[dict[str, Any]]:
    """The summary of each test in Bazel's record of events."""
    found: dict[str, dict[str, Any]] = {}
    with open(record, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if "testSummary" in event["id"] and "testSummary" in event:
                one = event["testSummary"]
                label = event["id"]["testSummary"]["label"]
                found[label] = {
                    "label": label,
                    "status": one["overallStatus"],
                    "seconds": int(one.get("totalRunDurationMillis", 0)) / 1000,
                    "cached": bool(one.get("totalNumCached")),
                }
    return [found[label] for label in sorted(found)]


def test(run: Run) -> None:
    """Runs them; one that does not pass falls short."""
    wanted = QUICK if run.options.quick else ["//..."]
    run.say("tests: %s" % " ".join(wanted))
    record = run.fresh("tests.json")
    status = run.call(
        bazel("test", "--build_event_json_file=" + record, *OPTIONS, *wanted),
        LOG,
        lambda line: line if re.match(r"(?:FAIL|ERROR|TIMEOUT)", line) else None,
    )
    rows = _rows(record)
    run.evidence["tests"] = rows
    failed = [row["label"] for row in rows if row["status"] != "PASSED"]
    run.say("tests: %d passed, %d failed" % (len(rows) - len(failed), len(failed)))
    if failed or status != 0:
        run.fell_short("tests: %s" % (", ".join(failed) or "bazel failed: %s" % run.log(LOG)))
    run.verified("gcc -std=c11 -O2 for core and runtime, x86-64 Linux", "%d tests" % len(rows))
