#!/usr/bin/env python3
"""bad_inputs_test.py TABLE LEAST NAME=PROGRAM...: each row of the table gets its exit status and its sentence.

A row: status | part of what is said | command.  The command is for bash; each NAME is a program, $B is the first, and
what they need is in the folder that it runs in (see prepare).  There are LEAST rows or more.  Requires of every row,
too: it ends by itself and soon, not by a signal; status 2 comes with one line on the standard error (rows that say
"lines:" before their part may say more); the words AddressSanitizer, runtime error and Traceback are nowhere.
ERR-4..ERR-6.
"""
import os
import shlex
import subprocess
import sys
import tempfile
from typing import Dict, List, NamedTuple

SECONDS = 60
FORBIDDEN = ("AddressSanitizer", "runtime error", "Traceback", "LeakSanitizer")
GOOD_TRACE = "@trace 1 profile=contig runtime=contig max=1000000000\n@phase 1\n@phase 2\n@phase 0\n"
GOOD_SCRIPT = "func frame 96 args -\n  set slot 3 = 7\n  check slot 3\nmain\ngo f0\nrun\n"
HEADER = b"\x7fcontig script 1\n"


class Row(NamedTuple):
    line: int
    status: int
    part: str
    command: str


def read_table(path: str) -> List[Row]:
    rows: List[Row] = []
    with open(path, encoding="utf-8") as table:
        for number, text in enumerate(table, 1):
            if text.strip() and not text.startswith("#"):
                status, part, command = (field.strip() for field in text.split("|", 2))
                rows.append(Row(number, int(status), part, command))
    return rows


def write(name: str, content: bytes) -> None:
    with open(name, "wb") as file:
        file.write(content)


def prepare() -> None:
    """Files that the rows name: a good trace and script, and spoilt ones."""
    write("good.trace", GOOD_TRACE.encode())
    write("good.script", GOOD_SCRIPT.encode())
    write("empty", b"")
    write("prose", b"Nothing here is an event.\nNor here.\n" * 100)
    write("bytes.script", HEADER + bytes([24, 0, 0, 0]))
    os.mkdir("folder")


def environment(program: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")
    }
    return {**kept, "B": program, "LC_ALL": "C.UTF-8"}


def functions(programs: Dict[str, str]) -> str:
    """A function of bash for each program."""
    return "".join(
        '%s() { %s "$@"; }\n' % (name, shlex.quote(path)) for name, path in programs.items()
    )


# ERR-4, ERR-5, ERR-6
def run(row: Row, programs: Dict[str, str]) -> List[str]:
    """What is wrong with a row."""
    try:
        done = subprocess.run(
            ["bash", "-c", functions(programs) + row.command],
            env=environment(next(iter(programs.values()))),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ["did not end"]
    said = done.stderr.decode(errors="replace")
    all_said = said + done.stdout.decode(errors="replace")
    wrong = []
    if done.returncode != row.status:
        wrong.append("ended with %d, not %d" % (done.returncode, row.status))
    several, part = row.part.startswith("lines:"), row.part.removeprefix("lines:").strip()
    if part not in (said if row.status == 2 else all_said):
        wrong.append("did not say %r" % part)
    if row.status == 2 and not several and said.count("\n") != 1:
        wrong.append("said %d lines" % said.count("\n"))
    wrong += ["said %r" % word for word in FORBIDDEN if word in all_said]
    return ["%s; it said: %s" % (one, all_said[:500]) for one in wrong]


def main() -> int:
    table, least, *words = sys.argv[1:]
    pairs = (word.split("=", 1) for word in words)
    programs = {name: os.path.abspath(path) for name, path in pairs}
    rows, bad = read_table(table), 0
    with open(next(iter(programs.values())), "rb") as program:
        sanitized = b"__asan_init" in program.read()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
        os.chdir(folder)
        prepare()
        for row in rows:
            if sanitized and "ulimit -v" in row.command:
                continue
            for wrong in run(row, programs):
                print("%s:%d: %s: %s" % (table, row.line, row.command, wrong))
                bad += 1
        os.chdir("/")
    if len(rows) < int(least):
        print("only %d rows" % len(rows))
        bad += 1
    print("%d rows, %d wrong" % (len(rows), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
