"""pack.py UNIT OUT.tar OUT.json: what the proof of one unit of src/core depends on, and nothing else.

OUT.tar has the files that the unit includes, directly or not; OUT.json its part of goals.json.  Bazel compares
contents, so a change elsewhere in src/core, spec or goals.json leaves both as they were and the proof is not run
again.
"""
import io
import os
import re
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gates   # noqa: E402
import source  # noqa: E402


def included(path):
    """The file and all that it includes, by the preprocessor's own account."""
    rule = subprocess.run(["gcc", "-MM", "-I.", "-x", "c", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    return sorted({os.path.normpath(name) for name in re.sub(r"\\\n", " ", rule.split(":", 1)[1]).split()})


def main():
    unit, archive, goals = sys.argv[1:]
    with tarfile.open(archive, "w") as tar:
        for name in included(source.core_units()[unit]):
            with open(name, "rb") as text:
                content = text.read()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    recorded = gates.read_json("proofs/goals.json")
    gates.write_json(goals, {unit: recorded[unit]} if unit in recorded else {})


main()
