"""Bytes -> sightings: prefilter, confirm, proofs, overlaps, lines; all that is asked of one blob."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from leaksweep.cache import Cache
from leaksweep.engine import lines
from leaksweep.engine.confirm import confirm
from leaksweep.engine.overlap import pair, resolve
from leaksweep.engine.prefilter import Prefilter, prefilter
from leaksweep.model import Blob, Match, Rule, Sighting

__all__ = ["Engine"]


class Engine:
    """Scans blobs with a fixed set of rules. Threads may share one.

    ``using`` replaces the prefilter that the machine allows (tests compare the two).
    """

    def __init__(self, rules: Sequence[Rule], cache: Cache, using: Prefilter | None = None) -> None:
        self._rules = tuple(rules)
        self._prefilter = using or prefilter(self._rules, cache)

    def matches(self, blob: Blob) -> list[Match]:
        """Every credential in ``blob``, in the order of the content."""
        ends = self._prefilter.ends(blob.data)
        return pair(resolve(confirm(self._rules, blob, ends))) if ends else []

    def scan(self, blob: Blob) -> Iterator[Sighting]:
        """The matches of ``blob``, with lines and hashes."""
        whole = blob.first and blob.last and not blob.offset
        content = ""
        for match in self.matches(blob):
            if whole and not content:
                content = hashlib.sha1(b"blob %d\0" % len(blob.data) + blob.data, usedforsecurity=False).hexdigest()
            yield Sighting(
                blob.origin,
                match,
                lines.locate(blob.data, match.secret_span, blob.line),
                lines.line_hash(blob.data, match.secret_span.start) if whole else "",
                content,
            )
