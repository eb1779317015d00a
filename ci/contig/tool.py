"""tool.py: how a tool begins and ends.

Everything that a tool cannot do is a Problem: one sentence on standard error, and status 2.  A verdict is the status
that the tool's own function returns.  A tool that a signal ends lets its children end first, and then ends by that
signal, so that its caller sees it.
"""
import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

COULD_NOT_RUN = 2
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Problem(Exception):
    """Why something cannot be done: one sentence, without a full stop."""


class Ended(BaseException):
    """A signal asks this process to end.  Not an Exception: nothing but clean-up may catch it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def printable(text: str) -> str:
    """The text with everything escaped that a terminal might obey; lines stay."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )


def shown(text: str) -> str:
    """A word of the user's, quoted and escaped, for a message; of a long one both ends: a path ends with its name."""
    short = text if len(text) <= 100 else text[:48] + "..." + text[-48:]
    return "'" + printable(short).replace("\n", "\\n") + "'"


def sentence(error: OSError) -> str:
    """What the system refused, and for which file."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is None:
        return reason
    return "%s: %s" % (shown(os.fsdecode(error.filename)), reason)


def say(tool: str, text: str) -> None:
    """Writes one message to standard error; a standard error that is closed or full loses it."""
    if sys.stderr is None:
        # print would take standard output instead.
        return
    try:
        print("%s: %s." % (tool, printable(text).rstrip(".\n")), file=sys.stderr, flush=True)
    except OSError:
        _discard(2)


def _discard(descriptor: int) -> None:
    """What is left in a stream's buffer would be tried again at exit, and change the status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _on_signal(number: int, _: FrameType | None) -> None:
    # Once is enough: what follows is clean-up, which a second signal must not cut short.
    for other in ENDING_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Ended(number)


def watch_signals() -> None:
    """From here on each ending signal raises Ended.  One that the caller ignores (nohup) stays ignored."""
    for number in ENDING_SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _on_signal)


def _end_by(number: int) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    sys.exit(128 + number)


def _open_streams() -> None:
    """Gives descriptors 0 to 2 something, so that no file of the tool's becomes standard output."""
    closed = sys.stdout is None
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if closed:
        raise Problem("standard output is closed")
    if hasattr(sys.stdout, "reconfigure"):
        # A name that is no UTF-8 is shown with escapes.
        sys.stdout.reconfigure(errors="backslashreplace")


def _flush() -> int:
    """Status 2 if what was printed did not arrive."""
    try:
        sys.stdout.flush()
        return 0
    except OSError:
        _discard(1)
        raise


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return (
        "%s:%s" % (os.path.basename(frames[-1].filename), frames[-1].lineno)
        if frames
        else "nowhere"
    )


def _guarded(main: Callable[[], int]) -> int:
    """The status of main; a Problem for whatever else happens."""
    try:
        _open_streams()
        watch_signals()
        status = main()
        return _flush() or status
    except OSError as error:
        if (
            error.errno
            in (
                errno.EPIPE,
                errno.ENOSPC,
                errno.EIO,
                errno.EBADF,
                errno.EFBIG,
                errno.EDQUOT,
                errno.EROFS,
            )
            and error.filename is None
        ):
            raise Problem("the output cannot be written: %s" % sentence(error)) from error
        raise Problem(sentence(error)) from error
    except MemoryError as error:
        raise Problem("there is not enough memory") from error
    except RecursionError as error:
        raise Problem("the input is nested too deep") from error
    except Problem:
        raise
    except Exception as error:
        raise Problem(
            "internal error: %s: %s (%s)" % (type(error).__name__, error, _place(error))
        ) from error


def run(tool: str, main: Callable[[], int]) -> NoReturn:
    """Runs a tool and ends the process: main's status, or 2 with a sentence, or the signal that ended it."""
    try:
        status = _guarded(main)
    except Problem as problem:
        say(tool, str(problem))
        status = COULD_NOT_RUN
    except Ended as ended:
        say(tool, "ended by %s" % ended)
        _end_by(ended.number)
    try:
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        _discard(1)
        status = COULD_NOT_RUN
    sys.exit(status)
