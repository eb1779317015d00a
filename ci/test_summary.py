"""test_summary.py RECORD STATUS: a table of the tests of one Bazel run, then 'N passed, N failed'.

RECORD is what `bazel test --build_event_json_file` wrote, STATUS how bazel ended.  The exit status is 0 only if
at least one test ran, every one passed, and bazel itself was content.
"""
import json
import sys


def events(path):
    with open(path, encoding="utf-8") as record:
        for line in record:
            try:
                yield json.loads(line)
            except ValueError:
                # Bazel was killed while it wrote this line; its status says so too.
                return


def main():
    path, status = sys.argv[1], int(sys.argv[2])
    tests, broken = {}, set()
    for event in events(path):
        identity = event["id"]
        if "testSummary" in identity and "testSummary" in event:
            tests[identity["testSummary"]["label"]] = event["testSummary"]
        elif "targetCompleted" in identity and not event.get("completed", {}).get("success"):
            broken.add(identity["targetCompleted"]["label"])
        elif "configuredLabel" in identity or "unconfiguredLabel" in identity:
            label = identity.get("configuredLabel") or identity["unconfiguredLabel"]
            broken.add(label["label"])

    for label, summary in sorted(tests.items()):
        seconds = int(summary.get("totalRunDurationMillis", 0)) / 1000
        cached = " (cached)" if summary.get("totalNumCached") else ""
        print("%-7s %8.1f s  %s%s" % (summary["overallStatus"], seconds, label, cached))
    passed = sum(summary["overallStatus"] == "PASSED" for summary in tests.values())
    failed = len(tests) - passed
    for label in sorted(broken - set(tests)):
        print("NOT BUILT            %s" % label)
        failed += 1
    if status != 0 and failed == 0:
        print("bazel failed (exit status %d) before it could say which test" % status)
        failed = 1
    if passed + failed == 0:
        print("no test was run")
        failed = 1
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


main()
