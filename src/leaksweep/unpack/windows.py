"""A content too large for memory, as overlapping windows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from leaksweep.model import OVERLAP, Blob


class Windows:
    """Makes blobs of the pieces of a content, each beginning with the last ``OVERLAP`` bytes of the one before.

    The pieces come in order; between two that are not adjacent lies a hole of zeros, across which no secret reaches.
    Lines are counted over the pieces. A blob is given with the next piece, or at the ``end``.
    """

    def __init__(self, origin: Hashable, inside: str = "") -> None:
        self._origin = origin
        self._inside = inside
        self._tail = b""
        self._line = self._position = 0
        self._held: Blob | None = None

    def add(self, offset: int, piece: bytes) -> Iterator[Blob]:
        """What is complete with this piece, which stands at ``offset``."""
        adjacent = offset == self._position
        if self._held:
            yield self._held._replace(last=not adjacent)
        if not adjacent:
            self._line += self._tail.count(b"\n")
            self._tail = b""
        data, overlap = self._tail + piece, len(self._tail)
        self._held = Blob(self._origin, data, offset - overlap, self._line, overlap, inside=self._inside)
        self._position = offset + len(piece)
        self._tail = data[-OVERLAP:]
        self._line += data.count(b"\n", 0, len(data) - len(self._tail))

    def end(self) -> Iterator[Blob]:
        """The last one."""
        if self._held:
            yield self._held


def windows(origin: Hashable, pieces: Iterable[tuple[int, bytes]]) -> Iterator[Blob]:
    """Blobs of about the size of ``pieces``, which are (offset, bytes) each."""
    made = Windows(origin)
    for offset, piece in pieces:
        yield from made.add(offset, piece)
    yield from made.end()
