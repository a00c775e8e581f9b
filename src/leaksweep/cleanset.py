"""Which contents are known to hold no secret: their ids, in one small file, so that the next run does not read them.

Losing it costs time. Trusting a wrong one would cost findings: the file's name is a digest of all that decides what is
found, it begins with a checksum of the rest, and ids are kept at a length that nobody can collide with on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable

from leaksweep.cache import Cache

BYTES = 12  #: of an id; for one that meets any of a million, 2 to the power of 76 contents have to be tried
MOST = 4_000_000  #: ids that the file holds


class CleanSet:
    """Ids of contents found clean under ``digest``, which names the rules and everything else that decides."""

    def __init__(self, cache: Cache, digest: str) -> None:
        self._cache = cache
        self._name = f"clean-{digest}"
        self._known = self._read()

    @classmethod
    def nowhere(cls) -> CleanSet:
        """One that remembers nothing."""
        return cls(Cache(None), "")

    def __contains__(self, content: bytes) -> bool:
        return content[:BYTES] in self._known

    def __len__(self) -> int:
        return len(self._known)

    def add(self, contents: Iterable[bytes], without: Iterable[bytes] = ()) -> None:
        """Remember ``contents``, those in ``without`` excepted, beside what other runs have remembered meanwhile."""
        new = {content[:BYTES] for content in contents} - {content[:BYTES] for content in without}
        if new <= self._known:
            return
        known = self._read()
        kept = [*new, *(known - new)][:MOST]  # where it is full, the newest are worth most
        self._known = frozenset(kept)
        self._cache.seal(self._name, b"".join(sorted(kept)))

    def _read(self) -> frozenset[bytes]:
        """What the file says; nothing where it is torn, foreign or not there."""
        body = self._cache.unseal(self._name) or b""
        if len(body) % BYTES:
            return frozenset()
        return frozenset(body[at : at + BYTES] for at in range(0, len(body), BYTES))
