"""browser.py: one headless chromium for a whole test, asked over a pipe in its DevTools protocol.

A browser takes seconds to start, a page in it a fraction of one.  Called by page_test.py.
"""
from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

SECONDS = 240
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]


class Failed(Exception):
    """What the browser did not do, in a sentence."""


class Browser:
    """A running browser with one empty page."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._rest, self._number = to, back, b"", 0
        self._session: str | None = None
        page = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        self.ask("Page.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends one command and returns its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        text = json.dumps(message).encode() + b"\0"
        while text:
            text = text[os.write(self._to, text) :]
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        """The next message of the browser: an answer, or an event."""
        until = time.monotonic() + SECONDS
        while b"\0" not in self._rest:
            if not select.select([self._back], [], [], max(until - time.monotonic(), 0))[0]:
                raise Failed(f"chromium said nothing for {SECONDS} seconds")
            more = os.read(self._back, 1 << 20)
            if not more:
                raise Failed("chromium ended")
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(text))

    def show(self, address: str, width: int, height: int, scheme: str) -> None:
        """Opens a page in a window of this size; returns when it is loaded."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", features=[feature])
        answer = self.ask("Page.navigate", url=address)
        if "errorText" in answer:
            raise Failed(f"{address}: {answer['errorText']}")
        self.run(
            "new Promise(done => document.readyState === 'complete' ? done(1) :"
            " addEventListener('load', () => done(1)))"
        )

    def run(self, script: str) -> Any:
        """The value of a script in the page; of a promise, what it resolves to."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise Failed(f"a script failed: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def picture(self) -> bytes:
        """The window as a PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])


@contextlib.contextmanager
def started() -> Iterator[Browser]:
    """A browser with a profile of its own; leaving the block ends it."""
    with tempfile.TemporaryDirectory(prefix="chromium-", dir=os.environ.get("TEST_TMPDIR")) as home:
        variables = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home)
        theirs_in, to = os.pipe()
        back, theirs_out = os.pipe()
        # The browser reads descriptor 3 and writes 4; the shell puts them there.
        place = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        process = subprocess.Popen(
            ["bash", "-c", place, "chromium", *FLAGS, f"--user-data-dir={home}", "about:blank"],
            env=variables,
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            browser = Browser(to, back)
            yield browser
            browser.ask("Browser.close")
            process.wait(SECONDS)
        finally:
            process.kill()
            process.wait()
            os.close(to)
            os.close(back)
