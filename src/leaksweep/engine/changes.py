"""What a change in a content can complete: for contents that are versions of one another.

A match is as wide as its rule says. If no rule matches in a content, one can match in the next version only where the
two differ, or so near that it reaches there. Of wide rules the beginnings are looked for: without one in the content
and none where the next version is new, there is no match, however wide. What is encoded is read from its trigger on to
wherever it ends, so where there is a trigger, nothing is known of the next version.
"""

from __future__ import annotations

from collections.abc import Sequence

from leaksweep.cache import Cache
from leaksweep.engine.beginnings import beginning
from leaksweep.engine.coarse import ByRule, holders, joined, per_line
from leaksweep.engine.confirm import MARGIN
from leaksweep.engine.encoded import Encoded
from leaksweep.engine.prefilter import Maker
from leaksweep.model import Rule

NARROW = 512  #: bytes of a match that is not wide
_Found = tuple[set[int], set[int]]


class Changes:
    """Asks about parts of contents. ``around`` bytes on each side of a change decide what it completes."""

    around = NARROW + MARGIN

    def __init__(
        self, rules: Sequence[Rule], cache: Cache, using: Maker, every: ByRule, encoded: Encoded | None
    ) -> None:
        wide = [beginning(rule.pattern, NARROW) for rule in rules if rule.width > NARROW]
        self.known = all(wide)  #: whether every wide match begins in a way that can be looked for
        patterns = [per_line(pattern) for pattern in dict.fromkeys(wide)] if self.known else []
        self._beginnings = using(patterns, cache) if patterns else None
        self._rules = len(rules)
        self._every = every
        self._encoded = encoded

    def ask(self, contents: Sequence[bytes]) -> _Found:
        """The indexes of those in which something may end, and of those of whose next version nothing is known."""
        data = joined(contents)
        found = self._every.ends(data)
        ends, begins = {end for _, end in found}, {end for index, end in found if index >= self._rules}
        begins |= {end for _, end in self._beginnings.ends(data)} if self._beginnings else set()
        if self._encoded:
            triggers = self._encoded.ends(data)
            ends |= triggers
            begins |= triggers
        return set(holders(contents, ends)), set(holders(contents, begins))
