"""translate.py: terms of ACSL as expressions of C.

Integers of ACSL have no bounds: they become `whole`, which is wider than every type of the core, and its overflow
traps.  A word of the vocabulary that a proved function decides becomes a call of that function; any other word becomes
a function made of its definition.  Memory: \\valid and \\separated become questions about address ranges
(evaluate.h).  Called by generate.py.
"""
from typing import Dict, List, Optional, Tuple

import declarations as types
from acsl import COMPARISONS, Part, Term, conjuncts, substituted
from stand_ins import CONSTANTS, STAND_INS
from vocabulary import Clause, Definition, Vocabulary

Environment = Dict[str, str]
Typed = Tuple[str, str]  # C text and its type: "whole", "truth", or a type of C

_ARITHMETIC = {"+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^"}
_LIMITS = {
    "uint8_t": "UINT8_MAX",
    "uint16_t": "UINT16_MAX",
    "uint32_t": "UINT32_MAX",
    "uint64_t": "UINT64_MAX",
    "int32_t": "INT32_MAX",
    "unsigned int": "UINT32_MAX",
}


class NotExecutable(Exception):
    """The term has no form in C; the text says why."""


def term(part: Part) -> Term:
    assert isinstance(part, Term), part
    return part


class Translator:
    def __init__(self, vocabulary: Vocabulary, declared: types.Declarations):
        self.vocabulary, self.declared = vocabulary, declared
        self.made: Dict[str, str] = {}  # word -> its function in C, in the order of need
        self.refused: Dict[str, str] = {}  # word -> why it has none
        self.extents: List[
            Tuple[Term, Optional[Term], Optional[Term]]
        ] = []  # what the contract says is valid
        self.loops = 0

    # Values

    def truth(self, formula: Term, names: Environment) -> str:
        text, kind = self.value(formula, names)
        return text if kind == "truth" else "(%s != 0)" % text

    def whole(self, number: Term, names: Environment) -> str:
        text, kind = self.value(number, names)
        if kind == "whole":
            return text
        if types.is_pointer(kind) or types.is_struct(kind) or types.is_array(kind):
            raise NotExecutable("'%s' is no number" % text)
        return "((whole)%s)" % text

    def value(self, what: Term, names: Environment) -> Typed:
        handler = getattr(self, "on_" + what.op, None)
        if handler is not None:
            typed: Typed = handler(what, names)
            return typed
        if what.op in ("&&", "||", "==>", "<==>", "^^", "!"):
            return self.connective(what, names)
        if what.op in COMPARISONS:
            return self.comparison(what, names)
        if what.op in _ARITHMETIC:
            return self.arithmetic(what, names)
        raise NotExecutable("no form in C for '%s'" % what.op)

    def connective(self, what: Term, names: Environment) -> Typed:
        sides = [self.truth(term(part), names) for part in what.parts]
        form = {
            "&&": "(%s && %s)",
            "||": "(%s || %s)",
            "==>": "(!%s || %s)",
            "<==>": "(!%s == !%s)",
            "^^": "(!%s != !%s)",
            "!": "(!%s)",
        }[what.op]
        return form % tuple(sides), "truth"

    def comparison(self, what: Term, names: Environment) -> Typed:
        left, right = term(what.parts[0]), term(what.parts[1])
        a, b = self.value(left, names), self.value(right, names)
        if types.is_pointer(a[1]) or types.is_pointer(b[1]):
            return "((const void *)(%s) %s (const void *)(%s))" % (a[0], what.op, b[0]), "truth"
        return "(%s %s %s)" % (self.whole(left, names), what.op, self.whole(right, names)), "truth"

    def arithmetic(self, what: Term, names: Environment) -> Typed:
        left, right = term(what.parts[0]), term(what.parts[1])
        text, kind = self.value(left, names)
        if types.is_pointer(kind) and what.op in "+-":
            return "(%s %s (ptrdiff_t)%s)" % (text, what.op, self.whole(right, names)), kind
        return "(%s %s %s)" % (self.whole(left, names), what.op, self.whole(right, names)), "whole"

    def on_number(self, what: Term, _: Environment) -> Typed:
        number = int(str(what.parts[0]), 0)
        if number >= 1 << 64:
            raise NotExecutable("%d is too large" % number)
        return "(whole)%dull" % number, "whole"

    def on_name(self, what: Term, names: Environment) -> Typed:
        name = str(what.parts[0])
        if name in names:
            return name, "whole" if names[name] == "integer" else names[name]
        if name in self.declared.variables:
            return name, self.declared.variables[name]
        if name in self.declared.enumerators or name in CONSTANTS:
            return name, "int"
        if name in ("\\true", "\\false", "\\null"):
            return {
                "\\true": ("1", "truth"),
                "\\false": ("0", "truth"),
                "\\null": ("NULL", "void *"),
            }[name]
        if name in self.vocabulary.definitions:
            return self.word(name, (), names)
        raise NotExecutable("%s is ghost state: nothing at run time holds it" % name)

    def on_negative(self, what: Term, names: Environment) -> Typed:
        return "(-%s)" % self.whole(term(what.parts[0]), names), "whole"

    def on_cast(self, what: Term, names: Environment) -> Typed:
        return "((%s)%s)" % (what.parts[0], self.whole(term(what.parts[1]), names)), str(
            what.parts[0]
        )

    def on_deref(self, what: Term, names: Environment) -> Typed:
        text, kind = self.value(term(what.parts[0]), names)
        if not types.is_pointer(kind):
            raise NotExecutable("'%s' is no pointer" % text)
        return "(*%s)" % text, types.pointed_to(kind)

    def on_index(self, what: Term, names: Environment) -> Typed:
        text, kind = self.value(term(what.parts[0]), names)
        return "%s[%s]" % (text, self.whole(term(what.parts[1]), names)), types.pointed_to(kind)

    def on_field(self, what: Term, names: Environment) -> Typed:
        text, kind = self.value(term(what.parts[0]), names)
        field = str(what.parts[1])
        if field not in self.declared.fields.get(kind, {}):
            raise NotExecutable(
                "%s.%s is ghost state: nothing at run time holds it" % (kind, field)
            )
        return "%s.%s" % (text, field), self.declared.fields[kind][field]

    def on_if(self, what: Term, names: Environment) -> Typed:
        condition, yes, no = (term(part) for part in what.parts)
        return (
            "(%s ? %s : %s)"
            % (self.truth(condition, names), self.whole(yes, names), self.whole(no, names)),
            "whole",
        )

    def on_let(self, what: Term, names: Environment) -> Typed:
        return self.value(
            term(substituted(what.parts[2], {str(what.parts[0]): term(what.parts[1])})), names
        )

    # Words of the vocabulary, and what ACSL itself brings

    def on_call(self, what: Term, names: Environment) -> Typed:
        name, arguments = str(what.parts[0]), what.parts[1]
        assert isinstance(arguments, tuple)
        if name in ("\\at", "\\old"):
            return self.value(term(arguments[0]), names)
        if name in ("\\valid", "\\valid_read"):
            return "contract_mapped(%s)" % self.place(term(arguments[0]), names), "truth"
        if name == "\\separated":
            places = [self.place(term(each), names) for each in arguments]
            return (
                "contract_apart((const struct contract_place[]){%s}, %d)"
                % (", ".join(places), len(places)),
                "truth",
            )
        return self.word(name, arguments, names)

    def word(self, name: str, arguments: Tuple[Part, ...], names: Environment) -> Typed:
        definition = self.vocabulary.definitions.get(name)
        if definition is None:
            raise NotExecutable("there is no definition of %s" % name)
        if definition.states > 1:
            raise NotExecutable("%s compares two states" % name)
        decider = self.vocabulary.deciders.get(name)
        if decider is not None and name not in STAND_INS:
            return self.decided(definition, arguments, names)
        self.make(definition)
        if name in self.refused:
            raise NotExecutable(self.refused[name])
        texts = [
            self.argument(term(each), kind, names)
            for each, (kind, _) in zip(arguments, definition.formals)
        ]
        return (
            "word_%s(%s)" % (name, ", ".join(texts)),
            "truth" if definition.predicate else "whole",
        )

    def decided(
        self, definition: Definition, arguments: Tuple[Part, ...], names: Environment
    ) -> Typed:
        decider = self.vocabulary.deciders[definition.name]
        if not decider.order:
            return "(TABLE_CHECK %s() != 0)" % decider.function, "truth"
        formals = self.declared.functions[decider.function].parameters
        texts = [
            self.argument(term(arguments[place]), types.plain(kind), names)
            for place, (kind, _) in zip(decider.order, formals)
        ]
        call = "%s(%s)" % (decider.function, ", ".join(texts))
        return (
            ("(%s != 0)" % call, "truth")
            if definition.predicate
            else ("((whole)%s)" % call, "whole")
        )

    def argument(self, what: Term, kind: str, names: Environment) -> str:
        if kind == "integer":
            return self.whole(what, names)
        if kind in _LIMITS:
            least = "INT32_MIN" if kind == "int32_t" else "0"
            return "(%s)contract_fits(%s, %s, %s)" % (
                kind,
                self.whole(what, names),
                least,
                _LIMITS[kind],
            )
        return self.value(what, names)[0]

    def make(self, definition: Definition) -> None:
        """A function in C of the word's definition, or of what stands in for it."""
        name = definition.name
        if name in self.made or name in self.refused:
            return
        self.made[name] = ""
        before = list(self.made)
        body = STAND_INS[name].term if name in STAND_INS else definition.body
        names = {formal: kind for kind, formal in definition.formals}
        try:
            text = self.truth(body, names) if definition.predicate else self.whole(body, names)
        except NotExecutable as why:
            self.refused[name] = str(why)
            for later in [word for word in self.made if word not in before or word == name]:
                del self.made[later]
            return
        formals = ", ".join(
            "%s%s" % ("whole " if kind == "integer" else "const %s " % kind, formal)
            for kind, formal in definition.formals
        )
        result = "bool" if definition.predicate else "whole"
        self.made[name] = "static %s word_%s(%s)\n{\n    return %s;\n}\n" % (
            result,
            name,
            formals or "void",
            text,
        )

    # Quantifiers: loops between the bounds that the formula gives

    def on_forall(self, what: Term, names: Environment) -> Typed:
        return self.quantified(what, names, True)

    def on_exists(self, what: Term, names: Environment) -> Typed:
        return self.quantified(what, names, False)

    def quantified(self, what: Term, names: Environment, every: bool) -> Typed:
        binders, body = what.parts[0], term(what.parts[1])
        assert isinstance(binders, tuple)
        limits = (
            conjuncts(term(body.parts[0]))
            if every and body.op == "==>"
            else ([] if every else conjuncts(body))
        )
        inner, loops = dict(names), []
        self.loops += 1
        flag = "found_%d" % self.loops
        for binder in binders:
            assert isinstance(binder, tuple)
            kind, name = str(binder[0]), str(binder[1])
            if kind != "integer":
                raise NotExecutable("a quantifier over %s" % kind)
            low, high = self.bounds(name, limits, inner)
            inner[name] = "integer"
            loops.append(
                "for (whole %s = %s, %s_end = %s; !%s && %s < %s_end; %s++)"
                % (name, low, name, high, flag, name, name, name)
            )
        text = self.truth(body, inner)
        stop = "!%s" % text if every else text
        return (
            "(%s({ bool %s = false; %s %s = %s; %s; }))"
            % ("!" if every else "", flag, " ".join(loops), flag, stop, flag)
        ), "truth"

    def bounds(self, name: str, limits: List[Term], names: Environment) -> Tuple[str, str]:
        """[low, high) for the variable, in terms of what is known before it."""
        variable, low, high = Term("name", (name,)), None, None
        for limit in limits:
            if limit.op not in ("<", "<=", ">", ">="):
                continue
            left, right = term(limit.parts[0]), term(limit.parts[1])
            if limit.op in (">", ">="):
                left, right = right, left
            try:
                if right == variable and low is None:
                    low = self.whole(left, names) + (" + 1" if "=" not in limit.op else "")
                elif left == variable and high is None:
                    high = self.whole(right, names) + (" + 1" if "=" in limit.op else "")
            except NotExecutable:
                continue
        if low is None or high is None:
            raise NotExecutable("%s has no bounds" % name)
        return low, high

    # Places in memory

    def place(self, where: Term, names: Environment) -> str:
        """The addresses that a location means, as a struct contract_place."""
        if where.op == "address":
            return self.object_place(term(where.parts[0]), names)
        if where.op == "+" and term(where.parts[1]).op == "range":
            base, extent = term(where.parts[0]), term(where.parts[1])
            low, high = extent.parts
            if low is None or high is None:
                return self.whole_place(base, names)
            return self.stretch(base, term(low), term(high), names)
        return self.stretch(where, None, None, names)

    def object_place(self, what: Term, names: Environment) -> str:
        """&variable, &array[..]: all of it."""
        if what.op == "index" and term(what.parts[1]).op == "range":
            what = term(what.parts[0])
        text, kind = self.value(what, names)
        if kind == "whole":
            raise NotExecutable("the address of '%s'" % text)
        return "contract_object(&%s, sizeof %s)" % (text, text)

    def whole_place(self, base: Term, names: Environment) -> str:
        """p + (..): the object that p points into: *p, and what the contract says is valid there."""
        text = self.stretch(base, None, None, names)
        for known, low, high in self.extents:
            if known == base and low is not None:
                text = "contract_both(%s, %s)" % (text, self.stretch(known, low, high, names))
        return text

    def stretch(
        self, base: Term, low: Optional[Term], high: Optional[Term], names: Environment
    ) -> str:
        text, kind = self.value(base, names)
        if not types.is_pointer(kind):
            raise NotExecutable("'%s' is no pointer" % text)
        first = self.whole(low, names) if low else "0"
        last = self.whole(high, names) if high else "0"
        return "contract_stretch(%s, %s, %s, sizeof *%s)" % (text, first, last, text)


def valid_extents(
    clauses: List[Clause], vocabulary: Vocabulary
) -> List[Tuple[Term, Optional[Term], Optional[Term]]]:
    """Each (base, low, high) of which some clause, or a word in it, says that it is valid."""
    found: List[Tuple[Term, Optional[Term], Optional[Term]]] = []

    def look(what: Term, depth: int) -> None:
        if what.op in ("&&", "==>"):
            look(term(what.parts[0]), depth)
            look(term(what.parts[1]), depth)
        if what.op != "call":
            return
        name, arguments = str(what.parts[0]), what.parts[1]
        assert isinstance(arguments, tuple)
        if name in ("\\valid", "\\valid_read"):
            where = term(arguments[0])
            extent = term(where.parts[1]) if where.op == "+" else None
            if extent is not None and extent.op == "range":
                low, high = extent.parts
                found.append((term(where.parts[0]), term(low), term(high)))
            else:
                found.append((where, None, None))
        definition = vocabulary.definitions.get(name)
        if definition is not None and depth < 8:
            values = {
                formal: term(each) for (_, formal), each in zip(definition.formals, arguments)
            }
            look(term(substituted(definition.body, values)), depth + 1)

    for clause in clauses:
        look(clause.term, 0)
    return found
