#!/usr/bin/env python3
"""pool_checker.py TRACE: are the stacks of a trace (spec/trace.md) allocated by the rules?  Apart from the C code.
Rules: SIZE, SPAN, POOL, CACHE, LARGE, LIFE-1, GC-1, GC-2; where they leave a choice, a runtime may choose.  Exit
status: 0 it conforms, 1 it deviates, 2 it cannot be read.  Python 3.9, no package; pool_checker.go is its twin."""
import bisect
import os
import re
import sys
from types import SimpleNamespace
from typing import Any, Counter, Dict, List, Optional, Tuple

SPAN, NUMBERS = 32768, 1 << 64
# Of each event: how many values; is the first an order, a number of pages, a size; fields that it must have.
CALLS = {
    "trace": "1-",
    "alloc": "2scm",
    "free": "2scm",
    "refill": "1ocm",
    "release": "1-cm",
    "clear": "0-cm",
    "phase": "1-",
    "freespans": "0-m",
    "pool-": "2om",
    "pool+": "2om",
    "span+": "2om",
    "span-": "2om",
    "large+": "2pm",
    "large-": "2pm",
    "largeq": "2pm",
    "largehit": "2pm",
}
OTHERS = "scan startsize go dead grow overflow preempt shrink noshrink copy maxstack".split()
MOVES = "move defer- sudog- frame map words defer+ sudog+ moved".split()
# What may follow in the middle of an operation, and which rule says so; what only an operation causes.
STEPS = {
    "refill": ("pool- span+ alloc", "CACHE-3"),
    "pool gave": ("alloc", "POOL-4"),
    "large taken": ("alloc", "SIZE-4"),
    "full": ("release", "CACHE-4"),
    "release": ("pool+", "CACHE-4"),
    "free small": ("pool+", "POOL-4"),
    "free large": ("large- largeq", "LARGE-4"),
    "clear": ("pool+", "CACHE-5"),
}
TAKEN = {True: "pool gave", False: "large taken"}  # what comes before the allocation of a stack
WITHIN = {"pool+": "POOL-4", "largeq": "LARGE-4", "release": "CACHE-4"}
ALIGNED = {"": 8192, "1.12": 8192, "1.19": 8192, "1.27": 8192, "contig": 32768}


class Wrong(Exception):
    """RULE: expected ..."""


def need(holds: object, rule: Optional[str], expected: str) -> None:
    if not holds:
        raise Wrong("%s: expected %s" % (rule, expected))


