#!/usr/bin/env python3
"""beside.py OUT: puts beside each target in OUT what OSS-Fuzz takes from there: its seeds, its dictionary, its options.

Called by build.sh, which built the targets.
"""
import io
import os
import sys
import zipfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "ci"))
from contig import arguments, files, targets, tool  # noqa: E402


def packed(folder: str) -> bytes:
    """All files of a folder, in the form in which OSS-Fuzz takes seeds."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(os.listdir(folder)):
            out.write(os.path.join(folder, name), name)
    return archive.getvalue()


def main() -> int:
    parser = arguments.Parser("ci/oss_fuzz/beside.py", __doc__ or "")
    parser.add_argument("out", metavar="OUT", type=arguments.input_folder)
    out = parser.read().out
    for name, target in targets.load(ROOT).items():
        program, corpus = os.path.join(out, name), os.path.join(ROOT, "fuzz/corpus", name)
        if os.path.isdir(corpus):
            files.write(program + "_seed_corpus.zip", packed(corpus))
        if target.dictionary is not None:
            dictionary = files.read(os.path.join(ROOT, "fuzz", target.dictionary))
            files.write(program + ".dict", dictionary)
        options = "[libfuzzer]\nmax_len = %d\nentropic = 0\n" % target.bytes
        files.write(program + ".options", options)
    return 0


if __name__ == "__main__":
    tool.run("ci/oss_fuzz/beside.py", main)
