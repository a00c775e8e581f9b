"""How long a run may take, by a clock that nobody sets: the time of day may jump."""

from __future__ import annotations

import math
import threading
import time

GRACE = 5.0  #: seconds after which a worker that does not come back is left behind
WORKER = "leaksweep-worker"  #: the name of their threads


class Deadline:
    """The end of ``seconds`` that begin now; of 0 seconds, no end."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds if seconds else math.inf

    @property
    def over(self) -> bool:
        """Whether it has come."""
        return time.monotonic() >= self._end

    @property
    def patience(self) -> float | None:
        """How many seconds from now a worker is waited for; None: for ever."""
        return max(0.0, self._end + GRACE - time.monotonic()) if self.seconds else None

    @property
    def why(self) -> str:
        """Why something was not scanned."""
        return f"the time limit of {self.seconds:g} s was over; raise --time-limit"


NEVER = Deadline()


def left_behind() -> bool:
    """Whether workers still run that nobody waits for."""
    return any(thread.name == WORKER for thread in threading.enumerate())