class Checker:
    def __init__(self) -> None:
        self.fixed, self.orders, self.page = 2048, 4, 8192
        self.bases, self.since = [], {}  # type: List[int], Dict[int, int]
        self.blocks, self.stacks, self.threads = (
            {},
            {},
            {},
        )  # type: Dict[int, Any], Dict[int, Any], Dict[int, Any]
        self.pool, self.cached = (
            Counter(),
            Counter(),
        )  # type: Counter[int], Counter[Tuple[int, int]]
        self.events = self.phase = self.cycle = self.swept = 0

    def pooled(self, size: int) -> bool:
        return size < SPAN and size < self.fixed << self.orders

    def come(self, rule: str, base: int, size: int, slot: int) -> None:
        need(
            base % self.page == 0 and 0 < base < NUMBERS - size,
            rule,
            "a multiple of %d" % self.page,
        )
        place = bisect.bisect_left(self.bases, base + size)
        below = self.blocks[self.bases[place - 1]] if place else None
        need(not below or below.base + below.size <= base, "SPAN-1", "memory that is not in use")
        self.bases.insert(place, base)
        block = SimpleNamespace(
            base=base, size=size, slot=slot, free=size // slot, emptied=self.events
        )
        self.blocks[base] = block
        for address in range(
            base, base + size, slot
        ):  # state: free (in pool or queue), cached, held or live
            self.stacks[address] = SimpleNamespace(of=block, state="free", cache=0)

    def forget(self, block: SimpleNamespace) -> None:
        del self.bases[bisect.bisect_left(self.bases, block.base)], self.blocks[block.base]
        for address in range(block.base, block.base + block.size, block.slot):
            del self.stacks[address]

    def holds(self, cache: int) -> bool:
        return any(self.cached[cache, self.fixed << order] for order in range(4))

    def put(self, cache: int, size: int, s: SimpleNamespace) -> None:
        self.cached[cache, size] += 1
        s.state, s.cache = "cached", cache

    def take(self, rule: str, cache: int, size: int, s: Any) -> None:
        need(
            s and (s.state, s.cache, s.of.slot) == ("cached", cache, size),
            rule,
            "a stack of the cache",
        )
        self.cached[cache, size] -= 1

    def complete(self, now: bool) -> None:  # what was idle when @freespans began has gone
        kept = (
            b
            for b in self.blocks.values()
            if now and b.free * b.slot == b.size and b.emptied < self.swept
        )
        idle = {self.pooled(b.slot) for b in kept}
        need(True not in idle, "SPAN-5", "every empty span given back")
        need(False not in idle, "LARGE-5", "every queued stack given back")

    def follows(self, t: SimpleNamespace, name: str) -> None:
        need(not t.new_span or name == "pool-", "SPAN-2", "a stack of the new span given")
        if t.step == "freespans" and name not in ("span-", "large-"):
            t.step = ""
            self.complete(t.cycle == self.cycle)
        if t.step == "release" and t.taken and name not in ("pool+", "span-"):
            t.step = ""
        allowed, rule = STEPS.get(t.step, (name, ""))
        need(name == "span-" or name in allowed.split(), rule, "one of %s" % allowed)
        need(
            t.step in STEPS or name not in WITHIN, WITHIN.get(name), "an operation that leads to it"
        )

    def size(self, form: str, first: int) -> int:
        size = {"o": self.fixed << min(first, 63), "p": first << 13}.get(form, first)
        power = first and not first & (first - 1)
        need(
            form != "o" or first < self.orders and self.pooled(size),
            "SIZE-2",
            "the order of a pooled size",
        )
        need(
            form != "p" or power and size < NUMBERS and not self.pooled(size),
            "SIZE-4",
            "pages of a large stack",
        )
        need(form != "s" or power and first >= self.fixed, "SIZE-1", "the size of a stack")
        return size

    # What one event does, and what it needs: t is its thread; n: bytes, or the only value; s: the stack at the address.
    def alloc(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        small = self.pooled(n)
        if c and small:
            need(
                t.step not in STEPS or t.step == "refill",
                "CACHE-1",
                "the allocation of the stack just taken",
            )
            served = t.step != "refill" or (t.cache, t.size) == (c, n) and t.taken
            need(served, "CACHE-3", "the allocation that the refill serves")
            self.take("CACHE-1", c, n, s)
        else:
            need(
                (t.step, t.address, t.size) == (TAKEN[small], address, n),
                "POOL-4" if small else "SIZE-4",
                "a stack just taken for it",
            )
        t.step, s.state = "", "live"

    def free(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        need(
            s and s.state == "live" and s.of.slot == n,
            "LIFE-1",
            "a stack of this size that is in use",
        )
        s.state, t.address, t.size, t.cache = "held", address, n, c
        t.step = "free large" if not self.pooled(n) else "full" if c else "free small"
        if t.step == "full" and self.cached[c, n] * n < SPAN:
            t.step = ""
            self.put(c, n, s)

    def refill(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        need(c and not self.cached[c, n], "CACHE-3", "an allocation from the cache")
        t.step, t.cache, t.size, t.taken = "refill", c, n, 0

    def release(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        full = t.step == "full" and t.cache == c and n < 4 and t.size == self.fixed << n
        need(full, "CACHE-4", "no release but of a cache found full")
        t.step, t.taken = "release", 0
        self.put(c, t.size, self.stacks[t.address])

    def clear(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        t.cache, t.step = c, "clear" if self.holds(c) else ""

    def arrives(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        small = self.pooled(n)
        none = not self.pool[n] or not small and self.since[n] > t.last
        need(none, "SPAN-2" if small else "LARGE-3", "a free stack of this size")
        need(t.step != "refill" or t.size == n, "SPAN-2", "a span for the refill")
        self.come("SIZE-3" if small else "SIZE-4", address, SPAN if small else n, n)
        self.pool[n] += self.blocks[address].free
        if small:
            t.new_span = True
        else:
            self.leaves_pool(t, n, address, c, self.stacks.get(address))

    def leaves_pool(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        small, free = self.pooled(n), s and s.state == "free" and s.of.slot == n
        need(free, "POOL-1" if small else "LARGE-1", "a free stack of this size")
        t.new_span, s.state, s.of.free = False, "held", s.of.free - 1
        self.pool[n] -= 1
        if t.step != "refill":
            t.step, t.address, t.size = TAKEN[small], address, n
            return
        need(t.size == n, "CACHE-3", "a stack of the size that is refilled")
        need(self.cached[t.cache, n] * n < SPAN, "CACHE-2", "the end of the refill of a full cache")
        t.taken += 1
        self.put(t.cache, n, s)

    def enters_pool(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        if t.step in ("release", "clear"):
            size = t.step == "clear" or t.size == n
            need(size, "CACHE-4", "a stack of the size that is released")
            self.take("CACHE-5" if t.step == "clear" else "CACHE-4", t.cache, n, s)
            t.taken += 1
            t.step = "" if t.step == "clear" and not self.holds(t.cache) else t.step
        else:
            small = self.pooled(n)
            need(
                t.address == address and t.size == n and (small or self.phase != 0),
                "POOL-3" if small else "LARGE-4",
                "the stack just freed, queued only in a collection",
            )
            t.step = ""
        if not self.pool[n]:
            self.since[n] = self.events
        self.pool[n] += 1
        s.state, s.of.free, s.of.emptied = "free", s.of.free + 1, self.events

    def goes(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        small, freed = self.pooled(n), t.step == "free large" and t.address == address
        whole = s and s.of.base == address and s.of.slot == n and self.phase == 0
        need(
            whole and (freed or s.of.free * n == s.of.size and (small or t.step == "freespans")),
            "SPAN-4" if small else "LARGE-4",
            "what is free as a whole, while no collection runs",
        )
        t.step = "" if freed else t.step
        self.pool[n] -= s.of.free
        self.forget(s.of)

    def freespans(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        self.swept, t.step, t.cycle = self.events, "freespans", self.cycle

    def begins_phase(self, t: SimpleNamespace, n: int, address: int, c: Any, s: Any) -> None:
        need(n == (self.phase + 1) % 3, "GC-1", "the phases 0, 1, 2, 0")
        self.phase, self.cycle = n, self.cycle + (n == 1)
        self.complete(n == 1)

    EFFECTS = {
        "alloc": alloc,
        "free": free,
        "refill": refill,
        "release": release,
        "clear": clear,
        "span+": arrives,
        "large+": arrives,
        "pool-": leaves_pool,
        "largehit": leaves_pool,
        "pool+": enters_pool,
        "largeq": enters_pool,
        "span-": goes,
        "large-": goes,
        "freespans": freespans,
        "phase": begins_phase,
    }

    def header(self, version: int, fields: Dict[str, str]) -> None:
        profile = fields.get("profile", "")
        need(
            self.events == 1 == version and profile in ALIGNED,
            "unreadable",
            "a known version and profile, first",
        )
        self.page = ALIGNED[profile]
        self.__dict__.update(
            {key: number(fields[key]) for key in ("fixed", "orders", "page") if key in fields}
        )
        good = (
            self.fixed in [1 << bits for bits in range(10, 16)]
            and self.orders <= 4
            and 0 < self.page <= 1 << 30
        )
        need(good, "unreadable", "numbers of a header that are in range")

    def event(self, line: str) -> bool:  # whether it is one
        name, *parts = line.rstrip("\r").split(" ")
        if name[:1] != "@" or name[1:3] == "x-" or name[1:] in MOVES:
            return False
        call = CALLS.get(name[1:], "")
        need(
            len(line) <= 1000 and (call or name[1:] in OTHERS),
            "unreadable",
            "a known event, up to 1000 bytes",
        )
        pairs = [part.split("=", 1) for part in parts if "=" in part]
        fields, known = dict(pairs), [
            key for key, _ in pairs if key in ("c", "m", "ph", "fixed", "orders", "page")
        ]
        values = [number(part) for part in parts if "=" not in part] if call else []
        c, m, ph = (number(fields[key]) if key in fields else None for key in ("c", "m", "ph"))
        whole = not call or len(values) == int(call[0]) and all(key in fields for key in call[2:])
        need(
            whole and len(known) == len(set(known)),
            "unreadable",
            "the values and fields of the event, once each",
        )
        self.events += 1
        need(ph in (None, self.phase), "GC-2", "the phase that the trace is in")
        t = self.threads.setdefault(
            m or 0,
            SimpleNamespace(
                step="", cache=0, address=0, size=0, taken=0, last=0, cycle=0, new_span=False
            ),
        )
        if m is not None:
            self.follows(t, name[1:])
        values += [0, 0]
        if name == "@trace":
            self.header(values[0], fields)
        elif call:
            size, address = self.size(call[1], values[0]), values[1]
            self.EFFECTS[name[1:]](self, t, size, address, c, self.stacks.get(address))
        t.last = self.events
        return name != "@trace"


def number(text: str) -> int:
    good = (
        re.fullmatch("[0-9]+|0x[0-9a-fA-F]+", text)
        and int(text, 16 if text[1:2] == "x" else 10) < NUMBERS
    )
    need(good, "unreadable", "a number of at most 64 bits")
    return int(text, 16 if text[1:2] == "x" else 10)


def check(lines: List[str]) -> Tuple[str, int]:
    checker, place, seen = Checker(), 0, False
    try:
        for place, line in enumerate(lines[:-1]):
            seen = checker.event(line) or seen
        place = len(lines) - 1
        need(lines[-1] == "" and seen, "unreadable", "an event, and a newline at the end")
    except Wrong as wrong:
        text = "line %d: %s; found %s" % (place + 1, wrong, re.sub("[^ -~]", "?", lines[place]))
        return text, 2 if str(wrong).startswith("unreadable") else 1
    return "conforms: %d lines, %d events" % (place, checker.events), 0


def main() -> None:
    verdict, status = "usage: pool_checker TRACE (or -)", 2
    try:
        if len(sys.argv) == 2:
            with open(0 if sys.argv[1] == "-" else sys.argv[1], "rb") as file:
                verdict, status = check(file.read().decode(errors="replace").split("\n"))
    except OSError as error:
        verdict = "open %s: %s" % (error.filename, error.strerror)
    try:
        print(verdict, file=sys.stderr if status == 2 else sys.stdout, flush=True)
    except OSError as error:
        os.write(2, ("pool_checker: write: %s\n" % error.strerror).encode())
        status = 2
    os._exit(status)


if __name__ == "__main__":
    main()
