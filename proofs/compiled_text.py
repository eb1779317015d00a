#!/usr/bin/env python3
"""compiled_text.py [FILE...]: the text that is compiled is the text that is proved, token by token.

Each file of src/core is preprocessed as every build does it (each target that compiles the core, with its copts and
defines and those of .bazelrc; README's command lines; gcc and clang) and as Frama-C does it, with the platform of that
build.  What comes from src and spec must be the same.  Comments, and with them annotations and ghost code, are gone by
then.  Refused beside that, in each file and in what the preprocessor makes of it: words with which a text means
something else to the compiler than to Frama-C, and options of a build that change what C means.
"""
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

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frama_c  # noqa: E402
import source  # noqa: E402

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

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|\.?\d(?:[eEpP][+-]|[\w.])*|[A-Za-z_]\w*|%:%:|<<=|>>=|\.\.\.|'
    r"->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|##|<:|:>|<%|%>|%:|\S"
)


class Failed(Exception):
    """A preprocessor did not accept the file."""


# Spellings of one keyword: Frama-C's headers turn the first into the second.
KEYWORDS = {"restrict": "__restrict"}


def _spelling(token):
    """A keyword, or an integer constant as its value and whether it is unsigned or wide: 2^64 - 1 has one spelling."""
    token = KEYWORDS.get(token, token)
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", token)
    if not match:
        return token
    digits = match.group(1)
    value = int(
        digits,
        16 if digits[:2].lower() == "0x" else 8 if digits[0] == "0" and len(digits) > 1 else 10,
    )
    suffix = match.group(2).lower()
    return "%d%s%s" % (value, "u" * ("u" in suffix), "l" * ("l" in suffix))


def tokens(text):
    """[(file and line, token)] of preprocessed text, for what stands in the repository."""
    found, place, line, inside = [], "", 0, False
    for row in text.splitlines():
        marker = re.match(r'#\s*(?:line\s+)?(\d+)\s+"([^"]*)"', row)
        if marker:
            line, place = int(marker.group(1)), os.path.normpath(marker.group(2))
            inside = not os.path.isabs(place) and not place.startswith("<")
            continue
        if inside:
            found += [("%s:%d" % (place, line), _spelling(token)) for token in _TOKEN.findall(row)]
        line += 1
    return found


def without_extra_parentheses(found):
    """The limits of integer types have one pair of parentheses more in one library than in the other."""
    kept = []
    for place, token in found:
        if token == ")" and len(kept) > 1 and kept[-1][1][0].isdigit() and kept[-2][1] == "(":
            kept[-2:] = [kept[-1]]
        else:
            kept.append((place, token))
    return kept


