"""What a change in a content can complete: for contents that are versions of one another.

A match is as wide as its rule says. If no rule matches in a content, one can match in the next version only where the
two differ, or so near that it reaches there. Of wide rules the beginnings are looked for, too: from there on a change
may complete a match as far as the rule is wide. What is encoded is read from its trigger on to wherever it ends, and
public halves of keys likewise, so where there is one of them, nothing is known of the next version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from leaksweep.cache import Cache
from leaksweep.engine.beginnings import beginning
from leaksweep.engine.coarse import ByRule, holders, joined, per_line, places
from leaksweep.engine.confirm import MARGIN
from leaksweep.engine.encoded import Encoded
from leaksweep.engine.prefilter import Maker
from leaksweep.model import Rule
from leaksweep.traces import Trace

_Places = set[tuple[int, int]]
NARROW = 512  #: bytes of a match that is not wide


class Changes:
    """Asks about parts of contents. ``around`` bytes on each side of a change decide what it completes."""

    around = NARROW + MARGIN

    def __init__(
        self, rules: Sequence[Rule], cache: Cache, using: Maker, every: ByRule, encoded: Encoded | None
    ) -> None:
        widths: dict[str, int] = {}  # of each beginning, the widest match that begins so
        for rule in rules:
            if rule.width > NARROW:
                begins = beginning(rule.pattern, NARROW)
                widths[begins] = max(rule.width, widths.get(begins, 0))
        self.known = "" not in widths  #: whether every wide match begins in a way that can be looked for
        self._widths = list(widths.values())
        self._beginnings = using([per_line(pattern) for pattern in widths], cache) if self.known and widths else None
        self._rules = len(rules)
        self._every = every
        self._encoded = encoded

    def ask(self, contents: Sequence[bytes]) -> dict[int, Trace]:
        """The traces of those in which there may be something, by their indexes."""
        data = joined(contents)
        ends, begins, goes_on = defaultdict[int, _Places](set), defaultdict[int, _Places](set), set[int]()
        for content, index, end in places(contents, self._every.ends(data)):
            ends[content].add((index, end))
            if index >= self._rules:
                goes_on.add(content)
        for content, index, end in places(contents, self._beginnings.ends(data) if self._beginnings else []):
            begins[content].add((self._widths[index] + MARGIN, end))
        if self._encoded:
            goes_on.update(holders(contents, self._encoded.ends(data)))
        return {
            found: Trace(frozenset(ends[found]), frozenset(begins[found]), found in goes_on, len(contents[found]))
            for found in {*ends, *begins, *goes_on}
        }
