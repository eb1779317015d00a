"""Runs ACL2, and believes it only if its last form was reached and found everything proved."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Optional

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.dont_write_bytecode = True
sys.path.append(os.path.join(ROOT, "proofs"))
import paths  # noqa: E402,F401
from contig import arguments, debian, files, processes, tool  # noqa: E402

__all__ = [
    "BASE",
    "BOOKS",
    "HERE",
    "PROVED",
    "ROOT",
    "Tools",
    "acl2",
    "arguments",
    "command",
    "debian",
    "files",
    "findings",
    "generate",
    "load",
    "quoted",
    "tool",
    "tools",
    "words_of",
]

RELEASE = "acl2-8.5dfsg"
COMMAND_SECONDS = 3600
PROVED = 42  # ACL2 exits with 0 whatever happened: only the last form of a run that succeeded exits with this
# With 3.6e9 three quarters of the time is garbage collection; so it is if GCL collects before the heap is nearly full.
HEAP_BYTES = 7.2e9
COLLECTION = {"GCL_GC_PAGE_MIN": "0.9", "GCL_GC_ALLOC_MIN": "0.3"}
BOOKS = '(include-book "projects/x86isa/proofs/utilities/app-view/top" :dir :system :ttags :all)'
BASE = ("model.lisp", "lemmas.lisp", "words.lisp", "gate.lisp")


@dataclass(frozen=True)
class Tools:
    """ACL2 and its books, the folder where the work is done, and the file that ACL2's output goes to."""

    acl2: str
    books: str
    work: str
    log: str


def tools(work: str, log: str) -> Tools:
    """What ci/setup --acl2 has installed; the Lisp files of this folder are copied to `work`."""
    command(os.path.join(HERE, "install"), "--check")
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.environ.get("CONTIG_ACL2") or os.path.join(cache, "contig/acl2")
    for source in (HERE, os.path.join(HERE, "cosim")):
        for name in os.listdir(source):
            if name.endswith(".lisp"):
                shutil.copy(os.path.join(source, name), work)
    with open(log, "w", encoding="utf-8"):
        return Tools(
            f"{folder}/usr/lib/{RELEASE}/saved_acl2",
            f"{folder}/usr/share/{RELEASE}/books",
            work,
            log,
        )


def command(*words: str, cwd: Optional[str] = None) -> str:
    """The output of a command that must succeed."""
    found = processes.captured(words, COMMAND_SECONDS, cwd=cwd)
    if found.done.status or found.done.late:
        last = (found.errors.strip().splitlines() or [found.done.text()])[-1]
        name = os.path.basename(words[0])
        raise tool.Problem(last if name in last.split(":")[0] else f"{name}: {last}")
    return found.output


def acl2(used: Tools, name: str, forms: list[str], seconds: int) -> bool:
    """Gives the forms to ACL2; true only if the last of them was reached and found everything proved."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    environment = {
        **os.environ,
        **COLLECTION,
        "ACL2_SYSTEM_BOOKS": used.books,
        "GCL_MEM_MULTIPLE": f"{HEAP_BYTES / memory:.3f}",
    }
    begun = time.monotonic()
    with open(used.log, "a", encoding="utf-8") as log:
        log.write(f"== {name}\n")
        log.flush()
        with processes.started(
            ["bash", "-c", 'ulimit -s unlimited; exec "$0"', used.acl2],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=used.work,
            env=environment,
            text=True,
        ) as process:
            try:
                process.communicate("\n".join(forms) + "\n", timeout=seconds)
            except subprocess.TimeoutExpired:
                print(f"{name}: no answer in {seconds} s")
    good = process.returncode == PROVED
    print(
        f"{name}: {'as it must be' if good else 'NOT as it must be'}, {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    return good


def load(*files: str) -> list[str]:
    """Forms that load files; a file is left at its first error."""
    return [f'(ld "{name}" :ld-error-action :error)' for name in files]


def generate(program: str, harness: str, folder: str) -> None:
    """The theorems about the routines of a program and the prologues of another."""
    os.makedirs(folder, exist_ok=True)
    generator = os.path.join(HERE, "generate.py")
    command(debian.PYTHON, generator, program, harness, folder)


def words_of(folder: str, name: str) -> list[str]:
    """The lines of a file that `generate` wrote."""
    with open(os.path.join(folder, name), encoding="ascii") as content:
        return content.read().split()


def quoted(names: list[str]) -> str:
    """Names of theorems as a list of Lisp."""
    return "'(" + " ".join(f"x86isa::{name}" for name in names) + ")"


def findings(log: str) -> list[str]:
    """The events that failed, and what the forms at the end say, from the log."""
    with open(log, encoding="utf-8", errors="replace") as content:
        text = content.read()
    failed = re.findall(
        r"^ACL2 Error \[Failure\] in \( (DEFTHM|DEFTHMD|DEFUN|DEFUN-NX) (\S+)", text, flags=re.M
    )
    # ACL2's prompt may stand before what a form prints.
    said = (
        r"^(?:\w+ p?!?>+)?"
        r"((?:not proved|taken for granted|different|co-simulation|NOT NOTICED|noticed|NOT PROVED|proved): .*)"
    )
    return [f"failed: {name.rstrip('.:)')}" for _, name in failed] + re.findall(
        said, text, flags=re.M
    )
