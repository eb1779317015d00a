"""machine.py: the tools and the source of a run: versions, and a digest of the tree."""
import hashlib
import os
import shutil
from typing import Any

from contig import environment, processes, tree

ASK_SECONDS = 300
TOOLS = {
    "frama-c": ["frama-c", "-version"],
    "why3": ["why3", "--version"],
    "z3": ["z3", "--version"],
    "cvc4": ["cvc4", "--version"],
    "gcc": ["gcc", "--version"],
    "clang": ["clang", "--version"],
    "afl++": ["dpkg-query", "-W", "-f", "${Version}", "afl++"],
    "bazel": ["dpkg-query", "-W", "-f", "${Version}", "bazel-bootstrap"],
    "go": ["go", "version"],
    "python3": ["python3", "--version"],
    "chromium": ["dpkg-query", "-W", "-f", "${Version}", "chromium"],
}


def _version(command: list[str]) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    result = processes.captured(command, ASK_SECONDS, env=environment.clean(), together=True)
    return result.output.strip().split("\n")[0] if result.done.status == 0 else None


def tools() -> dict[str, str | None]:
    """The version of each tool that is installed."""
    return {name: _version(command) for name, command in TOOLS.items()}


def source(root: str) -> dict[str, Any]:
    """A digest of every file that git knows or would add."""
    paths, whole = tree.files(root), hashlib.sha256()
    for path in paths:
        with open(os.path.join(root, path), "rb") as content:
            # A name may hold a newline: its end is a byte that no name has.
            whole.update(os.fsencode(path) + b"\0" + hashlib.sha256(content.read()).digest())
    checkout = tree.is_checkout(root)
    commit = tree.git(root, "rev-parse", "HEAD") if checkout else None
    changed = tree.git(root, "status", "--porcelain", "-z") if checkout else None
    return {
        "sha256": whole.hexdigest(),
        "files": len(paths),
        "commit": commit.strip() if commit else None,
        "changed": bool(changed) if changed is not None else None,
    }
