"""processes.py: children that end with their parent, each within a bound of time.

Each child leads a process group of its own.  When its time is up, when a signal ends the parent, or when an error
leaves the block, the whole group is asked to end (SIGTERM), and after a while made to (SIGKILL).  A child that is one
of our own tools has time for its own children first.
"""
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from contig.tool import Problem, shown

# Between two looks at a child: short at first, since most compilers are done within a few milliseconds.
FIRST_POLL_SECONDS, POLL_SECONDS = 0.001, 0.05
# From SIGTERM to SIGKILL.  A tool that starts tools takes the second.
GRACE_SECONDS = 5.0
TOOL_GRACE_SECONDS = 30.0


@dataclass(frozen=True)
class Done:
    """How a child ended: its status (negative: the signal), whether its time was up, and how long it ran."""

    status: int
    late: bool
    seconds: float

    def text(self) -> str:
        """For a message."""
        if self.late:
            return "did not end within %.0f seconds" % self.seconds
        if self.status < 0:
            return "was ended by %s" % signal.Signals(-self.status).name
        return "ended with status %d" % self.status


def _has_ended(process: "subprocess.Popen[Any]") -> bool:
    """Looks without reaping, so that the number of the group stays taken."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal_group(process: "subprocess.Popen[Any]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def wait(
    process: "subprocess.Popen[Any]", seconds: float, look: Callable[[], None] | None = None
) -> bool:
    """Waits for a child, and says whether it ended in time.  `look` is called now and then."""
    until = time.monotonic() + seconds
    pause = FIRST_POLL_SECONDS
    while not _has_ended(process):
        if time.monotonic() >= until:
            return False
        if look is not None:
            look()
        time.sleep(pause)
        pause = min(2 * pause, POLL_SECONDS)
    return True


def end(process: "subprocess.Popen[Any]", grace: float = GRACE_SECONDS) -> None:
    """Ends a child and what is left of its group."""
    if process.returncode is not None:
        return
    if not _has_ended(process):
        _signal_group(process, signal.SIGTERM)
        # A stopped process takes the signal only when it goes on.
        _signal_group(process, signal.SIGCONT)
        wait(process, grace)
    _signal_group(process, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def started(
    command: Sequence[str], *, grace: float = GRACE_SECONDS, **how: Any
) -> Iterator["subprocess.Popen[Any]"]:
    """A child in a group of its own, with nothing to read; `how` goes to Popen.  Leaving the block ends it."""
    how.setdefault("stdin", subprocess.DEVNULL)
    try:
        process = subprocess.Popen(list(command), start_new_session=True, **how)
    except FileNotFoundError as error:
        where = how.get("cwd")
        if where is not None and not os.path.isdir(where):
            raise Problem("there is no folder %s" % shown(str(where))) from error
        raise Problem("%s is not installed, or not there" % shown(command[0])) from error
    except (OSError, ValueError) as error:
        raise Problem(
            "%s cannot be run: %s" % (shown(command[0]), getattr(error, "strerror", None) or error)
        ) from error
    try:
        yield process
    finally:
        end(process, grace)


def run(
    command: Sequence[str],
    seconds: float,
    *,
    grace: float = GRACE_SECONDS,
    look: Callable[[], None] | None = None,
    **how: Any,
) -> Done:
    """Runs a child within a bound of time; `how` goes to Popen."""
    begun = time.monotonic()
    with started(command, grace=grace, **how) as process:
        late = not wait(process, seconds, look)
    return Done(process.returncode, late, time.monotonic() - begun)


class Lines:
    """The whole lines that came into a file since the last look."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._rest = file, ""

    def new(self) -> Iterator[str]:
        *whole, self._rest = (self._rest + self._file.read()).split("\n")
        yield from whole


def logged(
    command: Sequence[str],
    seconds: float,
    log: str,
    show: Callable[[str], None] | None = None,
    *,
    grace: float = GRACE_SECONDS,
    **how: Any,
) -> Done:
    """Runs a child whose output is added to a log; each line is shown as it comes.

    The child writes the log itself: no line is lost if this process ends, and no child waits for a reader.
    """
    with open(log, "ab") as out, open(log, encoding="utf-8", errors="replace") as back:
        back.seek(0, os.SEEK_END)
        lines = Lines(back)

        def look() -> None:
            for line in lines.new():
                if show is not None:
                    show(line)

        done = run(
            command, seconds, grace=grace, look=look, stdout=out, stderr=subprocess.STDOUT, **how
        )
        look()
    return done


@dataclass(frozen=True)
class Result:
    """What a child said, and how it ended."""

    done: Done
    output: str
    errors: str


def _rest(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """What a child that was ended had said.  A process that left its group may hold the pipe for ever."""
    try:
        return process.communicate(timeout=1)
    except subprocess.TimeoutExpired:
        return "", ""


def captured(
    command: Sequence[str],
    seconds: float,
    *,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    together: bool = False,
    errors: str = "replace",
) -> Result:
    """Runs a child and keeps what it says; `together` puts its errors into the output, in order.

    `errors` says what becomes of bytes that are no UTF-8."""
    begun = time.monotonic()
    late = False
    with started(
        command,
        env=env,
        cwd=cwd,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        errors=errors,
        stderr=subprocess.STDOUT if together else subprocess.PIPE,
    ) as process:
        try:
            output, complaints = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            late = True
            end(process)
            output, complaints = _rest(process)
    return Result(
        Done(process.returncode, late, time.monotonic() - begun), output or "", complaints or ""
    )
