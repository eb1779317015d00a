#!/usr/bin/env python3
"""cosim.py --zydis PROGRAM --out FILE [OPTION...] PROGRAM...: the table of forms as C, for a run on the processor.

  --zydis PROGRAM    the second decoder, //proofs/assembly:zydis_decode
  --out FILE         where the C goes
  --unchecked NAME   a goroutine function that has no check on purpose
  --root DIR         reads the contracts of another checkout

Every instruction of the routines that the proofs execute becomes a case: its bytes, what the model makes of it as C
(the very terms that the proofs use), and how to aim its memory operand at a buffer.  cosim_main.c runs bytes and model
from random states and compares.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional, Sequence

from begin import ROOT, arguments as command_line, run as run_tool, tool

import z3

from contracts import ContractError, read_contracts
from decode import DecodeError, Instruction
from execute import Image
from expressions import GENERAL, VECTOR_WORDS
from forms import Step, run_form
from functions import functions_of
from instances import all_instances
from machine import FLAGS, WORD, Access, ModelError, Place, Regions, State, fresh_state
from program import Program, ProgramError
from terms import C_TYPE, Printer

MEMORY = "memory"
BYTES = 16


class Buffer(Regions):
    """One region, wherever the instruction's memory operands are: the processor runs it on a buffer of 16 bytes.  A
    second operand lies in the upper half of it."""

    def __init__(self) -> None:
        super().__init__([], "in_")
        self.bases: list[z3.BitVecRef] = []

    def find(self, address: z3.BitVecRef, count: int) -> tuple[Place, int]:
        for number, base in enumerate(self.bases):
            distance = z3.simplify(address - base)
            if z3.is_bv_value(distance):
                place = Place(MEMORY, self.bases[0], 0, BYTES, True, False, z3.BoolVal(True))
                return place, 8 * number + int(distance.as_signed_long())
        assert len(self.bases) < 2
        self.bases.append(address)
        return self.find(address, count)


@dataclass
class Trial:
    """One instruction and what the model makes of it."""

    instruction: Instruction
    before: State
    step: Step
    buffer: Buffer
    accesses: list[Access] = field(default_factory=list)


def trial_of(instruction: Instruction) -> Trial:
    """Runs the form once on a state of which nothing is known."""
    state = fresh_state("in_")
    buffer = Buffer()

    def code(address: int) -> z3.BitVecRef:
        return z3.BitVec("next" if address == instruction.next else "target", WORD)

    step = Step(state.copy(), instruction, buffer, code)
    run_form(step)
    return Trial(instruction, state, step, buffer)


def instructions_of(image: Image, root: str, unchecked: Sequence[str]) -> list[Instruction]:
    """Each different instruction of the routines and prologues; ud2 cannot be tried, and TLS loads by rip are data."""
    found: dict[str, Instruction] = {}
    listing: list[Instruction] = []
    for within in sorted(
        {one.contract.within for one in all_instances(image, read_contracts(root))}
    ):
        listing += image.routine(within)
    for function in functions_of(image, unchecked):
        listing += [
            *function.prologue,
            image.at(function.resume),
            image.at(image.at(function.resume).next),
        ]
    for one in listing:
        moves_by_rip = any(operand.base == "rip" for operand in one.operands)
        if one.mnemonic != "ud2" and not moves_by_rip:
            shape = one.form if one.mnemonic[0] == "j" or one.mnemonic == "call" else one.text
            found.setdefault(shape, one)
    return [found[name] for name in sorted(found)]


def _aim(trial: Trial) -> list[str]:
    """C that makes the memory operand the buffer, and an indirect jump's target the landing place."""
    one, lines = trial.instruction, []
    target = "in->target"
    if one.form == "push m64":
        lines.append("in->r[RSP] = in->buffer + 16;")
    elif one.mnemonic in ("push", "call"):
        lines.append("in->r[RSP] = in->buffer + 8;")
    elif one.mnemonic in ("pop", "ret"):
        lines.append("in->r[RSP] = in->buffer;")
    elif one.mnemonic == "leave":
        lines.append("in->r[RBP] = in->buffer;")
    elif one.mnemonic == "rep_movsb":  # the processor does all rounds at once
        lines += ["in->r[RSI] = in->buffer;", "in->r[RDI] = in->buffer + 8;", "in->r[RCX] &= 1;"]
    for operand in one.operands:
        if operand.kind == "m" and one.mnemonic not in ("lea", "nop"):
            lines += _aim_operand(operand, 8 if one.mnemonic == "pop" else 0)
    if one.mnemonic == "ret" or (one.mnemonic == "jmp" and one.operands[0].kind == "m"):
        lines.append(f"in->memory64 = {target};")
    elif one.mnemonic in ("jmp", "call") and one.operands[0].kind == "r":
        lines.append(f"in->r[{one.operands[0].register.upper()}] = {target};")
    elif (
        one.mnemonic == "mov" and one.operands[0].register == "rsp" and one.operands[1].kind == "m"
    ):
        lines.insert(0, "in->memory64 = in->r[RSP] ^ 8;")
    elif one.mnemonic == "ldmxcsr":
        lines.append("in->memory64 &= 0xffff;")
    return lines


