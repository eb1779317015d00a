#!/usr/bin/env python3
"""provers_test.py: each prover's answers are read for what they are: valid, unknown, out of steps, out of time.

A prover whose answers are misread would prove nothing while the other one closes most goals, and no smoke test would
see a contradiction by it."""
from __future__ import annotations

import os
import subprocess
import sys

sys.dont_write_bytecode = True
import paths  # noqa: E402
import frama_c  # noqa: E402
import provers  # noqa: E402

# Simplification alone decides neither goal.
SOURCE = r"""
/*@ requires every: \forall integer k; 0 <= k < n ==> 0 < a[k];
    requires some:  0 <= i < n && \valid_read(a + (0 .. n - 1));
    assigns  \nothing;
    ensures  right: 0 < a[i]; */
int right(const int *a, int n, int i) { return a[i]; }

/*@ requires every: \forall integer k; 0 <= k < n ==> 0 < a[k];
    requires some:  0 <= i < n && \valid_read(a + (0 .. n - 1));
    assigns  \nothing;
    ensures  wrong: 1 < a[i]; */
int wrong(const int *a, int n, int i) { return a[i]; }
"""


RUN = os.path.join(paths.PROOFS, "run")
# proofs/run, with a second for each goal and steps that nobody spends in it.
HURRIED = f"""
import runpy, sys
sys.path.insert(0, {paths.PROOFS!r})
import provers
provers.NET_SECONDS = 1
for prover in provers.PROVERS.values():
    prover.steps["quick"] = prover.steps["longer"] = prover.steps["proof"] = 10 ** 10
sys.argv[:] = ["run", "--goals", "none.json", "--hints", "none.json", "goals"]
runpy.run_path({RUN!r}, run_name="__main__")
"""


def hurried(folder: str) -> list[str]:
    """Sentences on what proofs/run says of a goal that nobody proves in time."""
    for name in ("src/core", "proofs/laws", "spec"):
        os.makedirs(os.path.join(folder, name))
    files = {
        "src/core/goals.c": SOURCE,
        "spec/platform.h": "#if CONTIG_PLATFORM == CONTIG_LINUX\n#endif\n",
        "none.json": "{}",
    }
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(text)
    done = subprocess.run(
        [sys.executable, "-c", HURRIED],
        cwd=folder,
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    wanted = ["1 goals ran out of time (1 s each)", "1 out of time", "NOT PROVED"]
    found = [f"proofs/run does not say '{text}'" for text in wanted if text not in done.stdout]
    found += [f"proofs/run ends with {done.returncode}"] if done.returncode != 1 else []
    return found + ([done.stdout] if found else [])


def answers(path: str) -> tuple[dict[str, int], dict[str, str]]:
    """({prover: goals of right that it proved}, {prover: its answer to the goal of wrong})."""
    proof = frama_c.prove(path, {"right", "wrong"}, each_prover=True)
    proved = {
        name.split(":")[0].lower(): count.get("valid", 0)
        for name, count in proof.functions["right"]["right_ensures_right"].items()
        if ":" in name
    }
    return proved, proof.answers().get("wrong_ensures_wrong", {})


def hinted(path: str, prover: str) -> list[str]:
    """Sentences on goals for which a prover is named: it is asked first, and proves only what is true."""
    goals = ("right_ensures_right", "wrong_ensures_wrong")
    proof = frama_c.prove(path, {"right", "wrong"}, hinted={prover: goals})
    found = []
    if not any(
        line.startswith(f"[wp] [Script] Goal typed_{goals[0]} : Valid") for line in proof.lines
    ):
        found.append(f"the hint that {prover} proves {goals[0]} is not followed")
    if set(proof.answers().get(goals[1], {})) != set(provers.PROVERS):
        found.append(f"with a hint for {prover}, {goals[1]} is not what no prover proves")
    return found


def main() -> int:
    findings = []
    with frama_c.Workplace() as place:
        path = place.path("goals.c")
        with open(path, "w", encoding="utf-8") as out:
            out.write(SOURCE)
        proved, said = answers(path)
        for name, prover in provers.PROVERS.items():
            if proved.get(name) != 1:
                findings.append(f"{name} does not prove what is true: {proved}")
            # Z3 goes on for ever here.
            if said.get(name) != {"z3": "out of steps"}.get(name, "unknown"):
                findings.append(f"{name} says '{said.get(name)}' to what is false")
            findings += hinted(path, name)
            prover.steps["proof"] = 50
        _, said = answers(path)
        findings += [
            f"{name} says '{said.get(name)}' when its steps are spent, and not 'out of steps'"
            for name in provers.PROVERS
            if said.get(name) != "out of steps"
        ]
        findings += hurried(place.path("tree"))
    for text in findings:
        print(text)
    print(f"{len(provers.PROVERS)} provers, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except frama_c.ToolMissing as problem:
        sys.exit(f"provers_test: {problem}")
