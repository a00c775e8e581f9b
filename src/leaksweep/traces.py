"""What a prefilter told of a content, carried along to the next version of it.

Where two versions have the same text, and nothing that reaches into what differs, the same things may end there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MANY = 1000  #: places of one content: of more, none is kept


class Run(NamedTuple):
    """Text that a version has from another one: it stands there at ``source``, and here from ``start`` to ``end``."""

    start: int
    end: int
    source: int


class Trace(NamedTuple):
    """Where in a content something may end, and where something begins that is too wide to be seen from there."""

    ends: frozenset[tuple[int, int]] = frozenset()  #: (index of the pattern, end)
    begins: frozenset[tuple[int, int]] = frozenset()  #: (bytes that it takes at most from there, end of the beginning)
    goes_on: bool = False  #: whether there is something of which nothing can be told after any change
    size: int = 0  #: bytes of the content

    @property
    def holds(self) -> bool:
        """Whether a closer look may find anything."""
        return bool(self.ends) or self.goes_on

    def bounded(self) -> Trace:
        """The same; with too many places to keep, only that there are some."""
        return self if len(self.ends) + len(self.begins) <= MANY else Trace(goes_on=True)

    def moved(self, runs: Sequence[Run], size: int) -> Trace | None:
        """What of it is in ``runs``, which a version of ``size`` bytes has from this one; None if a change may complete
        something that begins before it.
        """
        if self.goes_on:
            return None
        ends, begins = set[tuple[int, int]](), set[tuple[int, int]]()
        for start, end, source in runs:
            stop, shift = source + end - start, start - source
            ends.update((index, at + shift) for index, at in self.ends if source < at <= stop)
            free = stop == self.size and end == size  # nothing differs behind it
            for reach, at in self.begins:
                if source < at <= stop:
                    if at + reach > stop and not free:
                        return None
                    begins.add((reach, at + shift))
        return Trace(frozenset(ends), frozenset(begins), False, size)


def joined(traces: Sequence[tuple[int, Trace]], size: int) -> Trace:
    """The trace of a content of ``size`` bytes from those of parts of it, each with where it begins."""
    ends = frozenset((index, start + at) for start, trace in traces for index, at in trace.ends)
    begins = frozenset((reach, start + at) for start, trace in traces for reach, at in trace.begins)
    return Trace(ends, begins, any(trace.goes_on for _, trace in traces), size)
