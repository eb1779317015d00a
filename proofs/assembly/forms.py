"""The model of the processor: one table of instruction forms, each with its meaning as bit-vector terms.

FORMS is the only place that says what an instruction does.  proofs are made with it (execute.py), and the same terms
are run against the processor (cosim.py).  An instruction whose form is not in the table is an error.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Optional

import z3

from decode import Instruction, Operand
from machine import REGISTERS, WORD, ModelError, Regions, State

Undefined = Callable[[str], z3.BoolRef]


@dataclass
class Step:
    """One instruction about to run on a state.  outcomes: where control goes, and when; empty: to the next one."""

    state: State
    instruction: Instruction
    regions: Regions
    code: Callable[[int], z3.BitVecRef]
    constant_load: Callable[[int, int], Optional[z3.BitVecRef]] = lambda address, count: None
    symbolic: dict[int, z3.BitVecRef] = field(default_factory=dict)
    outcomes: list[tuple[z3.BoolRef, z3.BitVecRef]] = field(default_factory=list)
    undefined: list[str] = field(default_factory=list)

    def operand(self, number: int) -> Operand:
        return self.instruction.operands[number]

    def size(self) -> int:
        """Bytes that the instruction works on."""
        return self.operand(0).size

    def constant(self, number: int) -> z3.BitVecRef:
        """The immediate or displacement of an operand: a term where the proof is for all values of it."""
        return self.symbolic.get(number, z3.BitVecVal(self.operand(number).value, WORD))

    def address(self, number: int) -> z3.BitVecRef:
        operand, term = self.operand(number), self.constant(number)
        if operand.base == "rip":
            term = term + self.code(self.instruction.next)
        elif operand.base:
            term = term + self.state.get(operand.base)
        if operand.index:
            term = term + self.state.get(operand.index) * operand.scale
        if operand.segment == "fs":
            term = term + self.state.fs
        elif operand.segment:
            raise ModelError(f"segment {operand.segment} is not modelled")
        return z3.simplify(term)

    def value(self, number: int) -> z3.BitVecRef:
        operand = self.operand(number)
        if operand.kind == "r":
            return self.state.get(operand.register)
        if operand.kind == "i":
            return z3.simplify(z3.Extract(8 * self.size() - 1, 0, self.constant(number)))
        if operand.base == "rip" and not operand.index:
            known = self.constant_load(self.instruction.next + operand.value, operand.size)
            if known is not None:
                return known
        return self.regions.load(self.state, self.address(number), operand.size)

    def put(self, number: int, value: z3.BitVecRef) -> None:
        operand = self.operand(number)
        if operand.kind == "r":
            self.state.put(operand.register, value)
        else:
            self.regions.store(self.state, self.address(number), z3.simplify(value))

    def push(self, value: z3.BitVecRef) -> None:
        lower = z3.simplify(self.state.registers["rsp"] - 8)
        self.state.registers["rsp"] = lower
        self.regions.store(self.state, lower, value)

    def pop(self) -> z3.BitVecRef:
        top = self.state.registers["rsp"]
        value = self.regions.load(self.state, top, 8)
        self.state.registers["rsp"] = z3.simplify(top + 8)
        return value

    def goes(self, target: z3.BitVecRef, condition: Optional[z3.BoolRef] = None) -> None:
        self.outcomes.append((z3.BoolVal(True) if condition is None else condition, target))


# --- flags


def _result_flags(step: Step, value: z3.BitVecRef) -> None:
    """zf, sf and pf follow from the result."""
    flags, low = step.state.flags, z3.Extract(7, 0, value)
    flags["zf"] = z3.simplify(value == 0)
    flags["sf"] = z3.simplify(z3.Extract(value.size() - 1, value.size() - 1, value) == 1)
    parity = z3.Extract(0, 0, low)
    for bit in range(1, 8):
        parity = parity ^ z3.Extract(bit, bit, low)
    flags["pf"] = z3.simplify(parity == 0)


def _undefined(step: Step, name: str) -> None:
    """The processor may leave anything in this flag."""
    step.undefined.append(name)
    step.state.flags[name] = z3.FreshBool("undefined_" + name)


def _carry_flags(
    step: Step, left: z3.BitVecRef, right: z3.BitVecRef, value: z3.BitVecRef, subtract: bool
) -> None:
    """of and af of left + right or left - right."""
    top = left.size() - 1
    signs = (left ^ value) & (left ^ right if subtract else right ^ value)
    step.state.flags["of"] = z3.simplify(z3.Extract(top, top, signs) == 1)
    step.state.flags["af"] = z3.simplify(z3.Extract(4, 4, left ^ right ^ value) == 1)
    _result_flags(step, value)
    if subtract:  # the same as a difference of 0, and what solvers compare with less work
        step.state.flags["zf"] = z3.simplify(left == right)


def _logic_flags(step: Step, value: z3.BitVecRef) -> None:
    step.state.flags["cf"] = step.state.flags["of"] = z3.BoolVal(False)
    _undefined(step, "af")
    _result_flags(step, value)


# --- instructions


def _mov(step: Step) -> None:
    step.put(0, step.value(1))


def _lea(step: Step) -> None:
    step.put(0, step.address(1))


def _push(step: Step) -> None:
    step.push(step.value(0))


def _pop(step: Step) -> None:
    value = step.pop()
    step.put(0, value)


def _subtract(keep: bool) -> Callable[[Step], None]:
    def run(step: Step) -> None:
        left, right = step.value(0), step.value(1)
        value = left - right
        step.state.flags["cf"] = z3.simplify(z3.ULT(left, right))
        _carry_flags(step, left, right, value, True)
        if keep:
            step.put(0, value)

    return run


def _add(step: Step) -> None:
    left, right = step.value(0), step.value(1)
    value = left + right
    step.state.flags["cf"] = z3.simplify(z3.ULT(value, left))
    _carry_flags(step, left, right, value, False)
    step.put(0, value)


def _by_one(subtract: bool) -> Callable[[Step], None]:
    """inc and dec, which keep cf."""

    def run(step: Step) -> None:
        left = step.value(0)
        one = z3.BitVecVal(1, left.size())
        value = left - one if subtract else left + one
        _carry_flags(step, left, one, value, subtract)
        step.put(0, value)

    return run


def _logic(
    operation: Callable[[z3.BitVecRef, z3.BitVecRef], z3.BitVecRef], keep: bool = True
) -> Callable[[Step], None]:
    def run(step: Step) -> None:
        value = operation(step.value(0), step.value(1))
        _logic_flags(step, value)
        if keep:
            step.put(0, value)

    return run


def _shr(step: Step) -> None:
    """By a constant from 2 to the width less 1, so that only of and af are undefined."""
    left, count = step.value(0), step.operand(1).value
    if not 2 <= count < left.size():
        raise ModelError(f"'{step.instruction.text}' shifts by {count}, which is not modelled")
    value = z3.LShR(left, count)
    step.state.flags["cf"] = z3.simplify(z3.Extract(count - 1, count - 1, left) == 1)
    _undefined(step, "of")
    _undefined(step, "af")
    _result_flags(step, value)
    step.put(0, value)


def _conditions(state: State) -> dict[str, z3.BoolRef]:
    cf, zf = state.flags["cf"], state.flags["zf"]
    return {
        "e": zf,
        "ne": z3.Not(zf),
        "b": cf,
        "ae": z3.Not(cf),
        "be": z3.Or(cf, zf),
        "a": z3.Not(z3.Or(cf, zf)),
    }


def _jump_if(step: Step) -> None:
    condition = z3.simplify(_conditions(step.state)[step.instruction.mnemonic[1:]])
    step.goes(step.code(step.operand(0).value), condition)
    step.goes(step.code(step.instruction.next), z3.simplify(z3.Not(condition)))


def _move_if(step: Step) -> None:
    condition = _conditions(step.state)[step.instruction.mnemonic[len("cmov") :]]
    step.put(0, z3.If(condition, step.value(1), step.value(0)))


def _canonical(address: z3.BitVecRef) -> z3.BoolRef:
    return z3.ULT(address + 2**47, z3.BitVecVal(2**48, WORD))


def _jump(step: Step) -> None:
    if step.operand(0).kind == "i":
        step.goes(step.code(step.operand(0).value))
        return
    target = step.value(0)
    step.state.needs.append(("the jump's target is canonical", _canonical(target)))
    step.goes(target)


def _call(step: Step) -> None:
    if step.operand(0).kind == "i":
        step.push(step.code(step.instruction.next))
        step.goes(step.code(step.operand(0).value))
        return
    target = step.value(0)
    step.state.needs.append(("the call's target is canonical", _canonical(target)))
    step.push(step.code(step.instruction.next))
    step.goes(target)


def _ret(step: Step) -> None:
    target = step.pop()
    step.state.needs.append(("the return address is canonical", _canonical(target)))
    step.goes(target)


def _leave(step: Step) -> None:
    step.state.registers["rsp"] = step.state.registers["rbp"]
    step.state.registers["rbp"] = step.pop()


def _cld(step: Step) -> None:
    step.state.direction = z3.BoolVal(False)


def _rep_movsb(step: Step) -> None:
    """One byte, and then the same instruction again while rcx is not 0: what a signal may come in between of."""
    registers = step.state.registers
    count, source, to = registers["rcx"], registers["rsi"], registers["rdi"]
    none, distance = count == 0, z3.If(
        step.state.direction, z3.BitVecVal(-1, WORD), z3.BitVecVal(1, WORD)
    )
    byte = step.regions.load(step.state, source, 1)
    old = step.regions.bytes_at(step.state.memory, to, 1)
    step.regions.store(step.state, to, z3.If(none, old, byte))
    registers["rcx"] = z3.If(none, count, count - 1)
    registers["rsi"] = z3.If(none, source, source + distance)
    registers["rdi"] = z3.If(none, to, to + distance)
    again = z3.UGT(count, z3.BitVecVal(1, WORD))
    step.goes(step.code(step.instruction.address), again)
    step.goes(step.code(step.instruction.next), z3.Not(again))


def _stmxcsr(step: Step) -> None:
    step.put(0, step.state.mxcsr)


def _ldmxcsr(step: Step) -> None:
    """Bits that this model lets through are those of every processor with SSE3; others are a fault."""
    value = step.value(0)
    step.state.needs.append(("reserved bits of mxcsr are 0", z3.Extract(31, 16, value) == 0))
    step.state.mxcsr = value


def _fnstcw(step: Step) -> None:
    step.put(0, step.state.fpu_control)


def _fldcw(step: Step) -> None:
    """Waits for a pending exception first.  Which exceptions the new word unmasks is not modelled, so that whether one
    is pending is unknown then."""
    step.state.needs.append(("no x87 exception is pending", z3.Not(step.state.fpu_pending)))
    step.state.fpu_control = z3.simplify((step.value(0) & 0x1F3F) | 0x40)
    step.state.fpu_pending = z3.FreshBool("fpu_pending")


def _nothing(step: Step) -> None:
    del step


def _fault(step: Step) -> None:
    step.state.needs.append(("ud2 is not reached", z3.BoolVal(False)))


@dataclass(frozen=True)
class Form:
    """An instruction with the shapes of its operands (see Instruction.form) and what it does."""

    shapes: frozenset[str]
    run: Callable[[Step], None]


def _form(shapes: str, run: Callable[[Step], None]) -> Form:
    return Form(frozenset("" if shape == "-" else shape for shape in shapes.split()), run)


_TWO = "r64,r64 r32,r32 r64,m64 r32,m32 r16,m16 m64,r64 m32,r32 r64,i r32,i m64,i m32,i"
_JUMPS = ("je", "jne", "jb", "jae", "jbe", "ja")

FORMS: dict[str, Form] = {
    "mov": _form(_TWO, _mov),
    "lea": _form("r64,m64", _lea),
    "movups": _form("r128,m128 m128,r128", _mov),
    "push": _form("r64 m64", _push),
    "pop": _form("r64 m64", _pop),
    "sub": _form(_TWO, _subtract(True)),
    "cmp": _form(_TWO, _subtract(False)),
    "add": _form(_TWO, _add),
    "inc": _form("r64 r32 m64 m32", _by_one(False)),
    "dec": _form("r64 r32 m64 m32", _by_one(True)),
    "and": _form(_TWO, _logic(lambda left, right: left & right)),
    "or": _form(_TWO, _logic(lambda left, right: left | right)),
    "xor": _form(_TWO, _logic(lambda left, right: left ^ right)),
    "test": _form(_TWO + " r8,i", _logic(lambda left, right: left & right, keep=False)),
    "shr": _form("r64,i r32,i", _shr),
    **{name: _form("i", _jump_if) for name in _JUMPS},
    "cmova": _form("r64,r64 r32,r32", _move_if),
    "jmp": _form("i r64 m64", _jump),
    "call": _form("i r64", _call),
    "ret": _form("-", _ret),
    "leave": _form("-", _leave),
    "cld": _form("-", _cld),
    "rep_movsb": _form("-", _rep_movsb),
    "stmxcsr": _form("m32", _stmxcsr),
    "ldmxcsr": _form("m32", _ldmxcsr),
    "fnstcw": _form("m16", _fnstcw),
    "fldcw": _form("m16", _fldcw),
    "nop": _form("- m16 m32 r16 r32", _nothing),
    "ud2": _form("-", _fault),
}


def run_form(step: Step) -> None:
    """Runs one instruction; ModelError if its form is not in the table."""
    mnemonic, _, shape = step.instruction.form.partition(" ")
    form = FORMS.get(mnemonic)
    if form is None or shape not in form.shapes:
        raise ModelError(
            f"{step.instruction.address:#x}: '{step.instruction.text}' ({step.instruction.form}) "
            "is not in the table of forms"
        )
    for operand in step.instruction.operands:
        for name in (operand.register, operand.base, operand.index):
            if name and name != "rip" and name not in REGISTERS:
                raise ModelError(
                    f"{step.instruction.address:#x}: register '{name}' is not modelled"
                )
    run_form_of(form, step)


def run_form_of(form: Form, step: Step) -> None:
    """Runs the form, and fills in the next instruction where it does not say where control goes."""
    form.run(step)
    if not step.outcomes:
        step.goes(step.code(step.instruction.next))
