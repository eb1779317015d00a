"""provers.py: the provers, and how much work each may spend on a goal.

The limits are counted in the prover's own steps, so that a busy machine changes how long a proof takes and never
what it says.  A step is what the prover counts: Z3 some ten million a second, CVC4 some hundred thousand.  Why3
passes either seconds or steps to a prover, and does not know Z3's word for "out of steps"; so frama_c.py gives it a
configuration of our own, derived from the one that Why3 itself detects.
"""
from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

# Wall-clock seconds for a goal: only a net for a prover that hangs.  Who falls into it is out of time, not unproved.
NET_SECONDS = 600

# The same for smoke tests.  Z3 does not count the steps of some arithmetic, and never ends where there is nothing to
# find; a prover that is stopped here has found no contradiction, as one that has spent its steps.
SMOKE_SECONDS = {"all": 60, "quick": 2}

# Both provers may try each goal, first with few steps, then with many; it is enough that one of them proves it.  The
# first round closes 95 of 100 goals.  The most that a goal has needed is 7 million steps of Z3 and 610,000 of CVC4: the
# last round allows more, and a goal that is open is known to be so in a minute.  Where each prover is asked alone, the
# last round is enough.
ROUNDS = {"proof": ("quick", "longer", "proof"), "alone": ("proof",)}


@dataclass
class Prover:
    """A prover, as Why3 calls it."""

    shortcut: str  # Why3's name of it
    option: str  # what limits it
    steps: dict[str, int]  # for each kind of run
    # What it prints, as regular expressions of OCaml's Str.
    out_of_steps: str
    out_of_time: str


PROVERS = {
    "z3": Prover(
        "z3",
        "rlimit=%d",
        {
            "quick": 1_000_000,
            "longer": 7_000_000,
            "proof": 25_000_000,
            "smoke": 20_000_000,
            "smoke-quick": 2_000_000,
        },
        r'^unknown[^a-z]*(:reason-unknown "canceled")\\|'
        r'^unknown[^a-z]*(:reason-unknown "max. resource limit exceeded")',
        "^timeout$",
    ),
    "cvc4": Prover(
        "cvc4",
        "--rlimit=%d",
        {
            "quick": 80_000,
            "longer": 250_000,
            "proof": 900_000,
            "smoke": 200_000,
            "smoke-quick": 50_000,
        },
        "^unknown[^a-z]*(:reason-unknown resourceout)",
        "^unknown[^a-z]*(:reason-unknown timeout)",
    ),
}


class NoProver(Exception):
    """Why3 does not find a prover, or not one that it knows how to call."""


Section = dict[str, str]


def _why3(words: list[str], configuration: str, env: Mapping[str, str]) -> str:
    """What `why3 config` prints."""
    done = subprocess.run(
        ["why3", "config", *words, "-C", configuration],
        env=env,
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        said = done.stdout.strip().replace("\n", "; ")
        raise NoProver(f"why3 config {words[0]} failed: {said}")
    return done.stdout


def detected(configuration: str, env: Mapping[str, str]) -> tuple[Section, dict[str, Section]]:
    """Why3's main section, and {shortcut: section} of the provers that it finds and supports."""
    _why3(["detect"], configuration, env)
    sections: list[Section] = []
    for line in _why3(["show"], configuration, env).splitlines():
        if line.startswith("["):
            sections.append({"": line.strip("[]")})
        elif " = " in line and sections:
            key, value = line.split(" = ", 1)
            sections[-1][key] = value
    main = next(section for section in sections if section[""] == "main")
    found = {
        section.get("shortcut", "").strip('"'): section
        for section in sections
        if section[""] == "prover"
    }
    return main, found


def _driver(prover: Prover, base: str) -> str:
    """The text of a Why3 driver that tells out of steps and out of time from unknown.

    Z3 gives a reason also after "unsat", an empty one.  Why3 would take it for the answer, but for the word that it has
    for CVC4's error message in this place.
    """

    def quoted(pattern: str) -> str:
        return '"' + pattern.replace('"', '\\"') + '"'

    return f"""unknown {quoted('^(:reason-unknown "")$')} "(not unknown!)"
steplimitexceeded {quoted(prover.out_of_steps)}
timeout {quoted(prover.out_of_time)}
import "{base}"
theory BuiltIn
  meta "supports_smt_get_info_unknown_reason" ""
end
"""


def names(kind: str) -> list[str]:
    """Those that try a goal of this kind of run, in their order.  The last round has the prover's plain name: its
    answers are those that are reported."""
    rounds = ROUNDS.get(kind, (kind,))
    return [
        name if steps == rounds[-1] else f"{name}-{steps}" for steps in rounds for name in PROVERS
    ]


def configure(folder: str, env: Mapping[str, str], kind: str) -> list[str]:
    """Writes Why3's configuration and drivers into folder; returns the provers' names for frama-c, in the order in
    which they try a goal."""
    configuration = env["WHY3CONFIG"]
    main, found = detected(configuration, env)
    drivers = os.path.join(main["datadir"].strip('"'), "drivers")
    rounds = ROUNDS.get(kind, (kind,))
    called = iter(names(kind))
    text = "[main]\n" + "".join(f"{key} = {value}\n" for key, value in main.items() if key)
    for steps in rounds:
        for name, prover in PROVERS.items():
            if prover.shortcut not in found:
                raise NoProver(f"why3 does not support the {name} that is installed")
            section = found[prover.shortcut]
            driver = os.path.join(folder, name + ".drv")
            with open(driver, "w", encoding="utf-8") as out:
                base = os.path.join(drivers, section["driver"].strip('"') + ".drv")
                out.write(_driver(prover, base))
            text += _section(section, next(called), driver, prover.option % prover.steps[steps])
            text += "" if steps == rounds[-1] else f'alternative = "{steps}"\n'
    with open(configuration, "w", encoding="utf-8") as out:
        out.write(text)
    return names(kind)


def _section(section: Section, shortcut: str, driver: str, limit: str) -> str:
    """A prover's section in Why3's configuration."""
    return f"""
[prover]
name = {section["name"]}
version = {section["version"]}
shortcut = "{shortcut}"
command = {section["command"].replace("%f", limit + " %f")}
driver = "{driver}"
"""
