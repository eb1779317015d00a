#!/usr/bin/env python3
"""compiled_text.py [FILE...]: the text that is compiled is the text that is proved, token by token.

Each file of src/core is preprocessed as every build does it (each target that compiles the core, with its copts and
defines and those of .bazelrc; README's command lines; gcc and clang) and as Frama-C does it, with the platform of that
build.  What comes from src and spec must be the same.  Comments, and with them annotations and ghost code, are gone by
then.  Refused beside that, in each file and in what the preprocessor makes of it: words with which a text means
something else to the compiler than to Frama-C, and options of a build that change what C means.
"""
from __future__ import annotations

import ast
import builtins
import difflib
import itertools
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

sys.dont_write_bytecode = True
import paths  # noqa: E402,F401
from contig import c_lexer, starlark  # noqa: E402
import frama_c  # noqa: E402
import source  # noqa: E402

# A token, and the file and line where it stands.
Placed = tuple[str, str]

COMPILERS = ("gcc", "clang")

# Targets that compile the core in another way on purpose: target -> reason.
DIFFERENT = {
    "fuzz:core_with_wrong_hints": "a hint that lies about bits, to show that it is only a hint"
}

# Words of the compiler's own that the core may use: Frama-C knows them, too.
KNOWN_WORDS = {"__builtin_ctz", "__attribute__", "_Static_assert", "_Bool", "__restrict"}
KNOWN_ATTRIBUTES = {"noinline"}
REFUSED_WORDS = {"asm", "volatile", "typeof", "setjmp", "longjmp", "pragma"}
REFUSED_SPELLINGS = {
    "<:": "the digraph <:",
    ":>": "the digraph :>",
    "<%": "the digraph <%",
    "%>": "the digraph %>",
    "%:": "the digraph %:",
    "%:%:": "the digraph %:%:",
    "##": "pasted tokens",
}
# Options of a build that leave the meaning of C as it is, or whose effect is seen in the text (-D, -U, -I, -include).
KNOWN_FLAGS = re.compile(
    r"-O[0-3sg]?|-g|-W(?![alp],)[\w=-]+|-std=c11|-[DUI].+|-include|-fsanitize=[\w,-]+|"
    r"-fno-sanitize-recover=\w+|-fno-omit-frame-pointer"
)

# What the preprocessor is told; other options may not be known to it, or to each compiler.
_TEXTUAL_PAIRS = ("-D", "-U", "-I", "-include", "-imacros", "-isystem", "-iquote", "-Xpreprocessor")
_TEXTUAL = re.compile(
    r"-(?:D|U|I|std=|ansi|O|m|Wp,|fsanitize=(?!fuzzer)|f(?:short|unsigned|signed|pack|exec|input)|"
    r"trigraphs|undef|iquote|isystem|nostdinc)"
)


class Failed(Exception):
    """A preprocessor did not accept the file."""


# Spellings of one keyword: Frama-C's headers turn the first into the second.
KEYWORDS = {"restrict": "__restrict"}


def _spelling(token: str) -> str:
    """A keyword, or an integer constant as its value and whether it is unsigned or wide: 2^64 - 1 has one spelling."""
    token = KEYWORDS.get(token, token)
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", token)
    if not match:
        return token
    digits, suffix = match.group(1), match.group(2).lower()
    base = 16 if digits[:2].lower() == "0x" else 8 if digits[0] == "0" and len(digits) > 1 else 10
    return f"{int(digits, base)}{'u' * ('u' in suffix)}{'l' * ('l' in suffix)}"


def tokens(text: str) -> list[Placed]:
    """The tokens of preprocessed text, of what stands in the repository."""
    found: list[Placed] = []
    place, line, inside = "", 0, False
    for row in text.splitlines():
        marker = re.match(r'#\s*(?:line\s+)?(\d+)\s+"([^"]*)"', row)
        if marker:
            line, place = int(marker.group(1)), os.path.normpath(marker.group(2))
            inside = not os.path.isabs(place) and not place.startswith("<")
            continue
        if inside:
            found += [(f"{place}:{line}", _spelling(token)) for token in c_lexer.tokens(row)]
        line += 1
    return found


