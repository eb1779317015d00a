"""evidence.py: the evidence of one run, as evidence.json says it, and whether it fits its schema.

The schema is the one description of its form; a value that is null was not measured.
"""
import os
from typing import Any

from contig import debian, files

Evidence = dict[str, Any]
ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
SCHEMA = os.path.join(ROOT, "spec/evidence.schema.json")


def faults(evidence: Evidence) -> list[str]:
    """A sentence for each place where the evidence does not fit its schema."""
    validator = debian.module("jsonschema").Draft202012Validator(files.read_json(SCHEMA))
    return [
        f"{'.'.join(map(str, one.absolute_path)) or 'evidence'}: {one.message[:200]}"
        for one in validator.iter_errors(evidence)
    ]
