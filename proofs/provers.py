"""provers.py: the provers, and how much work each may spend on a goal.

The limits are counted in the prover's own steps, so that a busy machine changes how long a proof takes and never
what it says.  A step is what the prover counts: Z3 some ten million a second, CVC4 some hundred thousand.  Why3
passes either seconds or steps to a prover, and does not know Z3's word for "out of steps"; so frama_c.py gives it a
configuration of our own, derived from the one that Why3 itself detects.
"""
import os
import subprocess

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


class Prover:
    def __init__(self, shortcut, option, steps, out_of_steps, out_of_time):
        # Why3's name of it, the option that limits it, and the steps for each kind of run.
        self.shortcut, self.option, self.steps = shortcut, option, steps
        # What it prints, as regular expressions of OCaml's Str.
        self.out_of_steps, self.out_of_time = out_of_steps, out_of_time


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


def detected(configuration, env):
    """Why3's main section, and {shortcut: section} of the provers that it finds and supports."""

    def why3(*words):
        done = subprocess.run(
            ["why3", "config", *words, "-C", configuration],
            env=env,
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode != 0:
            raise NoProver(
                "why3 config %s failed: %s" % (words[0], done.stdout.strip().replace("\n", "; "))
            )
        return done.stdout

    why3("detect")
    sections, current = [], {}
    for line in why3("show").splitlines():
        if line.startswith("["):
            current = {"": line.strip("[]")}
            sections.append(current)
        elif " = " in line:
            key, value = line.split(" = ", 1)
            current[key] = value
    main = next(section for section in sections if section[""] == "main")
    found = {
        section.get("shortcut", "").strip('"'): section
        for section in sections
        if section[""] == "prover"
    }
    return main, found


def _driver(prover, base):
    """The text of a Why3 driver that tells out of steps and out of time from unknown.

    Z3 gives a reason also after "unsat", an empty one.  Why3 would take it for the answer, but for the word that it has
    for CVC4's error message in this place.
    """

    def quoted(pattern):
        return pattern.replace('"', '\\"')

    return (
        'unknown "%s" "(not unknown!)"\nsteplimitexceeded "%s"\ntimeout "%s"\nimport "%s"\ntheory BuiltIn\n'
        '  meta "supports_smt_get_info_unknown_reason" ""\nend\n'
        % (
            quoted('^(:reason-unknown "")$'),
            quoted(prover.out_of_steps),
            quoted(prover.out_of_time),
            base,
        )
    )


def configure(folder, env, kind):
    """Writes Why3's configuration and drivers into folder; returns the provers' names for frama-c, in the order in which
    they try a goal."""
    configuration = env["WHY3CONFIG"]
    main, found = detected(configuration, env)
    drivers = os.path.join(main["datadir"].strip('"'), "drivers")
    words, rounds = [], ROUNDS.get(kind, (kind,))
    text = "[main]\n" + "".join("%s = %s\n" % item for item in main.items() if item[0])
    for steps in rounds:
        for name, prover in PROVERS.items():
            if prover.shortcut not in found:
                raise NoProver("why3 does not support the %s that is installed" % name)
            section = found[prover.shortcut]
            driver = os.path.join(folder, "%s.drv" % name)
            with open(driver, "w", encoding="utf-8") as out:
                out.write(
                    _driver(prover, os.path.join(drivers, section["driver"].strip('"') + ".drv"))
                )
            command = section["command"].replace("%f", prover.option % prover.steps[steps] + " %f")
            # The last round has the prover's plain name: its answers are those that are reported.
            words.append(name if steps == rounds[-1] else "%s-%s" % (name, steps))
            text += (
                '\n[prover]\nname = %s\nversion = %s\nshortcut = "%s"\ncommand = %s\ndriver = "%s"\n'
                % (section["name"], section["version"], words[-1], command, driver)
            )
            text += "" if steps == rounds[-1] else 'alternative = "%s"\n' % steps
    with open(configuration, "w", encoding="utf-8") as out:
        out.write(text)
    return words
