"""bazel_test.py [BAZEL-ARGUMENT...]: what ci/test runs after the set-up: `bazel test` of the targets that are named, or
of `//...`, a table of the tests, and 'N passed, N failed' as the last line.

The table is from Bazel's own record of the run.  Exit status: 0 only if at least one test ran, every one passed, and
Bazel itself was content; 2 if Bazel did not take the arguments, or the folder, or a target is not there.
"""
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "ci"))
from contig import environment, files, processes, tool  # noqa: E402

LONGEST_SECONDS = 12 * 60 * 60
WRONG_ARGUMENTS = 2


def events(path: str) -> Iterator[dict[str, Any]]:
    """What Bazel recorded."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8", errors="replace") as record:
        for line in record:
            try:
                yield json.loads(line)
            except ValueError:
                # Bazel was killed while it wrote this line; its status says so too.
                return


def outcome(path: str) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """({label: summary} of the tests, labels of what was not built)."""
    tests: dict[str, dict[str, Any]] = {}
    broken: set[str] = set()
    for event in events(path):
        identity = event["id"]
        if "testSummary" in identity and "testSummary" in event:
            tests[identity["testSummary"]["label"]] = event["testSummary"]
        elif "targetCompleted" in identity and not event.get("completed", {}).get("success"):
            broken.add(identity["targetCompleted"]["label"])
        elif "configuredLabel" in identity or "unconfiguredLabel" in identity:
            label = identity.get("configuredLabel") or identity["unconfiguredLabel"]
            broken.add(label["label"])
    return tests, broken - set(tests)


def summary(path: str, status: int, ended: object = None) -> bool:
    """Prints the table; returns whether all is well."""
    tests, broken = outcome(path)
    for label, one in sorted(tests.items()):
        seconds = int(one.get("totalRunDurationMillis", 0)) / 1000
        cached = " (cached)" if one.get("totalNumCached") else ""
        print("%-7s %8.1f s  %s%s" % (one["overallStatus"], seconds, label, cached))
    for label in sorted(broken):
        print("NOT BUILT            %s" % label)
    passed: int = sum(one["overallStatus"] == "PASSED" for one in tests.values())
    failed = len(tests) - passed + len(broken)
    if ended is not None:
        print("ended by %s: these are the tests until then" % ended)
        failed += 1
    elif status != 0 and failed == 0:
        print("bazel failed (exit status %d) before it could say which test" % status)
        failed = 1
    if passed + failed == 0:
        print("no test was run")
        failed = 1
    print("%d passed, %d failed" % (passed, failed), flush=True)
    return failed == 0


def unknown_patterns(path: str) -> dict[str, str]:
    """{pattern of the command line that names nothing: Bazel's reason}."""
    return {
        pattern: event["aborted"].get("description", "no reason").splitlines()[0]
        for event in events(path)
        if "aborted" in event
        for pattern in event["id"].get("pattern", {}).get("pattern", [])
        if pattern in sys.argv[1:] or "-" + pattern in sys.argv[1:]
    }


def check_patterns(folder: str) -> None:
    """Refuses a target that is not there: with --keep_going Bazel would test the whole tree before it says so."""
    if all(re.match(r"-(?!//|@)", word) for word in sys.argv[1:]):
        return
    record = os.path.join(folder, "patterns.json")
    processes.captured(
        command(record, "--nobuild"),
        LONGEST_SECONDS,
        together=True,
        env={**os.environ, "HOME": environment.home()},
    )
    for pattern, reason in unknown_patterns(record).items():
        raise tool.Problem("there is no target %s: %s" % (tool.shown(pattern), reason))


def command(record: str, *more: str) -> list[str]:
    options = ["--keep_going", *more]
    if not sys.stderr.isatty():
        # A log is read later: a line every half minute, instead of one that is redrawn.
        options += ["--curses=no", "--color=no", "--show_progress_rate_limit=30"]
    if os.path.isdir("/usr/share/bazel/rules/shell"):
        # Debian's Bazel 7 comes with this package; neither Bazel tells its version reliably.
        options.append("--config=debian7")
    named = any(re.match(r"(?!-).*([/:]|\.\.\.)", word) for word in sys.argv[1:])
    everything = [] if named else ["//..."]
    options.append("--build_event_json_file=" + record)
    return ["bazel", "test", *options, *everything, *sys.argv[1:]]


def main() -> int:
    if " " in os.path.realpath(ROOT):
        raise tool.Problem(
            "bazel builds in no folder whose path has a blank: move or rename %s" % tool.shown(ROOT)
        )
    os.chdir(ROOT)
    for name in os.listdir("."):
        if name.startswith("bazel-") and os.path.islink(name):
            # The links that Bazel left for another HOME would pass for folders of source; it makes its own again.
            os.unlink(name)
    with files.temporary("contig-test") as folder:
        check_patterns(folder)
        record = os.path.join(folder, "record.json")
        try:
            done = processes.run(
                command(record),
                LONGEST_SECONDS,
                grace=processes.TOOL_GRACE_SECONDS,
                env={**os.environ, "HOME": environment.home()},
                stderr=subprocess.STDOUT,
            )
        except tool.Ended as ended:
            summary(record, 1, ended)
            raise
        if done.status == WRONG_ARGUMENTS:
            raise tool.Problem("bazel does not take these arguments: %s" % " ".join(sys.argv[1:]))
        return 0 if summary(record, done.status, done.text() if done.late else None) else 1


tool.run("ci/test", main)
