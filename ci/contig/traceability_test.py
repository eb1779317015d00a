#!/usr/bin/env python3
"""traceability_test.py EXPLAIN: from each function of the core to its evidence in three hops.

The tree itself is read, nothing is built.  A hop is a name that an answer gives, or a place that it
names and that is there.
"""
import datetime
import functools
import json
import os
import random
import re
import subprocess
import sys
import unittest
from typing import Any

sys.dont_write_bytecode = True
EXPLAIN = (
    os.path.realpath(sys.argv.pop(1))
    if len(sys.argv) > 1
    else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../explain")
)
sys.path.insert(0, os.path.dirname(EXPLAIN))
from contig import c_reader, contracts, forked  # noqa: E402
from contig.traceability.explain import Explainer, text_of  # noqa: E402
from contig.traceability.graph import Graph  # noqa: E402
from contig.traceability.report import evidence  # noqa: E402

GRAPH = Graph(os.path.dirname(os.path.dirname(EXPLAIN)))
EXPLAINER = Explainer(GRAPH)
RANDOM = 20


@functools.cache
def lines_of(path: str) -> list[str]:
    return GRAPH.tree.read(path).splitlines()


@functools.cache
def answer_on(name: str) -> dict[str, Any] | None:
    return EXPLAINER.answer(name)


def stands(place: str, name: str) -> bool:
    """Whether a name stands in a line of the tree, or in the few lines from there on."""
    path, _, line = place.rpartition(":")
    lines = lines_of(path)[int(line) - 1 :][:12]
    return re.search(
        r"\b%s\b" % re.escape(name), "\n".join(lines)
    ) is not None or name == os.path.basename(path)


class ThreeHops(unittest.TestCase):
    """Function, requirement, and what the requirement rests on."""

    def chain(self, name: str) -> None:
        """Requirement, contract, proof, test and fuzz oracle of a function."""
        function = self.explained(name)
        self.assertTrue(
            stands(function["place"], name), "%s is not at %s" % (name, function["place"])
        )
        self.assertTrue(function["contract"], "no contract")
        self.assertTrue(function["proof"]["proved"] and function["proof"]["goals"] > 0, "no proof")
        self.assertTrue(function["requirements"], "no requirement")
        tests, oracles = list(function["run_by_tests"]), list(function["run_by_oracles"])
        for one in function["requirements"]:
            requirement = self.explained(one["id"])
            self.assertTrue(stands(requirement["place"], requirement["name"]))
            for clause in requirement["clauses"]:
                self.assertIsNotNone(clause["place"], clause["name"])
                self.assertTrue(
                    stands(clause["place"], clause["name"].split()[-1].split(".")[-1]),
                    clause["name"],
                )
            for found, kind in ((tests, "tests"), (oracles, "oracles")):
                for place in requirement[kind]:
                    self.assertTrue(stands(place["place"], place["name"]), place)
                    found.append(place["target"])
        self.assertTrue(tests, "no test runs it or decides a requirement of it")
        self.assertTrue(oracles, "no fuzz oracle runs it or decides a requirement of it")

    def explained(self, name: str) -> dict[str, Any]:
        answer = answer_on(name)
        self.assertIsNotNone(answer, "%s is not explained" % name)
        assert answer is not None
        return answer

    def test_every_proved_function(self) -> None:
        names = [name for name in GRAPH.core.functions if GRAPH.core.proved(name)]
        self.assertGreater(len(names), 150)
        recorded = GRAPH.tree.json("proofs/goals.json")
        for unit, functions in recorded.items():
            for name in functions:
                self.assertIn(name, names, "%s of %s has goals and is not explained" % (name, unit))
        for name in names:
            with self.subTest(function=name):
                self.chain(name)

    def test_twenty_as_text(self) -> None:
        """A person reads the same, for functions that the date chooses."""
        draw = random.Random(datetime.date.today().isoformat())
        for name in draw.sample(sorted(GRAPH.core.functions), RANDOM):
            with self.subTest(function=name):
                text = text_of(self.explained(name))
                for label in ("requirement ", "proof "):
                    self.assertRegex(text, "(?m)^" + label)
                self.assertRegex(text, "(?m)^(?:test|run by test) ")
                self.assertRegex(text, "(?m)^(?:fuzz oracle|run by fuzz) ")
        self.assertEqual(ask(name)[1], text)