def preprocessed(command, path):
    done = subprocess.run(
        command + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise Failed("%s: %s:\n%s" % (path, " ".join(command), done.stderr.strip()))
    return without_extra_parentheses(tokens(done.stdout))


def frama_c_command(platform):
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


def targets(package, flags):
    """{package:name: flags} of the libraries of a BUILD file, which is run with its rules replaced, that compile
    files of the core."""
    found = {}

    def rule(*_, name="", srcs=(), copts=(), defines=(), local_defines=(), conlyopts=(), **__):
        if any(
            part in (":compiled", "//src/core:compiled", "//src/core:sources", "*.c")
            for part in srcs
        ):
            given = (
                list(copts)
                + list(conlyopts)
                + ["-D" + word for word in list(defines) + list(local_defines)]
            )
            found["%s:%s" % (package, name)] = flags + given

    def glob(patterns, **_):
        return list(patterns)

    class Rules(dict):
        def __missing__(self, name):
            return getattr(builtins, name, rule)

    with open(package + "/BUILD", encoding="utf-8") as text:
        code = compile(text.read(), package + "/BUILD", "exec", flags=ast.PyCF_ONLY_AST)
    exec(
        compile(code, package + "/BUILD", "exec"),  # pylint: disable=exec-used
        Rules(glob=glob, select=lambda ways: sum(ways.values(), []), filegroup=lambda **_: None),
    )
    return found


def bazelrc():
    """{configuration: flags for C} of .bazelrc, "" for every build; sanitizers and coverage change no text."""
    found = {"": []}
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


def command_lines():
    """Flags of each cc line of README.md that compiles the core."""
    with open("README.md", encoding="utf-8") as text:
        return {
            "README.md:%d" % number: re.findall(r"(?<!\S)-(?!o\b|e\b|v\b)\S+", line)
            for number, line in enumerate(text, 1)
            if re.match(r"\s+cc .*src/core/\w+/\*\.c", line)
        }


def builds():
    """{name: flags} of every way in which this tree compiles the core."""
    configurations = bazelrc()
    found = dict(command_lines())
    for package in ("src/core", "proofs/laws", "fuzz"):
        for target, flags in targets(package, []).items():
            if target in DIFFERENT:
                continue
            for name, more in configurations.items():
                found[target + (" --config=" + name if name else "")] = (
                    configurations[""] + more + flags
                )
    return found


def _textual(flags):
    """Of these flags, those that can change what the preprocessor makes; the others may not be known to a compiler."""
    kept, words = [], iter(flags)
    for word in words:
        if word in (
            "-D",
            "-U",
            "-I",
            "-include",
            "-imacros",
            "-isystem",
            "-iquote",
            "-Xpreprocessor",
        ):
            kept += [word, next(words, "")]
        elif word not in kept and re.match(
            r"-(?:D|U|I|std=|ansi|O|m|Wp,|fsanitize=(?!fuzzer)|f(?:short|unsigned|signed|pack|exec|input)|trigraphs|undef|iquote|isystem|nostdinc)",
            word,
        ):
            kept.append(word)
    return kept


def strange(flags):
    """Options of which nobody here knows that they leave the meaning of C as it is."""
    words = iter(flags)
    found = []
    for word in words:
        if word == "-include":
            next(words, "")
        elif not KNOWN_FLAGS.fullmatch(word):
            found.append(word)
    return found


def _platform(flags):
    named = [flag.split("=", 1)[1] for flag in flags if flag.startswith("-DCONTIG_PLATFORM=")]
    return named[-1] if named else None


def differences(paths):
    """Sentences, and how many builds were compared."""
    found, kinds, seen = [], {}, {}
    for name, flags in builds().items():
        found += [
            "%s: the core is built without %s, which may change what C means" % (name, flag)
            for flag in strange(flags)
        ]
        kinds.setdefault(tuple(_textual(flags)), []).append(name)
    commands = {
        platform: frama_c_command(platform) for platform in {_platform(flags) for flags in kinds}
    }
    for (flags, names), compiler, path in itertools.product(kinds.items(), COMPILERS, paths):
        platform = _platform(flags)
        if (platform, path) not in seen:
            seen[platform, path] = preprocessed(commands[platform], path)
            found += foreign(seen[platform, path])
        proved = seen[platform, path]
        compiled = preprocessed([compiler, "-E", "-I.", *flags], path)
        if [token for _, token in compiled] != [token for _, token in proved]:
            found.append(
                "%s: %s (%s): %s" % (path, names[0], compiler, first_difference(compiled, proved))
            )
    return found, len(kinds)


def first_difference(compiled, proved):
    match = difflib.SequenceMatcher(
        None, [t for _, t in compiled], [t for _, t in proved], autojunk=False
    )
    for kind, a_from, a_to, b_from, b_to in match.get_opcodes():
        if kind != "equal":
            place = (compiled[a_from:] or compiled[-1:] or [("?", "")])[0][0]
            return "%s: the compiler reads '%s', Frama-C '%s'" % (
                place,
                " ".join(t for _, t in compiled[a_from:a_to])[:60],
                " ".join(t for _, t in proved[b_from:b_to])[:60],
            )
    return "no difference"


def _bare(text):
    """Source text without comments, its lines kept."""
    return re.sub(
        r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|//[^\n]*',
        lambda match: match.group()
        if match.group()[0] == '"'
        else re.sub(r"[^\n]", " ", match.group()),
        text,
        flags=re.S,
    )


def _attributes(found):
    """(place, name) of all that stands in the parentheses of an attribute."""
    depth, inside = 0, False
    for place, token in found:
        if token == "__attribute__":
            depth, inside = 0, True
        elif inside:
            depth += {"(": 1, ")": -1}.get(token, 0)
            inside = depth > 0
            if re.match(r"\w", token):
                yield place, token


def foreign(found):
    """Sentences on words and spellings that the core does without, of [(place, token)]."""
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
        for (_, before), (place, token) in zip([("", "")] + found, found)
        if token == "inline" and before != "static"
    ]
    return ["%s: the core does without %s" % one for one in said]


def refused(path):
    """Words and spellings of a file that the core does without."""
    with open(path, encoding="utf-8") as text:
        content = text.read()
    found = []
    if "??" in content:
        found.append((content[: content.index("??")].count("\n") + 1, "a trigraph"))
    lines = _bare(content).splitlines()
    for number, line in enumerate(lines, 1):
        if re.match(
            r"\s*#\s*(?:if|ifdef|ifndef|elif|else|endif|include|undef|error|line)\b.*\\$", line
        ):
            found.append((number, "a directive over several lines"))
        if re.match(r"\s*#\s*(?:line|pragma|ident|include_next|import|warning|\d)", line):
            found.append((number, line.strip()))
    return foreign(
        [
            ("%s:%d" % (path, number), token)
            for number, line in enumerate(lines, 1)
            for token in _TOKEN.findall(line)
        ]
    ) + ["%s:%d: the core does without %s" % (path, number, what) for number, what in found]


def core_files():
    return source.files(
        (".c", ".h", ".acsl", ".inc", ".S", ".s"), source.CORE, source.LAWS, source.VOCABULARY
    )


def main():
    files = core_files()
    findings = [text for path in files for text in refused(path)]
    unknown = [name for name in sys.argv[1:] if name not in files]
    if unknown:
        print(
            "compiled_text: %r is no file of %s, %s or %s"
            % (unknown[0], source.CORE, source.LAWS, source.VOCABULARY),
            file=sys.stderr,
        )
        return 2
    units = sys.argv[1:] or [path for path in files if path.endswith(".c")]
    try:
        frama_c.require_tools("frama-c", *COMPILERS)
        different, kinds = differences(units)
    except (Failed, frama_c.ToolMissing) as problem:
        print("compiled_text: %s" % problem, file=sys.stderr)
        return 2 if isinstance(problem, frama_c.ToolMissing) else 1
    findings += different
    for text in findings:
        print(text)
    print(
        "%d files as %d kinds of builds have them, by %s, compared with Frama-C's: %d findings"
        % (len(units), kinds, " and ".join(COMPILERS), len(findings))
    )
    return 1 if findings or not units or not kinds else 0


if __name__ == "__main__":
    sys.exit(main())
