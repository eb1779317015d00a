"""alive.py: whether a process runs: for tests of what ends the processes that it started."""


def alive(number: int) -> bool:
    """A process that has ended and that nobody has waited for does not run."""
    try:
        with open("/proc/%d/stat" % number, encoding="utf-8") as text:
            return text.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False
