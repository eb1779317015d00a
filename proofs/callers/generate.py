"""generate.py: wrappers that evaluate what each function of the core requires of its callers, before each call.

Two files come out.  callers.h, included before everything else in a caller, turns a call f(...) into
contract_f(__FILE__, __LINE__, ...).  callers.c has those functions: clause by clause, conjunct by conjunct.
Called by check.py.
"""
import json
import re
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Set, Tuple

import declarations as types
from acsl import COMPARISONS, Term, conjuncts, substituted
from declarations import Declarations
from stand_ins import NOT_EVALUATED, STAND_INS
from translate import NotExecutable, Translator, term, valid_extents
from vocabulary import Clause, Vocabulary


@dataclass
class Plan:
    """What becomes of the clauses of one function."""

    function: str
    evaluated: List[Tuple[Clause, Term, str]] = field(default_factory=list)  # clause, conjunct, C
    left_out: List[Tuple[Clause, Term, str]] = field(default_factory=list)  # clause, conjunct, why


def shown(what: object) -> str:
    """A term as a reader knows it."""
    if not isinstance(what, Term):
        return str(what)
    parts = what.parts
    if what.op in ("name", "number"):
        return str(parts[0])
    if what.op == "call":
        assert isinstance(parts[1], tuple)
        return "%s(%s)" % (parts[0], ", ".join(shown(each) for each in parts[1]))
    if what.op == "field":
        base = term(parts[0])
        return (
            "%s->%s" % (shown(base.parts[0]), parts[1])
            if base.op == "deref"
            else "%s.%s" % (shown(base), parts[1])
        )
    if what.op in ("forall", "exists"):
        assert isinstance(parts[0], tuple)
        names = ", ".join(
            " ".join(str(word) for word in binder)
            for binder in parts[0]
            if isinstance(binder, tuple)
        )
        return "\\%s %s; %s" % (what.op, names, shown(parts[1]))
    if what.op == "range":
        return "(%s .. %s)" % tuple("" if part is None else shown(part) for part in parts)
    if what.op == "index":
        return "%s[%s]" % (shown(parts[0]), shown(parts[1]))
    if what.op == "cast":
        return shown(parts[1])
    if what.op == "if":
        return "(%s ? %s : %s)" % tuple(shown(part) for part in parts)
    if len(parts) == 1:
        return {"deref": "*", "address": "&", "negative": "-"}.get(what.op, what.op) + operand(
            parts[0], what.op
        )
    return "%s %s %s" % (operand(parts[0], what.op), what.op, operand(parts[1], what.op))


def operand(what: object, above: str) -> str:
    """In parentheses, where it is an operation of its own."""
    text = shown(what)
    alone = isinstance(what, Term) and (
        what.op == above in ("&&", "||")
        or above in ("&&", "||", "==>", "<==>")
        and what.op in COMPARISONS
        or not any(sign in text for sign in " ")
    )
    return (
        text
        if alone or isinstance(what, Term) and what.op in ("call", "name", "range", "index")
        else "(%s)" % text
    )


def opened(what: Term, vocabulary: Vocabulary) -> Optional[List[Term]]:
    """Smaller formulas that together say the same; None if there are none."""
    if what.op == "&&":
        return conjuncts(what)
    if what.op == "==>":
        sides = opened(term(what.parts[1]), vocabulary)
        return sides and [Term("==>", (what.parts[0], side)) for side in sides]
    if what.op == "forall":
        bodies = opened(term(what.parts[1]), vocabulary)
        return bodies and [Term("forall", (what.parts[0], body)) for body in bodies]
    if what.op in ("call", "name"):
        definition = vocabulary.definitions.get(str(what.parts[0]))
        arguments = what.parts[1] if what.op == "call" else ()
        if definition is None or not definition.predicate or definition.states > 1:
            return None
        assert isinstance(arguments, tuple)
        values = {formal: term(each) for (_, formal), each in zip(definition.formals, arguments)}
        return conjuncts(term(substituted(definition.body, values)))
    return None


