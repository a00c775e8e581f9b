"""A limit of time for a hook on a server, which would kill it without a word."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from leaksweep.errors import ExitCode, Interrupted


@contextlib.contextmanager
def limited(seconds: float, *, passes: bool = False) -> Iterator[None]:
    """End the run after so many seconds of wall time (0: never); ``passes`` says that this lets the push through.

    Raises:
        Interrupted: the time was up.
    """

    def end(_: int, __: FrameType | None) -> None:
        text = f"not scanned to the end within the time limit of {seconds:g} s"
        if passes:
            raise Interrupted(f"{text}: passed unscanned, as --allow-skipped says", ExitCode.CLEAN)
        raise Interrupted(f"{text}: blocked; push fewer commits at once, or have the hook's --time-limit raised")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
