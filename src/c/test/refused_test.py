#!/usr/bin/env python3
"""refused_test.py CONTIG_CC FLAGS_OF_THE_KIT: functions that are refused are counted by what contig-cc says of them."""
import os
import subprocess
import sys
import tempfile

PLACE = os.path.dirname(os.path.abspath(sys.argv[1]))
sys.path[:0] = [PLACE, os.path.join(PLACE, "..", "..", "ci")]
from cc.refused import Table, judged  # noqa: E402

# Refused by the plugin: two functions, one of them twice.
UNFIT = """void *frame(void) { return __builtin_frame_address(0); }
void pointers(void) { __asm__("push %rsp"); __asm__("push %rbp"); }
"""
# Refused by the checker, without the plugin; `use` is fit, and so is what calls it from another file.
ADDRESS = """void use(int *, int);
int passes(int n) { int cells[9] = {n}; use(cells, 1); use(cells, 2); return cells[n]; }
"""
FIT = """__attribute__((noinline)) void use(int *at, int n) { *at += n; }
int main(void) { return 0; }
"""


def written(folder: str, name: str, text: str) -> str:
    """The path of a source."""
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def says(words: list[str]) -> str:
    """What a tool says; it is not content."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        sys.exit("refused_test: %s is content" % " ".join(words))
    return done.stderr


def expect(table: Table, lines: list[str]) -> None:
    """The table has these lines."""
    if table.lines() != lines:
        sys.exit("refused_test: %s, not %s" % (table.lines(), lines))


def main() -> None:
    """Sentences of the plugin, of the checker, and of neither."""
    contig_cc, kit = os.path.abspath(sys.argv[1]), os.path.dirname(os.path.abspath(sys.argv[2]))
    command = [contig_cc, "--kit=" + kit]
    with tempfile.TemporaryDirectory() as folder:
        unfit, address, fit = (
            written(folder, name + ".c", text)
            for name, text in [("unfit", UNFIT), ("address", ADDRESS), ("fit", FIT)]
        )
        table, made = Table(), os.path.join(folder, "made")
        table.add(says([*command, "-c", unfit, "-o", made]))
        subprocess.run(
            [
                "clang-14",
                "-O2",
                "-fsplit-stack",
                "-fno-pie",
                "-g",
                "-c",
                address,
                "-o",
                made + ".o",
            ],
            check=True,
        )
        table.add(says([*command, made + ".o", fit, "-o", made]))
        subprocess.run([*command, fit, "-o", made], check=True)
        table.add("")
        table.functions += judged(os.path.join(kit, "contig-c-check"), made)
    expect(
        table,
        [
            "5 functions, 3 refused (60.000 %)",
            "       1  20.000 %  it takes the address of its frame, which moves",
            "       1  20.000 %  inline assembly names the stack pointer or rbp",
            "       1  20.000 %  it passes an address of the stack in * to *",
        ],
    )
    print("refused_test: 3 functions of 5 are counted, by reason")


main()
