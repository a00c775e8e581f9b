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
        matches = self.matches(blob)
        if not matches:
            return
        whole = blob.first and blob.last and not blob.offset
        content = _git_id(blob.data) if whole else ""
        locations = list(lines.locate(blob.data, [match.secret_span for match in matches], blob.line))
        hashes = lines.line_hashes(blob.data, {at.start_line for at in locations}) if whole else {}
        for match, at in zip(matches, locations, strict=True):
            yield Sighting(blob.origin, match, at, hashes.get(at.start_line, ""), content)


def _git_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
