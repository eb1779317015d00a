"""sizes.py: how large stacks are.  SIZE-1, SIZE-2, SIZE-5, GROW-2, GROW-3, GROW-9, SHRINK-1..SHRINK-3, GC-6."""
from __future__ import annotations

FIXED = 2048
ORDERS = 4
GUARD = 928
NOSPLIT = 800
CHUNK = 32768
LARGEST = 512 << 20
END_OF_NUMBERS = 1 << 64

# What a guard holds that asks for something else than room.
PREEMPT = END_OF_NUMBERS - 0x522
FORCE_MOVE = END_OF_NUMBERS - 0x113


def sizes() -> list[int]:
    """Every size that a stack can have."""
    return [FIXED << times for times in range(19)]


def is_size(size: int) -> bool:
    return size in sizes()


def is_pooled(size: int) -> bool:
    return is_size(size) and size < CHUNK


def order_of(size: int) -> int:
    """The pool of a pooled size, or the order of the block of a large one."""
    return (size // (FIXED if is_pooled(size) else CHUNK)).bit_length() - 1


def newstack_size(old: int, used: int, frame: int, maximum: int) -> int:
    """The least doubling with room, or 0."""
    size = 2 * old
    while size < used + frame + GUARD:
        size *= 2
    return size if size <= min(maximum, LARGEST) else 0


def shrinkstack_size(old: int, used: int) -> int:
    """Half, if less than a quarter is needed and the guard fits, or what it was."""
    half = old // 2
    due = used + NOSPLIT < old // 4 and used + GUARD < half and half >= FIXED
    return half if due else old


def starting_stack_size(scanned: int, stacks: int, maximum: int) -> int:
    """What an average scanned stack needs, in a size that does not exceed the limit."""
    limit = max(FIXED, min(maximum, LARGEST))
    needed = scanned // stacks + GUARD if stacks else 0
    allowed = [size for size in sizes() if size <= limit]
    return next((size for size in allowed if size >= needed), allowed[-1])


def newstack_step(guard: int, asked: bool) -> str:
    if guard == PREEMPT:
        return "SHRINK" if asked else "YIELD"
    return "MOVE" if guard == FORCE_MOVE else "GROW"


def shrink_step(off: bool, unsafe: bool, size: int, used: int) -> str:
    """`unsafe`: a system call, an asynchronous safe point, or parking on a channel."""
    if off or unsafe:
        return "OFF" if off else "LATER"
    return "DUE" if used <= size and shrinkstack_size(size, used) != size else "NOT_DUE"
