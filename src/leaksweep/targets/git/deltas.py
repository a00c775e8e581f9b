"""A delta applied: the content that it makes, and where there may be something in it that its base has not.

gitformat-pack(5), "Deltified representation": two sizes, then steps that copy from the base or insert bytes.
"""

from __future__ import annotations

Parts = list[tuple[int, int]]  #: (start, end) each, in order, apart from each other

_COPY = 65536  #: bytes that a step copies whose size is left out


def made(delta: bytes, base: bytes, most: int, around: int) -> tuple[bytes, Parts]:
    """What ``delta`` makes from ``base``, and the parts of it within ``around`` bytes of where it differs: of bytes that
    were inserted, and of places where something was left out or moved. Between two parts stands what stands so in
    ``base``, too.

    Raises:
        ValueError: it is torn or for another content, or it makes more than ``most`` bytes.
    """
    try:
        return _made(delta, base, most, around)
    except IndexError:
        raise ValueError("a torn delta") from None


def _made(delta: bytes, base: bytes, most: int, around: int) -> tuple[bytes, Parts]:
    whole, at = _size(delta, 0)
    size, at = _size(delta, at)
    if whole != len(base) or size > most:
        raise ValueError("a delta for another content, or of too large a one")
    pieces: list[bytes] = []
    parts: Parts = []
    position = follows = 0  # where a step writes, and where the next copy begins if nothing was left out
    first, last = 0, -1  # of the part that is not complete yet
    end = len(delta)
    while at < end and position <= size:  # every step of every delta comes by here: no call is made
        step = delta[at]
        at += 1
        if step > 127:
            start = length = 0
            if step & 1:
                start = delta[at]
                at += 1
            if step & 2:
                start |= delta[at] << 8
                at += 1
            if step & 4:
                start |= delta[at] << 16
                at += 1
            if step & 8:
                start |= delta[at] << 24
                at += 1
            if step & 16:
                length = delta[at]
                at += 1
            if step & 32:
                length |= delta[at] << 8
                at += 1
            if step & 64:
                length |= delta[at] << 16
                at += 1
            length = length or _COPY
            stop = start + length
            pieces.append(base[start:stop])
            new, follows, differs = 0, stop, start != follows
        elif step:
            pieces.append(delta[at : at + step])
            at += step
            new = length = step
            differs = True
        else:
            raise ValueError("a step that has no meaning yet")
        if differs:
            if position - around > last and last >= 0:
                parts.append((first, last))
                last = -1
            if last < 0:
                first = max(0, position - around)
            last = position + new + around
        position += length
    content = b"".join(pieces)
    if position != size or len(content) != size:
        raise ValueError("a delta that makes another size")
    if follows != whole:  # something was left out at the end
        if size - around > last >= 0:
            parts.append((first, last))
            last = -1
        first, last = first if last >= 0 else max(0, size - around), size
    if last >= 0:
        parts.append((first, min(last, size)))
    return content, parts


def _size(delta: bytes, at: int) -> tuple[int, int]:
    """A size that is written at ``at``, and what follows it."""
    size = shift = 0
    while True:
        byte = delta[at]
        at += 1
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return size, at
