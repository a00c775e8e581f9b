"""How far a scan is, on standard error: a line that changes on a terminal, a line for each layer in a job's log.

A folder is scanned before anyone looks, so a log hears nothing of it.
"""

from __future__ import annotations

import contextlib
import time
from typing import Protocol, TextIO

from leaksweep.redact import printable
from leaksweep.targets import Stage, Target

EVERY = 0.1  #: seconds between two changes of the line on a terminal
WIDTH = 24  #: characters of the bar
COLUMNS = 110  #: of the line; it is cleared with blanks, since not every terminal takes escapes
_CLEAR = f"\r{' ' * COLUMNS}\r"


class Progress(Protocol):
    """Told again and again while a target is scanned. It never tells what was scanned, only how much."""

    def tick(self, target: Target, read: int) -> None:
        """``target`` goes on; ``read`` bytes of it were scanned so far."""

    def close(self) -> None:
        """The scan is over."""


class Silent:
    """Nobody is told."""

    def tick(self, target: Target, read: int) -> None:
        """See ``Progress``."""

    def close(self) -> None:
        """See ``Progress``."""


SILENT = Silent()


class Bar:
    """One line of a terminal, which is cleared in the end."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._next = time.monotonic() + EVERY  # what is over at once is not shown
        self._shown = False

    def tick(self, target: Target, read: int) -> None:
        """See ``Progress``."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        _write(self._out, f"\r{_line(target.name, target.stage, read):<{COLUMNS}}")
        self._shown = True

    def close(self) -> None:
        """See ``Progress``."""
        if self._shown:
            _write(self._out, _CLEAR)


class Log:
    """A line for each stage of each target that has stages."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._last: tuple[str, Stage] | None = None

    def tick(self, target: Target, read: int) -> None:
        """See ``Progress``."""
        if target.stage and (target.name, target.stage) != self._last:
            self._last = (target.name, target.stage)
            where = f"{printable(target.name)}: {printable(target.stage.name)}"
            _write(self._out, f"leaksweep: {where}, {read / 1e6:,.0f} MB so far\n")

    def close(self) -> None:
        """See ``Progress``."""


def progress(out: TextIO | None) -> Progress:
    """What suits a stream."""
    if out is None:
        return SILENT
    return Bar(out) if out.isatty() else Log(out)


def _line(name: str, stage: Stage | None, read: int) -> str:
    size = f"{read / 1e6:,.0f} MB"
    if stage is None or not stage.total:
        return f"{printable(name)[:60]}  {size}"
    filled = min(WIDTH, WIDTH * stage.done // stage.total)
    return f"{printable(name)[:40]}  [{'#' * filled:<{WIDTH}}]  {printable(stage.name)[:40]}  {size}"


def _write(out: TextIO, text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody listens any more
        out.write(text)
        out.flush()
