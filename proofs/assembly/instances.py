"""The routines of a program that each contract is of."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Sequence

import z3

from contracts import Contract
from execute import Image
from goals import Obligations, obligations_of
from machine import WORD
from program import ProgramError


@dataclass(frozen=True)
class Instance:
    """A contract of one routine, which `contract.within` names.  symbols, numbers: what the parameters are."""

    contract: Contract
    symbols: dict[str, str]
    numbers: dict[str, int]

    def obligations(self, image: Image) -> Obligations:
        """All goals of the contract for this routine."""
        terms = {name: image.code(image.program.address(one)) for name, one in self.symbols.items()}
        terms |= {name: z3.BitVecVal(one, WORD) for name, one in self.numbers.items()}
        stops = [self.symbols[name] for name in self.contract.stops if name in self.symbols]
        places = tuple(image.program.address(name) for name in stops)
        return obligations_of(image, self.contract, None, terms, places)

    def fingerprint(self, image: Image) -> str:
        """Equal if the goals are, but for the names of what the parameters are."""
        known = {image.program.address(one): name for name, one in self.symbols.items()}
        within, entry = self.contract.within, image.entry_of(self.contract)
        return f"{sorted(self.numbers.items())} {image.fingerprint(within, entry, known)}"


def instances_of(image: Image, contract: Contract) -> list[Instance]:
    """The routines of a program that a contract is of; none, if functions_of finds what it is of."""
    symbols = image.program.symbols
    if not contract.parameters:
        return [Instance(contract, {}, {})] if contract.within in symbols else []
    found = []
    for name in sorted(symbols):
        fitting = [
            one
            for one in contract.subjects
            if one.part(name) is not None and one.size in (None, symbols[name].size)
        ]
        if fitting:  # the name that says most
            subject = max(fitting, key=lambda one: len(one.symbol))
            part = subject.part(name) or ""
            values = {one: value.replace("*", part) for one, value in subject.symbols.items()}
            found.append(Instance(replace(contract, within=name), values, subject.numbers))
    return found


def all_instances(image: Image, contracts: Sequence[Contract]) -> list[Instance]:
    """Those of each contract; ProgramError if a name of [[of]] is that of a routine no contract is of."""
    found = [one for contract in contracts for one in instances_of(image, contract)]
    proved = {one.contract.within for one in found}
    for contract in contracts:
        for name in image.program.symbols:
            if name not in proved and any(one.part(name) is not None for one in contract.subjects):
                raise ProgramError(
                    f"{image.program.path}: '{name}' is named like the routines of {contract.path}, "
                    "but has another size."
                )
    return found
