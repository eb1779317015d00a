"""script.py: a vector of calls on the heap of stacks, each with its answer and the state afterwards."""
from __future__ import annotations

from typing import List, Tuple

from spec.vectors.areas.vectors import Step, Vector, vector
from spec.vectors.model.heap import NO_P, Heap


class Script:
    """Calls of one vector.  Holds what was allocated, in order."""

    def __init__(self, name: str, requirements: str, chunks: int, states_every: int = 1) -> None:
        self.name, self.requirements, self.chunks = name, requirements, chunks
        self.heap = Heap(chunks)
        self.steps: List[Step] = []
        self.held: List[Tuple[int, int]] = []
        self.states_every = states_every

    def step(self, call: str, **members: object) -> None:
        step: Step = {"call": call, **members}
        if (len(self.steps) + 1) % self.states_every == 0:
            step["state"] = self.heap.state()
        self.steps.append(step)

    def alloc(self, size: int, p: int = NO_P) -> int:
        status, lo = self.heap.stackalloc(p, size)
        self.step("stackalloc", p=p, bytes=size, status=status, lo=lo)
        if status == "OK":
            self.held.append((lo, size))
        return lo

    def free(self, lo: int, size: int, p: int = NO_P) -> None:
        status = self.heap.stackfree(p, lo, size)
        self.step("stackfree", p=p, lo=lo, bytes=size, status=status)

    def free_held(self, place: int = -1, p: int = NO_P) -> None:
        self.free(*self.held.pop(place), p=p)

    def live(self, lo: int, size: int) -> None:
        result = int(self.heap.is_live_stack(lo, size))
        self.step("is_live_stack", lo=lo, bytes=size, result=result)

    def clear(self, p: int) -> None:
        self.heap.stackcache_clear(p)
        self.step("stackcache_clear", p=p)

    def sweep(self) -> None:
        self.heap.freestackspans()
        self.step("freestackspans")

    def collect(self, running: bool) -> None:
        self.heap.collecting = running
        self.step("gc", running=int(running))

    def vector(self) -> Vector:
        self.steps[-1]["state"] = self.heap.state()
        return vector("heap", self.name, self.requirements, chunks=self.chunks, steps=self.steps)
