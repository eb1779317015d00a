"""page.py: evidence as one HTML page that needs no network.

Called by verify.py with what it measured, and by page_test.py.  page.html and sections/ are the page; what they show is
escaped, and a name that is not there is an error.  A null is shown as not measured: every figure goes through `figure`
of sections/macros.html.
"""
import os
import re

import shown
from contig import debian, files
from evidence import Evidence

HERE = os.path.dirname(os.path.abspath(__file__))
BYTES_MAX = 2 * 1000 * 1000


def _number(value: float) -> str:
    """Of a whole number each digit, in groups of three."""
    if isinstance(value, float):
        return "%.1f" % value if value >= 1 or value == 0 else "%.2g" % value
    return f"{value:,}".replace(",", " ")


def _pieces(text: str) -> list[str]:
    """A sentence and the code that is in it, in turn."""
    return re.split(r"`([^`]*)`", text)


def page(evidence: Evidence) -> str:
    """The page; too large a page is an error, because a stranger shall be able to mail it."""
    jinja2 = debian.module("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=_number, pieces=_pieces)
    theorems = files.read_json(os.path.join(HERE, "theorems.json"))
    whole = str(
        environment.get_template("page.html").render(
            evidence=evidence, shown=shown.Shown(evidence, theorems)
        )
    )
    if len(whole.encode()) > BYTES_MAX:
        raise ValueError("the page has %d bytes, more than %d" % (len(whole.encode()), BYTES_MAX))
    return whole