class Generator:
    def __init__(self, vocabulary: Vocabulary, declared: Declarations):
        self.vocabulary, self.declared = vocabulary, declared
        self.translator = Translator(vocabulary, declared)

    def names_of(self, function: str) -> Dict[str, str]:
        return {
            name: types.plain(kind) for kind, name in self.declared.functions[function].parameters
        }

    def plan(self, function: str) -> Plan:
        made = Plan(function)
        clauses = self.vocabulary.requires[function]
        self.translator.extents = valid_extents(clauses, self.vocabulary)
        for clause in clauses:
            if (function, clause.label) in NOT_EVALUATED:
                made.left_out.append((clause, clause.term, NOT_EVALUATED[function, clause.label]))
                continue
            for conjunct in conjuncts(clause.term):
                self.take(made, clause, conjunct, 0)
        made.evaluated.sort(key=lambda item: self.turn(item[2]))
        return made

    def turn(self, text: str) -> int:
        """When a conjunct is evaluated: validity first, then invariants; the rest may rely on both."""
        reached = self.reaches(text)
        return 0 if "contract_mapped" in reached else 1 if "TABLE_CHECK" in reached else 2

    def reaches(self, text: str) -> str:
        """The text of a conjunct with that of the words in it."""
        seen: Set[str] = set()
        left = [text]
        whole_text = ""
        while left:
            part = left.pop()
            whole_text += part
            for word in set(re.findall(r"word_(\w+)\(", part)) - seen:
                seen.add(word)
                left.append(self.translator.made.get(word, "").split("\n", 1)[-1])
        return whole_text

    def take(self, made: Plan, clause: Clause, conjunct: Term, depth: int) -> None:
        """Evaluates a conjunct, or what of it can be."""
        try:
            made.evaluated.append(
                (clause, conjunct, self.translator.truth(conjunct, self.names_of(made.function)))
            )
            return
        except NotExecutable as why:
            smaller = opened(conjunct, self.vocabulary) if depth < 12 else None
            if smaller is None or smaller == [conjunct]:
                made.left_out.append((clause, conjunct, str(why)))
                return
        for part in smaller:
            self.take(made, clause, part, depth + 1)

    def digests(self) -> List[str]:
        """Stand-ins whose invariant is not the one that they were written for."""
        found = []
        for name, stand_in in STAND_INS.items():
            if name not in self.vocabulary.definitions:
                found.append("stand_ins.py: %s is no word of the vocabulary" % name)
            elif self.vocabulary.depends(name) != stand_in.digest:
                found.append(
                    "stand_ins.py: the definition of %s has changed: look at its stand-in again, then write "
                    "its digest, %s" % (name, self.vocabulary.depends(name))
                )
        return found


def header(generator: Generator, functions: List[str]) -> str:
    lines = [
        "/* callers.h: generated by proofs/callers/generate.py from the contracts of src/core. */"
    ]
    lines += ['#include "%s"' % name for name in types.headers()]
    for name in functions:
        function = generator.declared.functions[name]
        parameters = ", ".join(
            ["const char *contract_file", "int contract_line"]
            + ["%s %s" % pair for pair in function.parameters]
        )
        lines.append("%s contract_%s(%s);" % (function.result, name, parameters))
    for name in functions:
        if generator.declared.functions[name].parameters:
            lines.append(
                "#define %s(...) contract_%s(__FILE__, __LINE__, __VA_ARGS__)" % (name, name)
            )
        else:
            lines.append("#define %s() contract_%s(__FILE__, __LINE__)" % (name, name))
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    return json.dumps(text)


def wrapper(generator: Generator, plan: Plan, first: int) -> str:
    function = generator.declared.functions[plan.function]
    parameters = "".join(", %s %s" % pair for pair in function.parameters)
    lines = [
        "%s contract_%s(const char *contract_file, int contract_line%s);"
        % (function.result, plan.function, parameters),
        "%s contract_%s(const char *contract_file, int contract_line%s)"
        % (function.result, plan.function, parameters),
        "{",
    ]
    for number, (_, _, text) in enumerate(plan.evaluated):
        check = "CHECK_OFTEN" if generator.turn(text) == 1 else "CHECK"
        lines.append("    %s(%d, %s);" % (check, first + number, text))
    call = "%s(%s)" % (plan.function, ", ".join(name for _, name in function.parameters))
    lines.append("    (void)contract_file, (void)contract_line;")
    lines.append("    %s%s;" % ("" if function.result == "void" else "return ", call))
    return "\n".join(lines + ["}"]) + "\n"


def body(generator: Generator, plans: List[Plan]) -> str:
    """callers.c."""
    rows: List[str] = []
    wrappers: List[str] = []
    for plan in plans:
        wrappers.append(wrapper(generator, plan, len(rows)))
        rows += [
            "    {%s, %s, %s, {0, 0}},"
            % (quoted(plan.function), quoted(clause.label), quoted(shown(conjunct)))
            for clause, conjunct, _ in plan.evaluated
        ]
    lines = [
        "/* callers.c: generated by proofs/callers/generate.py from the contracts of src/core. */",
        '#include "proofs/callers/evaluate.h"',
    ] + ['#include "%s"' % name for name in types.headers()]
    lines += (
        ["static struct contract_clause clauses[] = {"]
        + rows
        + [
            "};",
            "#define TABLE_CHECK",
            "#define CHECK(number, condition) (contract_begin(&clauses[number], contract_file, contract_line), "
            "contract_end(condition))",
            "#define CHECK_OFTEN(number, condition) do { if (contract_due(&clauses[number])) "
            "CHECK(number, condition); } while (0)",
            "__attribute__((constructor)) static void begin(void)",
            "{",
            "    contract_start(clauses, sizeof clauses / sizeof *clauses);",
            "}",
        ]
    )
    made = [text for text in generator.translator.made.values() if text]
    lines += [text.split("\n", 1)[0] + ";" for text in made] + made + wrappers
    return "\n".join(lines) + "\n"
