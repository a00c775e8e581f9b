"""Which pattern may match, and where it ends: one Hyperscan database over many. The only importer of hyperscan.

Hyperscan answers "pattern p matches, ending at e" for all of them at once, at memory speed and with the GIL released.
It is asked for no start of match: that breaks long patterns and costs speed (ARCHITECTURE.md, "Engine").
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from leaksweep.cache import Cache
from leaksweep.engine.patterns import every_end
from leaksweep.model import Span

#: (index of the pattern, offset where its match ends)
Ends = list[tuple[int, int]]


class Prefilter(Protocol):
    """Says which patterns are worth confirming; it may say too much, never too little."""

    def ends(self, data: bytes) -> Ends:
        """Every (pattern, end of match) in ``data``."""


#: What makes a prefilter of patterns.
Maker = Callable[[Sequence[str], Cache], Prefilter]


class Hyperscan:
    """All patterns in one block-mode database. Threads may share it: each has its own scratch space."""

    def __init__(self, patterns: Sequence[str], cache: Cache) -> None:
        self._database = _database([pattern.encode() for pattern in patterns], cache)
        self._local = threading.local()

    def ends(self, data: bytes) -> Ends:
        """Every (pattern, end of match) in ``data``, as Hyperscan reports them."""
        found: Ends = []
        self._database.scan(data, match_event_handler=_collect, context=found, scratch=self._scratch())
        return found

    def _scratch(self) -> Any:
        try:
            return self._local.scratch
        except AttributeError:
            import hyperscan

            self._local.scratch = hyperscan.Scratch(self._database)
            return self._local.scratch


def _collect(pattern: int, _start: int, end: int, _flags: int, found: Ends) -> None:
    found.append((pattern, end))


def _database(patterns: Sequence[bytes], cache: Cache) -> Any:
    import hyperscan

    version = hyperscan.__version__  # type: ignore[attr-defined]
    key = f"hyperscan-{hashlib.sha256(repr((version, patterns)).encode()).hexdigest()[:20]}.db"
    if (stored := cache.read(key)) is not None:
        try:
            return hyperscan.loadb(stored, hyperscan.HS_MODE_BLOCK)
        except hyperscan.HyperscanError as error:  # built for another CPU or another version
            _log("the compiled rules are not for this machine (%s): compiling them again", type(error).__name__)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=patterns, ids=list(range(len(patterns))), flags=0)
    cache.write(key, hyperscan.dumpb(database))
    return database


class Plain:
    """The same answers from RE2, pattern by pattern: slow, right, and there on a CPU that Hyperscan refuses."""

    def __init__(self, patterns: Sequence[str], _cache: Cache) -> None:
        self._patterns = tuple(patterns)

    def ends(self, data: bytes) -> Ends:
        """Every (pattern, end of match) in ``data``."""
        everything = Span(0, len(data))
        return [(i, end) for i, pattern in enumerate(self._patterns) for end in every_end(pattern, data, everything)]


def prefilter(patterns: Sequence[str], cache: Cache) -> Prefilter:
    """Hyperscan, or RE2 where this CPU or platform refuses it."""
    try:
        return Hyperscan(patterns, cache)
    except ImportError as error:
        _log("Hyperscan is not available (%s): scanning with RE2 alone, which is much slower", error)
    except Exception as error:
        if type(error).__name__ != "ArchitectureError":
            raise
        _log("this CPU lacks SSSE3, which Hyperscan needs: scanning with RE2 alone, which is much slower")
    return Plain(patterns, cache)


def _log(message: str, *arguments: object) -> None:
    import logging

    logging.getLogger(__name__).warning(message, *arguments)