def _aim_operand(operand: Any, at: int) -> list[str]:
    """C that makes an operand lie so many bytes above the buffer's begin."""
    distance = f"in->buffer - UINT64_C({(operand.value - at) % 2**64:#x})"
    if operand.index:
        lines = [f"in->r[{operand.index.upper()}] &= 0xffff;"]
        distance += f" - in->r[{operand.index.upper()}] * {operand.scale}"
    else:
        lines = []
    if operand.segment == "fs":
        if operand.base:
            lines.append(f"in->r[{operand.base.upper()}] &= 0xffff;")
            distance += f" - in->r[{operand.base.upper()}]"
        return lines + [f"in->fs = {distance};"]
    return lines + [f"in->r[{operand.base.upper()}] = {distance};"]


def _outputs(trial: Trial) -> list[tuple[str, Any]]:
    """(place in struct state, term) of everything that the instruction may change."""
    state = trial.step.state
    found: list[tuple[str, Any]] = [
        (f"out->r[{name.upper()}]", state.registers[name]) for name in GENERAL
    ]
    found += [
        (f"out->vectors[{place}]", state.registers[name]) for place, name in enumerate(VECTOR_WORDS)
    ]
    found.append((f"out->flags[{len(FLAGS)}]", state.direction))
    found += [
        (f"out->flags[{place}]", state.flags[name])
        for place, name in enumerate(FLAGS)
        if name not in trial.step.undefined
    ]
    found += [("out->mxcsr", state.mxcsr), ("out->fpu_control", state.fpu_control)]
    found += [
        (f"out->memory[{at}]", state.memory.get((MEMORY, at), z3.BitVec(f"in_{MEMORY}[{at}]", 8)))
        for at in range(BYTES)
    ]
    target = trial.step.outcomes[0][1]
    for condition, other in trial.step.outcomes[1:]:
        target = z3.If(condition, other, target)
    return found + [("out->target", target)]


def case_of(number: int, trial: Trial) -> str:
    """The C of one case."""
    one, printer = trial.instruction, Printer()
    body = [f"    {place} = {printer.name(z3.simplify(term))};" for place, term in _outputs(trial)]
    aim = [f"    {line}" for line in _aim(trial)]
    text = [
        f"/* {one.text} */",
        f"static void aim_{number}(struct state *in)",
        "{",
        "    (void)in;",
        *aim,
        "}",
        "",
        f"static void model_{number}(const struct state *in, struct state *out)",
        "{",
        "    (void)in;",
        *printer.lines,
        *body,
        "}",
        "",
    ]
    return "\n".join(text)


def table_line(number: int, trial: Trial) -> str:
    one = trial.instruction
    code = ", ".join(f"0x{byte:02x}" for byte in one.code)
    undefined = sum(1 << FLAGS.index(name) for name in trial.step.undefined)
    relative = (
        int(one.mnemonic[0] == "j" or one.mnemonic == "call")
        if one.operands and one.operands[0].kind == "i"
        else 0
    )
    return (
        f'    {{"{one.text}", "{one.form}", {{{code}}}, {len(one.code)}, {relative}, {undefined:#x}, '
        f"{int('fs:' in one.text)}, aim_{number}, model_{number}}},"
    )


def all_instructions(
    paths: list[str], zydis: str, root: str, unchecked: Sequence[str] = ()
) -> list[Instruction]:
    """The instructions of several programs; a program that has none is an error."""
    found: dict[str, Instruction] = {}
    for path in paths:
        here = instructions_of(Image(Program(path), zydis), root, unchecked)
        if not here:
            raise ProgramError(f"{path} has none of the routines that contracts/ has.")
        for one in here:
            found.setdefault(one.text if not one.text.startswith(("j", "call")) else one.form, one)
    return [found[name] for name in sorted(found)]


def write_trials(instructions: list[Instruction], path: str) -> None:
    """The C file of these instructions, by the table of forms as it is now."""
    trials = [trial_of(one) for one in instructions]
    with open(path, "w", encoding="ascii") as out:
        out.write("/* Made by cosim.py from the table of forms. */\n" + C_TYPE)
        out.write("\n".join(case_of(number, trial) for number, trial in enumerate(trials)))
        out.write("\nconst struct trial trials[] = {\n")
        out.write(
            "\n".join(table_line(number, trial) for number, trial in enumerate(trials)) + "\n};\n"
        )
        out.write("const unsigned trial_count = sizeof trials / sizeof *trials;\n")


def main() -> int:
    parser = command_line.Parser("cosim.py", __doc__ or "")
    parser.add_argument("--root", default=ROOT, type=command_line.input_folder)
    parser.add_argument("--zydis", required=True, type=command_line.input_file)
    parser.add_argument("--out", required=True, type=command_line.output_file)
    parser.add_argument("--unchecked", metavar="NAME", action="append", default=[])
    parser.add_argument("programs", nargs="+")
    arguments = parser.read()
    try:
        found = all_instructions(
            arguments.programs, arguments.zydis, arguments.root, arguments.unchecked
        )
        write_trials(found, arguments.out)
    except (ContractError, DecodeError, ModelError, ProgramError) as error:
        raise tool.Problem(str(error)) from error
    return 0


if __name__ == "__main__":
    run_tool("cosim.py", main)
