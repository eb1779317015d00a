"""readable.py: contracts for people: the clauses of an ACSL contract with the signs of mathematics."""
import html
import re

SIGNS = [
    (r"\\forall\s+integer\s+([\w,\s]+?);", r"∀ \1:"),
    (r"\\exists\s+integer\s+([\w,\s]+?);", r"∃ \1:"),
    (r"\\let\s+", "let "),
    (r"<==>", "⇔"),
    (r"==>", "⇒"),
    (r"&&", "∧"),
    (r"\|\|", "∨"),
    (r"!=", "≠"),
    (r"<=", "≤"),
    (r">=", "≥"),
    (r"==", "="),
    (r"!(?=[\w(])", "¬"),
    (r"\\result", "result"),
    (r"\\nothing", "nothing"),
    (r"\\false", "false"),
    (r"\\true", "true"),
    (r"\\old\(", "old("),
    (r"\\at\(", "at("),
    (r"\\valid_read", "readable"),
    (r"\\separated", "separate"),
    (r"\s*\.\.\s*", " … "),
]
KINDS = "requires|ensures|assigns|assumes|behavior|exits|terminates|complete behaviors|disjoint behaviors|decreases"


def signs(text: str) -> str:
    for pattern, sign in SIGNS:
        text = re.sub(pattern, sign, text)
    return text


def clauses(contract: str) -> list[tuple[str, str, str]]:
    """[(kind, name, text)] of a contract; a behavior is a row of its own, and its clauses follow."""
    text = re.sub(r"^/\*@|\*/$", "", contract.strip()).strip()
    found = []
    pieces = re.split(r"(?:^|(?<=[;:])|\n)\s*(?=(?:%s)\b)" % KINDS, text)
    for piece in pieces:
        match = re.match(r"(%s)\b\s*(?:(\w+)\s*:(?!:))?\s*(.*)" % KINDS, piece.strip(), flags=re.S)
        if match:
            found.append(
                (match.group(1), match.group(2) or "", match.group(3).strip().rstrip(";").strip())
            )
    return found


def table(contract: str) -> str:
    """An HTML table of the clauses."""
    rows = []
    for kind, name, text in clauses(contract):
        if kind == "exits":
            continue
        # The widest indentation that the continuation lines share goes.
        lines = text.split("\n")
        rest = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
        cut = min(rest) if rest else 0
        shown = "\n".join([lines[0]] + ["  " + line[cut:] for line in lines[1:]])
        if kind == "behavior":
            rows.append(
                '<tr class="behavior"><th colspan="3">case %s</th></tr>' % html.escape(name)
            )
            continue
        rows.append(
            '<tr><th scope="row">%s</th><td>%s</td><td><pre>%s</pre></td></tr>'
            % (kind, html.escape(name), html.escape(signs(shown)))
        )
    return '<table class="contract"><tbody>%s</tbody></table>' % "".join(rows)
