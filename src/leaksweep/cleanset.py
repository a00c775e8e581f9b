"""Which contents are known to hold no secret: their ids, in one small file, so that the next run does not read them.

Losing it costs time. Trusting a wrong one would cost findings: the file's name is a digest of all that decides what is
found, it begins with a checksum of the rest, and ids are kept at a length that nobody can collide with on purpose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property

from leaksweep.cache import Cache

BYTES = 12  #: of an id; for one that meets any of a million, 2 to the power of 76 contents have to be tried
MOST = 4_000_000  #: ids that the file holds


class CleanSet:
    """Ids of contents found clean under ``digest``, which names the rules and everything else that decides.

    The file is read when it is first asked.
    """

    def __init__(self, cache: Cache, digest: str) -> None:
        self._cache = cache
        self._name = f"clean-{digest}"

    @classmethod
    def nowhere(cls) -> CleanSet:
        """One that remembers nothing."""
        return cls(Cache(None), "")

    @cached_property
    def _known(self) -> frozenset[bytes]:
        body = self._read()
        return frozenset(body[at : at + BYTES] for at in range(0, len(body), BYTES))

    def __contains__(self, content: bytes) -> bool:
        return content[:BYTES] in self._known

    def __len__(self) -> int:
        return len(self._known)

    def add(self, contents: Iterable[bytes], without: Iterable[bytes] = ()) -> None:
        """Remember ``contents``, those in ``without`` excepted, beside what other runs have remembered meanwhile."""
        known, left_out = self._known, {content[:BYTES] for content in without}
        new = bytearray()
        for content in contents:
            if (name := content[:BYTES]) not in known and name not in left_out:
                new += name
        if new:  # before the others: where the file is full, the newest are worth most
            self._cache.seal(self._name, b"".join((new, self._read()))[: MOST * BYTES])
            del self._known

    def _read(self) -> bytes:
        """What the file says; nothing where it is torn, foreign or not there."""
        body = self._cache.unseal(self._name) or b""
        return b"" if len(body) % BYTES else body


def git_id(content: bytes) -> bytes:
    """The id that git gives a content, where it does not use SHA-256."""
    hasher = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    hasher.update(content)
    return hasher.digest()
