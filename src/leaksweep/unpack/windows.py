"""A content too large for memory, as overlapping windows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from leaksweep.model import OVERLAP, Blob


def windows(origin: Hashable, pieces: Iterable[tuple[int, bytes]]) -> Iterator[Blob]:
    """Blobs of about the size of ``pieces``, each beginning with the last ``OVERLAP`` bytes of the one before.

    ``pieces`` are (offset, bytes) in order; between two that are not adjacent lies a hole of zeros, across which no
    secret reaches. Lines are counted over the pieces.
    """
    tail, line, position, held = b"", 0, 0, None
    for offset, piece in pieces:
        if offset != position:
            if held is not None:
                yield _blob(held, last=True)
                held = None
            line += tail.count(b"\n")
            tail = b""
        elif held is not None:
            yield _blob(held, last=False)
        data = tail + piece
        held = (origin, data, offset - len(tail), line, len(tail))
        position = offset + len(piece)
        tail = data[-OVERLAP:]
        line += data.count(b"\n", 0, len(data) - len(tail))
    if held is not None:
        yield _blob(held, last=True)


def _blob(held: tuple[Hashable, bytes, int, int, int], *, last: bool) -> Blob:
    return Blob(*held, last)
