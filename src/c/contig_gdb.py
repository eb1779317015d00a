"""contig_gdb.py: goroutines for gdb: source src/c/contig_gdb.py.

  contig goroutines        each goroutine: number, status, stack, and the function that it is in
  contig backtrace NUMBER  the calls of one that does not run; of the running one, bt shows them

Reads memory only, so that it works on a core, too.  The walk is that of the site table, as in traceback.c.
"""
from typing import Any

import gdb


def _value(name: str, kind: str) -> Any:
    """A variable of the runtime, whose own files have no types for gdb."""
    return gdb.parse_and_eval("*(%s *)&%s" % (kind, name))


def _goroutines() -> list[Any]:
    """The records of goroutines that are alive."""
    slabs = gdb.parse_and_eval("(struct g **)&slabs")
    count = int(gdb.parse_and_eval("((struct scheduler *)&contig_sched)->g_count"))
    slab = int(gdb.parse_and_eval("contig_c_for_gdb.slab_count"))
    records = [slabs[i // slab][i % slab] for i in range(count)]
    return [g for g in records if str(g["status"].cast(_status())) not in ("G_IDLE", "G_DEAD")]


def _status() -> Any:
    return gdb.lookup_type("enum g_status")


def _sites() -> dict[int, Any]:
    """Rows of the site table by return address."""
    table = gdb.parse_and_eval("(struct site *)&sites")
    base = int(_value("sites_text_base", "unsigned long"))
    count = int(_value("sites_count", "unsigned int"))
    return {base + int(table[i]["pc"]): table[i] for i in range(count)}


def _word(address: int) -> int:
    memory = gdb.selected_inferior().read_memory(address, 8)
    return int.from_bytes(memory.tobytes(), "little")


def _place(pc: int) -> str:
    """Function, and line if gdb knows it, of the call before a return address."""
    name = str(gdb.execute("info symbol %d" % (pc - 1), to_string=True)).split(" in section")[0]
    found = gdb.find_pc_line(pc - 1)
    where = " at %s:%d" % (found.symtab.filename, found.line) if found.symtab else ""
    return name.strip() + where


def _frames(g: Any) -> list[tuple[int, int]]:
    """(return address, stack pointer) of each call, innermost first."""
    sites, found = _sites(), []
    sp, pc = int(g["stack"]["sched"]["sp"]), int(g["stack"]["sched"]["pc"])
    while pc in sites and sp < int(g["stack"]["hi"]):
        found.append((pc, sp))
        if int(sites[pc]["bottom"]) != 0:
            break
        sp += 8 * (int(sites[pc]["frame_words"]) + 2)
        pc = _word(sp - 8)
    return found


class Contig(gdb.Command):  # type: ignore[misc]
    """Goroutines of the contig runtime."""

    def __init__(self) -> None:
        super().__init__("contig", gdb.COMMAND_STACK, prefix=True)


class Goroutines(gdb.Command):  # type: ignore[misc]
    """contig goroutines: each goroutine that is alive."""

    def __init__(self) -> None:
        super().__init__("contig goroutines", gdb.COMMAND_STACK)

    def invoke(self, argument: str, from_tty: bool) -> None:
        """Prints a line for each."""
        for g in _goroutines():
            status = str(g["status"].cast(_status()))[len("G_") :].lower()
            size = int(g["stack"]["hi"]) - int(g["stack"]["lo"])
            frames = _frames(g) if status != "running" else []
            # The innermost is the adapter that it waits in.
            place = _place(frames[min(1, len(frames) - 1)][0]) if frames else ""
            print("%d %s, %d bytes of stack %s" % (int(g["id"]), status, size, place))


class Backtrace(gdb.Command):  # type: ignore[misc]
    """contig backtrace NUMBER: the calls of a goroutine that does not run."""

    def __init__(self) -> None:
        super().__init__("contig backtrace", gdb.COMMAND_STACK)

    def invoke(self, argument: str, from_tty: bool) -> None:
        """Prints a line for each call."""
        chosen = [g for g in _goroutines() if str(int(g["id"])) == argument.strip()]
        if not chosen:
            raise gdb.GdbError("there is no goroutine '%s'" % argument.strip())
        if str(chosen[0]["status"].cast(_status())) == "G_RUNNING":
            raise gdb.GdbError("goroutine %s runs: bt shows its calls" % argument.strip())
        for number, (pc, sp) in enumerate(_frames(chosen[0])):
            print("#%d 0x%x sp=0x%x %s" % (number, pc, sp, _place(pc)))


Contig()
Goroutines()
Backtrace()