def without_extra_parentheses(found: Iterable[Placed]) -> list[Placed]:
    """The limits of integer types have one pair of parentheses more in one library than in the other."""
    kept: list[Placed] = []
    for place, token in found:
        if token == ")" and len(kept) > 1 and kept[-1][1][0].isdigit() and kept[-2][1] == "(":
            kept[-2:] = [kept[-1]]
        else:
            kept.append((place, token))
    return kept


def preprocessed(command: Sequence[str], path: str) -> list[Placed]:
    done = subprocess.run(
        [*command, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise Failed(f"{path}: {' '.join(command)}:\n{done.stderr.strip()}")
    return without_extra_parentheses(tokens(done.stdout))


def frama_c_command(platform: str | None) -> list[str]:
    """How Frama-C preprocesses, by its own account."""
    with tempfile.TemporaryDirectory(
        dir=os.environ.get("TEST_TMPDIR")
    ) as folder, frama_c.Workplace() as place:
        empty = os.path.join(folder, "empty.c")
        with open(empty, "w", encoding="utf-8"):
            pass
        words = frama_c.flat(frama_c.PARSE_OPTIONS) + frama_c.cpp_options(platform)
        lines = place.run(words + [empty, "-print-cpp-commands"])[1]
    for line in lines:
        if "-E" in line.split() and empty in line.replace("'", ""):
            words = line.replace("'", "").replace('"', "").split()
            keep = words[: words.index("-o")] if "-o" in words else words
            return [word for word in keep if word not in (empty, "-C", "-dD")]
    raise Failed("frama-c does not say how it preprocesses: " + " ".join(lines))


class _Rules(dict[str, Any]):
    """The names that a BUILD file may use: every rule notes its flags if it compiles files of the core."""

    def __init__(self, package: str, flags: list[str]) -> None:
        super().__init__(
            glob=lambda patterns, **_: list(patterns),
            select=lambda ways: sum(ways.values(), []),
            filegroup=lambda **_: None,
            load=self.load,
        )
        self.package, self.flags = package, flags
        self.found: dict[str, list[str]] = {}

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, self.rule)

    def load(self, label: str, *names: str) -> None:
        """Lists of a file of this tree are read; what else is loaded is a rule."""
        place, _, name = label.rpartition(":")
        path = os.path.join(place[2:] if place.startswith("//") else self.package, name)
        for one in names:
            if one.isupper():
                self[one] = starlark.literal(path, one)

    def rule(self, *_: object, **given: Any) -> None:
        sources = (":compiled", "//src/core:compiled", "//src/core:sources", "*.c")
        if not any(part in sources for part in given.get("srcs", ())):
            return
        flags = [*given.get("copts", ()), *given.get("conlyopts", ())]
        flags += ["-D" + word for word in given.get("defines", ())]
        flags += ["-D" + word for word in given.get("local_defines", ())]
        self.found[f"{self.package}:{given.get('name', '')}"] = self.flags + flags


def targets(package: str, flags: list[str]) -> dict[str, list[str]]:
    """{package:name: flags} of the libraries of a BUILD file, which is run with its rules replaced, that compile
    files of the core."""
    with open(package + "/BUILD", encoding="utf-8") as text:
        code = compile(text.read(), package + "/BUILD", "exec", flags=ast.PyCF_ONLY_AST)
    rules = _Rules(package, flags)
    exec(compile(code, package + "/BUILD", "exec"), rules)  # pylint: disable=exec-used
    return rules.found


def bazelrc() -> dict[str, list[str]]:
    """{configuration: flags for C} of .bazelrc, "" for every build; sanitizers and coverage change no text."""
    found: dict[str, list[str]] = {"": []}
    with open(".bazelrc", encoding="utf-8") as text:
        for line in text:
            words = shlex.split(line, comments=True)
            for place, word in enumerate(words[1:], 1):
                option, equals, value = word.partition("=")
                if option in ("--copt", "--conlyopt", "--cxxopt", "--per_file_copt"):
                    found.setdefault(words[0].partition(":")[2], []).append(
                        value if equals else "".join(words[place + 1 : place + 2])
                    )
    return found


def command_lines() -> dict[str, list[str]]:
    """Flags of each cc line of README.md that compiles the core."""
    with open("README.md", encoding="utf-8") as text:
        return {
            f"README.md:{number}": re.findall(r"(?<!\S)-(?!o\b|e\b|v\b)\S+", line)
            for number, line in enumerate(text, 1)
            if re.match(r"\s+cc .*src/core/\w+/\*\.c", line)
        }


def builds() -> dict[str, list[str]]:
    """{name: flags} of every way in which this tree compiles the core."""
    configurations = bazelrc()
    found = command_lines()
    for package in ("src/core", "proofs/laws", "fuzz"):
        for target, flags in targets(package, []).items():
            if target in DIFFERENT:
                continue
            for name, more in configurations.items():
                found[target + (" --config=" + name if name else "")] = (
                    configurations[""] + more + flags
                )
    return found


def _textual(flags: Iterable[str]) -> list[str]:
    """Of these flags, those that can change what the preprocessor makes."""
    kept: list[str] = []
    words = iter(flags)
    for word in words:
        if word in _TEXTUAL_PAIRS:
            kept += [word, next(words, "")]
        elif word not in kept and _TEXTUAL.match(word):
            kept.append(word)
    return kept


def strange(flags: Iterable[str]) -> list[str]:
    """Options of which nobody here knows that they leave the meaning of C as it is."""
    words = iter(flags)
    found = []
    for word in words:
        if word == "-include":
            next(words, "")
        elif not KNOWN_FLAGS.fullmatch(word):
            found.append(word)
    return found


def _platform(flags: Iterable[str]) -> str | None:
    named = [flag.split("=", 1)[1] for flag in flags if flag.startswith("-DCONTIG_PLATFORM=")]
    return named[-1] if named else None


def kinds_of_builds(ways: Mapping[str, list[str]]) -> dict[tuple[str, ...], list[str]]:
    """{flags that can change the text: names of the builds that have them}."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for name, flags in ways.items():
        kinds.setdefault(tuple(_textual(flags)), []).append(name)
    return kinds


def differences(files: Sequence[str]) -> tuple[list[str], int]:
    """Sentences, and how many kinds of builds were compared."""
    ways = builds()
    found = [
        f"{name}: the core is built without {flag}, which may change what C means"
        for name, flags in ways.items()
        for flag in strange(flags)
    ]
    kinds = kinds_of_builds(ways)
    commands = {
        platform: frama_c_command(platform) for platform in {_platform(flags) for flags in kinds}
    }
    seen: dict[tuple[str | None, str], list[Placed]] = {}
    for (flags, names), compiler, path in itertools.product(kinds.items(), COMPILERS, files):
        platform = _platform(flags)
        if (platform, path) not in seen:
            seen[platform, path] = preprocessed(commands[platform], path)
            found += foreign(seen[platform, path])
        proved = seen[platform, path]
        compiled = preprocessed([compiler, "-E", "-I.", *flags], path)
        if [token for _, token in compiled] != [token for _, token in proved]:
            where = first_difference(compiled, proved)
            found.append(f"{path}: {names[0]} ({compiler}): {where}")
    return found, len(kinds)


def first_difference(compiled: Sequence[Placed], proved: Sequence[Placed]) -> str:
    match = difflib.SequenceMatcher(
        None, [t for _, t in compiled], [t for _, t in proved], autojunk=False
    )
    for kind, a_from, a_to, b_from, b_to in match.get_opcodes():
        if kind != "equal":
            place = (list(compiled[a_from:]) or list(compiled[-1:]) or [("?", "")])[0][0]
            there = " ".join(token for _, token in compiled[a_from:a_to])[:60]
            here = " ".join(token for _, token in proved[b_from:b_to])[:60]
            return f"{place}: the compiler reads '{there}', Frama-C '{here}'"
    return "no difference"


def _attributes(found: Iterable[Placed]) -> Iterator[Placed]:
    """The words in the parentheses of an attribute."""
    depth, inside = 0, False
    for place, token in found:
        if token == "__attribute__":
            depth, inside = 0, True
        elif inside:
            depth += {"(": 1, ")": -1}.get(token, 0)
            inside = depth > 0
            if re.match(r"\w", token):
                yield place, token


def foreign(found: Sequence[Placed]) -> list[str]:
    """Sentences on words and spellings that the core does without."""
    said = [
        (place, REFUSED_SPELLINGS[token]) for place, token in found if token in REFUSED_SPELLINGS
    ]
    said += [
        (place, token)
        for place, token in found
        if token.strip("_") in REFUSED_WORDS
        or (re.match(r"_[A-Z_]", token) and token not in KNOWN_WORDS)
    ]
    said += [
        (place, "the attribute " + name)
        for place, name in _attributes(found)
        if name.strip("_") not in KNOWN_ATTRIBUTES
    ]
    # Of an inline function that is not static, another file may have the body that runs.
    said += [
        (place, "inline that is not static")
        for (_, before), (place, token) in zip([("", ""), *found], found)
        if token == "inline" and before != "static"
    ]
    return [f"{place}: the core does without {what}" for place, what in said]


def refused(path: str) -> list[str]:
    """Words and spellings of a file that the core does without."""
    with open(path, encoding="utf-8") as text:
        content = text.read()
    found: list[tuple[int, str]] = []
    if "??" in content:
        found.append((content[: content.index("??")].count("\n") + 1, "a trigraph"))
    lines = c_lexer.uncommented(content).splitlines()
    for number, line in enumerate(lines, 1):
        if re.match(
            r"\s*#\s*(?:if|ifdef|ifndef|elif|else|endif|include|undef|error|line)\b.*\\$", line
        ):
            found.append((number, "a directive over several lines"))
        if re.match(r"\s*#\s*(?:line|pragma|ident|include_next|import|warning|\d)", line):
            found.append((number, line.strip()))
    placed = [
        (f"{path}:{number}", token)
        for number, line in enumerate(lines, 1)
        for token in c_lexer.tokens(line)
    ]
    return foreign(placed) + [
        f"{path}:{number}: the core does without {what}" for number, what in found
    ]


def core_files() -> list[str]:
    return source.files(
        (".c", ".h", ".acsl", ".inc", ".S", ".s"), source.CORE, source.LAWS, source.VOCABULARY
    )


def main() -> int:
    files = core_files()
    findings = [text for path in files for text in refused(path)]
    unknown = [name for name in sys.argv[1:] if name not in files]
    if unknown:
        places = f"{source.CORE}, {source.LAWS} or {source.VOCABULARY}"
        print(f"compiled_text: {unknown[0]!r} is no file of {places}", file=sys.stderr)
        return 2
    units = sys.argv[1:] or [path for path in files if path.endswith(".c")]
    try:
        frama_c.require_tools("frama-c", *COMPILERS)
        different, kinds = differences(units)
    except (Failed, frama_c.ToolMissing) as problem:
        print(f"compiled_text: {problem}", file=sys.stderr)
        return 2 if isinstance(problem, frama_c.ToolMissing) else 1
    findings += different
    for text in findings:
        print(text)
    print(
        f"{len(units)} files as {kinds} kinds of builds have them, by {' and '.join(COMPILERS)}, "
        f"compared with Frama-C's: {len(findings)} findings"
    )
    return 1 if findings or not units or not kinds else 0


if __name__ == "__main__":
    sys.exit(main())