class Clauses(unittest.TestCase):
    """A requirement holds on to its clauses."""

    def test_each_deleted(self) -> None:
        """Without its clause, each requirement that names it is no longer proved."""
        count = 0
        for one in GRAPH.requirements.values():
            for ref in one.clauses:
                clause = GRAPH.core.clause(ref)
                self.assertIsNotNone(clause, ref.name)
                assert clause is not None
                function = GRAPH.core.functions[ref.function]
                kept = GRAPH.core.functions[ref.function].clauses
                function.clauses = self.without(clause.path, ref.function, clause.line, ref.label)
                self.assertIn("has no clause", GRAPH.core.wrong(ref), ref.name)
                function.clauses = kept
                self.assertEqual(GRAPH.core.wrong(ref), "")
                count += 1
        self.assertGreater(count, 100)

    def without(self, path: str, function: str, line: int, label: str) -> dict[str, Any]:
        """The clauses of a function when the one that begins in that line is gone from the file."""
        lines = GRAPH.tree.read(path).splitlines(keepends=True)
        last = line
        words = label.split(" #")[0].split()
        first = next(
            number for number, word in enumerate(words) if word in contracts.CLAUSE_KEYWORDS
        )
        keyword = r"\b%s\b" % r"\s+".join(words[first:])
        start = re.search(keyword, lines[line - 1])
        self.assertIsNotNone(start, (path, line, label))
        assert start is not None
        while (
            last < len(lines)
            and not re.match(
                r"\s*(?:%s)\b" % "|".join(contracts.CLAUSE_KEYWORDS),
                lines[last],
            )
            and "*/" not in lines[last - 1]
            and "@/" not in lines[last - 1]
        ):
            last += 1
        closing = next((sign for sign in ("*/", "@/") if sign in lines[last - 1]), "")
        text = (
            "".join(lines[: line - 1])
            + lines[line - 1][: start.start()]
            + closing
            + "\n"
            + "".join(lines[last:])
        )
        found = [one for one in c_reader.functions(path, text) if one.name == function]
        return dict(found[0].clauses) if found else {}


def ask(*words: str) -> tuple[int, str, str]:
    """Status, output and errors of the command, with no program on its PATH."""
    return forked.run(EXPLAIN, *words, variables={"PATH": ""})


def ask_anew(*words: str) -> tuple[int, str, str]:
    """The same in a process that begins with nothing."""
    done = subprocess.run(
        [sys.executable, EXPLAIN, *words],
        env={"PATH": ""},
        text=True,
        capture_output=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr


class Command(unittest.TestCase):
    """ci/explain as it is typed."""

    def shows(self, *patterns: str, words: tuple[str, ...]) -> None:
        status, text, errors = ask(*words)
        self.assertEqual((status, errors), (0, ""))
        for pattern in patterns:
            self.assertRegex(text, "(?m)" + pattern)

    def test_requirement(self) -> None:
        self.shows(
            "^COPY-2  ",
            r"^chapter +spec/copying\.md:\d",
            "^source +Go",
            "^status +proved",
            "^clause +copystack.ensures moved",
            "^ +relocate \\(src/core",
            "^(?:test)? +//src/core:copy_test",
            "^fuzz oracle",
            "^defect",
            words=("copy-2",),
        )

    def test_others(self) -> None:
        self.shows(
            "^status +tested",
            "^model +//spec/model:models_test  channel.stack_owned .spec/model/channel.pml:",
            words=("OWN-1",),
        )
        self.shows("^trace rule +contig conform", words=("LARGE-2",))
        self.shows("^SWITCH-1 ", "^SWITCH-5 ", words=("switch",))
        self.shows("^watched by", "^if false", words=("ASSUME-MODEL-2",))
        self.shows("^requirement +COPY-2 ", "^used by", words=("relocated",))
        self.shows(r"^requirement +HEAP-5 \(via ", words=("law_aligned_are_apart",))
        self.shows("^usage: |ci/explain COPY-2", words=("--help",))

    def test_list(self) -> None:
        self.shows(
            "^SIZE-1 ",
            "^stackalloc +src/core/",
            "^relocated +spec/",
            "^ASSUME-MODEL-1 ",
            words=("--list",),
        )
        names = json.loads(ask("--list", "--json")[1])
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual([name for name in names if answer_on(name) is None], [])

    def test_json(self) -> None:
        status, text, _ = ask_anew("--json", "copystack")
        self.assertEqual(status, 0)
        self.assertEqual(json.loads(text), EXPLAINER.answer("copystack"))

    def test_wrong_use(self) -> None:
        for words, said in (
            (("no_such_thing",), "'no_such_thing' is no requirement"),
            ((), "give one of"),
            (("",), "'' is no"),
            (("COPY-2", "--list"), "give one of"),
            (("--nonsense",), "--nonsense"),
            (("a", "b"), "b"),
            (("COPY-999",), "'COPY-999' is no"),
            (("--root", "/nonexistent", "COPY-1"), "/nonexistent"),
            (("--root", "/", "COPY-1"), "SOUNDNESS.md"),
        ):
            with self.subTest(words=words):
                status, text, errors = ask(*words)
                self.assertEqual((status, text, errors.count("\n")), (2, "", 1), errors)
                self.assertIn(said, errors)
        self.assertEqual(ask_anew("no_such_thing"), ask("no_such_thing"))


class Report(unittest.TestCase):
    """What ci/verify writes of it."""

    def test_whole(self) -> None:
        found = evidence(GRAPH.tree.root)
        self.assertEqual(sum(found["counts"].values()), len(found["requirements"]))
        for one in found["requirements"]:
            self.assertEqual(
                one["status"] == "proved", "proof" in one["kinds"] and not one["missing"]
            )


if __name__ == "__main__":
    unittest.main()
