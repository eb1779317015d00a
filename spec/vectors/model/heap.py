"""heap.py: the arena in blocks, spans, pools, caches and large stacks.  HEAP, SPAN, POOL, ALLOC, COUNT, CACHE, LARGE.

Where the specification leaves a choice, it is the one that spec/vectors/README.md, Choices, describes.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from spec.vectors.model.sizes import CHUNK, FIXED, ORDERS, is_pooled, is_size, order_of

BASE = 0x700000000000
BLOCK_ORDERS = 15
MOST_CHUNKS = 1 << 21
MOST_P = 4
NO_P = -1


class Bag(List[int]):
    """A set of chunks.  One that is taken away is replaced by the last."""

    def take_away(self, chunk: int) -> None:
        place = self.index(chunk)
        last = self.pop()
        if place < len(self):
            self[place] = last


@dataclass
class Block:
    order: int
    state: str  # FREE, SPAN, STACK or QUEUED
    size: int = 0  # of a span's stacks
    free: List[int] = field(default_factory=list)  # of a span: slots, the last is next
    live: List[int] = field(default_factory=list)

    @property
    def slots(self) -> int:
        return CHUNK // self.size


class Heap:
    """An empty heap of that many chunks."""

    def __init__(self, chunks: int, base: int = BASE) -> None:
        self.base, self.chunks, self.mark = base, chunks, 0
        self.blocks: Dict[int, Block] = {}
        self.free = [Bag() for _ in range(BLOCK_ORDERS)]
        self.queued = [Bag() for _ in range(BLOCK_ORDERS)]
        self.pools = [Bag() for _ in range(ORDERS)]
        self.caches: Dict[Tuple[int, int], List[int]] = {}
        self.collecting = False

    # Page heap.

    def rise(self) -> None:
        """HEAP-6."""
        room = min(self.chunks - self.mark, 1 << (BLOCK_ORDERS - 1))
        order = room.bit_length() - 1
        self.blocks[self.mark] = Block(order, "FREE")
        self.free[order].append(self.mark)
        self.mark += 1 << order

    def take_block(self, order: int, state: str) -> Optional[int]:
        """HEAP-2, HEAP-8: the smallest block that is large enough; upper halves stay free."""
        while not any(self.free[order:]):
            if self.mark == self.chunks:
                return None
            self.rise()
        found = next(size for size in range(order, BLOCK_ORDERS) if self.free[size])
        chunk = self.free[found].pop()
        for half in range(found - 1, order - 1, -1):
            self.blocks[chunk + (1 << half)] = Block(half, "FREE")
            self.free[half].append(chunk + (1 << half))
        self.blocks[chunk] = Block(order, state)
        return chunk

    def give_block(self, chunk: int) -> None:
        """HEAP-3, HEAP-5: joined with free buddies."""
        order = self.blocks.pop(chunk).order
        while order + 1 < BLOCK_ORDERS:
            buddy = chunk ^ (1 << order)
            other = self.blocks.get(buddy)
            if other is None or other.state != "FREE" or other.order != order:
                break
            self.free[order].take_away(buddy)
            del self.blocks[buddy]
            chunk, order = min(chunk, buddy), order + 1
        self.blocks[chunk] = Block(order, "FREE")
        self.free[order].append(chunk)

    # Spans and pools.

    def address(self, chunk: int, slot: int = 0) -> int:
        return self.base + chunk * CHUNK + slot * self.blocks[chunk].size

    def pool_gives(self, order: int) -> Optional[Tuple[int, int]]:
        """SPAN-2, SPAN-3, SPAN-7, POOL-1, POOL-2."""
        pool = self.pools[order]
        if not pool:
            new = self.take_block(0, "SPAN")
            if new is None:
                return None
            span = self.blocks[new]
            span.size = FIXED << order
            span.free = list(range(span.slots))
            pool.append(new)
        chunk = pool[-1]
        slot = self.blocks[chunk].free.pop()
        if not self.blocks[chunk].free:
            pool.take_away(chunk)
        return chunk, slot

    def pool_takes(self, address: int) -> None:
        """POOL-2, SPAN-4, SPAN-7."""
        chunk = (address - self.base) // CHUNK
        span = self.blocks[chunk]
        if not span.free:
            self.pools[order_of(span.size)].append(chunk)
        span.free.append((address - self.base) % CHUNK // span.size)
        if len(span.free) == span.slots and not self.collecting:
            self.drop_span(chunk)

    def drop_span(self, chunk: int) -> None:
        self.pools[order_of(self.blocks[chunk].size)].take_away(chunk)
        self.give_block(chunk)

    # Stacks.

    def set_live(self, address: int, live: bool) -> None:
        block = self.blocks[(address - self.base) // CHUNK]
        slot = (address - self.base) % CHUNK // block.size
        if live:
            block.live.append(slot)
        else:
            block.live.remove(slot)

    def small(self, p: int, order: int) -> Optional[int]:
        """CACHE-1, CACHE-3."""
        if p == NO_P:
            got = self.pool_gives(order)
            return None if got is None else self.address(*got)
        cache = self.caches.setdefault((p, order), [])
        if not cache:
            for _ in range(CHUNK // (FIXED << order) // 2):
                got = self.pool_gives(order)
                if got is None:
                    break
                cache.append(self.address(*got))
        return cache.pop() if cache else None

    def large(self, order: int) -> Optional[int]:
        """LARGE-1..LARGE-3."""
        if self.queued[order]:
            queued = self.queued[order].pop()
            self.blocks[queued].state = "STACK"
            return self.base + queued * CHUNK
        chunk = self.take_block(order, "STACK")
        return None if chunk is None else self.base + chunk * CHUNK

    def stackalloc(self, p: int, size: int) -> Tuple[str, int]:
        if not is_size(size):
            return "BAD_SIZE", 0
        order = order_of(size)
        address = self.small(p, order) if is_pooled(size) else self.large(order)
        if address is None:
            return "NO_MEMORY", 0
        if is_pooled(size):
            self.set_live(address, True)
        return "OK", address

    def is_live_stack(self, address: int, size: int) -> bool:
        """ALLOC-5."""
        offset = address - self.base
        block = self.blocks.get(offset // CHUNK)
        if block is None or not is_size(size):
            return False
        if not is_pooled(size):
            return block.state == "STACK" and block.order == order_of(size) and offset % CHUNK == 0
        slot, rest = divmod(offset % CHUNK, size)
        return block.state == "SPAN" and block.size == size and rest == 0 and slot in block.live

    def stackfree(self, p: int, address: int, size: int) -> str:
        """ALLOC-3, LARGE-4, CACHE-2, CACHE-4."""
        if not is_size(size):
            return "BAD_SIZE"
        if not self.is_live_stack(address, size):
            return "BAD_ADDRESS"
        if is_pooled(size):
            self.set_live(address, False)
            self.put_small(p, address, size)
            return "OK"
        chunk = (address - self.base) // CHUNK
        if self.collecting:
            self.blocks[chunk].state = "QUEUED"
            self.queued[order_of(size)].append(chunk)
        else:
            self.give_block(chunk)
        return "OK"

    def put_small(self, p: int, address: int, size: int) -> None:
        if p == NO_P:
            self.pool_takes(address)
            return
        cache = self.caches.setdefault((p, order_of(size)), [])
        if len(cache) * size == CHUNK:
            self.empty_cache(cache, CHUNK // size // 2)
        cache.append(address)

    def empty_cache(self, cache: List[int], left: int) -> None:
        while len(cache) > left:
            self.pool_takes(cache.pop())

    def stackcache_clear(self, p: int) -> None:
        """CACHE-5."""
        for order in range(ORDERS):
            self.empty_cache(self.caches.get((p, order), []), 0)

    def freestackspans(self) -> None:
        """SPAN-5, LARGE-5, ALLOC-4."""
        for pool in self.pools:
            for chunk in reversed(list(pool)):
                if len(self.blocks[chunk].free) == self.blocks[chunk].slots:
                    self.drop_span(chunk)
        for queue in self.queued:
            while queue:
                self.give_block(queue.pop())

    # What a vector says.

    def used(self) -> int:
        """COUNT-1."""
        return sum(
            len(block.live) * block.size
            if block.state == "SPAN"
            else CHUNK << block.order
            if block.state == "STACK"
            else 0
            for block in self.blocks.values()
        )

    def state(self) -> Dict[str, Any]:
        return {
            "used": self.used(),
            "mark": self.mark,
            "caches": [
                {"p": p, "order": order, "stacks": list(stacks)}
                for (p, order), stacks in sorted(self.caches.items())
                if stacks
            ],
            "blocks": [_said(chunk, self.blocks[chunk]) for chunk in sorted(self.blocks)],
        }


def _said(chunk: int, block: Block) -> Dict[str, Any]:
    said: Dict[str, Any] = {"chunk": chunk, "chunks": 1 << block.order, "is": block.state}
    if block.state == "SPAN":
        said.update(order=order_of(block.size), free=len(block.free))
    return said
