"""A delta applied: the content that it makes, and where there may be something in it that its base has not.

gitformat-pack(5), "Deltified representation": two sizes, then steps that copy from the base or insert bytes.
"""

from __future__ import annotations

from itertools import product

Parts = list[tuple[int, int]]  #: (start, end) each, in order, apart from each other

_COPY = 65536  #: bytes that a step copies whose size is left out
#: Of a copy whose lowest bytes of offset and size are there: how many bytes tell both, and bits of the offset.
_TELL = {
    128 | (1 << offset) - 1 | (1 << size) - 1 << 4: (offset + size, 8 * offset)
    for offset, size in product(range(5), range(4))
}


def made(delta: bytes, base: bytes, most: int, steps: int, around: int) -> tuple[bytes, Parts]:
    """What ``delta`` makes from ``base``, and the parts of it within ``around`` bytes of where it differs.

    It differs where bytes were inserted, and where something was left out or moved. Between two parts stands what
    stands so in ``base``, too.

    Raises:
        ValueError: it is torn or for another content, makes more than ``most`` bytes or takes more than ``steps``.
    """
    whole, at = _size(delta, 0)
    size, at = _size(delta, at)
    if whole != len(base) or size > most:
        raise ValueError("a delta for another content, or of too large a one")
    pieces: list[bytes] = []
    differs: Parts = []
    position = follows = 0  # where a step writes, and where the next copy begins if nothing was left out
    end = len(delta)
    while at < end and position <= size and len(pieces) < steps:  # every step of every delta comes by here
        step = delta[at]
        at += 1
        if step < 128:
            length = step
            pieces.append(delta[at : at + step])
            at += step
            differs.append((position, position + step))
        else:
            if step in _TELL:
                count, bits = _TELL[step]
                told = int.from_bytes(delta[at : at + count], "little")
                start, length = told & (1 << bits) - 1, told >> bits
            else:
                start, length, count = _told(delta, at, step)
            at += count
            length = length or _COPY
            if start != follows:
                differs.append((position, position))
            follows = start + length
            pieces.append(base[start:follows])
        position += length
    content = b"".join(pieces)
    if at != end or position != size or len(content) != size:
        raise ValueError("a torn delta, too long a one, or one that makes another size")
    if follows != whole:
        differs.append((size, size))
    return content, _wider(differs, around, size)


def _wider(differs: Parts, around: int, size: int) -> Parts:
    """The parts of a content of ``size`` bytes that are so near to where it differs."""
    parts: Parts = []
    first, last = 0, -1  # of one that begins before the content, the beginning is 0
    for start, end in differs:
        if start - around > last:
            if last >= 0:
                parts.append((first, last))
            first = start - around
        last = end + around
    if last >= 0:
        parts.append((first, min(last, size)))
    return parts


def _told(delta: bytes, at: int, step: int) -> tuple[int, int, int]:
    """Offset and size of any copy, and how many bytes tell them: a byte that is not there is zero."""
    fields = [0] * 7
    count = 0
    for field in range(7):
        if step & 1 << field:
            fields[field] = int.from_bytes(delta[at + count : at + count + 1], "little")
            count += 1
    return int.from_bytes(bytes(fields[:4]), "little"), int.from_bytes(bytes(fields[4:]), "little"), count


def _size(delta: bytes, at: int) -> tuple[int, int]:
    """A size that is written at ``at``, and what follows it."""
    size = shift = 0
    for byte in delta[at : at + 10]:
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return size, at + shift // 7
    raise ValueError("a torn delta")
