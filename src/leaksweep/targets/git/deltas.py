"""A delta applied: the content that it makes, and where there may be something in it that its base has not.

gitformat-pack(5), "Deltified representation": two sizes, then steps that copy from the base or insert bytes.
"""

from __future__ import annotations

from itertools import product

from leaksweep.traces import Run

Parts = list[tuple[int, int]]  #: (start, end) each, in order, apart from each other
Runs = list[Run]  #: in the order of the version, as long as they can be

_COPY = 65536  #: bytes that a step copies whose size is left out
#: Of a copy whose lowest bytes of offset and size are there: how many bytes tell both, and bits of the offset.
_TELL = {
    128 | (1 << offset) - 1 | (1 << size) - 1 << 4: (offset + size, 8 * offset)
    for offset, size in product(range(5), range(4))
}


def made(delta: bytes, base: bytes, most: int, steps: int) -> tuple[bytes, Runs]:
    """What ``delta`` makes from ``base``, and what of it stands so in ``base``, too.

    Raises:
        ValueError: it is torn or for another content, makes more than ``most`` bytes or takes more than ``steps``.
    """
    whole, at = _size(delta, 0)
    size, at = _size(delta, at)
    if whole != len(base) or size > most:
        raise ValueError("a delta for another content, or of too large a one")
    pieces: list[bytes] = []
    runs: Runs = []
    position = 0  # where a step writes
    first = source = follows = -1  # of the run that may go on: where it begins here and there, and goes on there
    end = len(delta)
    while at < end and position <= size and len(pieces) < steps:  # every step of every delta comes by here
        step = delta[at]
        at += 1
        if step < 128:
            length = step
            pieces.append(delta[at : at + step])
            at += step
            if follows >= 0:
                runs.append(Run(first, position, source))
                follows = -1
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
                if follows >= 0:
                    runs.append(Run(first, position, source))
                first, source = position, start
            follows = start + length
            pieces.append(base[start:follows])
        position += length
    content = b"".join(pieces)
    if at != end or position != size or len(content) != size:
        raise ValueError("a torn delta, too long a one, or one that makes another size")
    if follows >= 0:
        runs.append(Run(first, position, source))
    return content, runs


def parts(runs: Runs, whole: int, size: int, around: int) -> Parts:
    """Of a content of ``size`` bytes that has ``runs`` from one of ``whole`` bytes, what is within ``around`` bytes of
    where it differs: where text is new, and where some was left out or moved.
    """
    found: Parts = []
    first, last = 0, -1  # of one that begins before the content, the beginning is 0
    before = came = 0  # where the run before ends, here and there
    for start, end, source in [*runs, Run(size, size, whole)]:
        if start != before or source != came:
            if before - around > last:
                if last >= 0:
                    found.append((first, last))
                first = before - around
            last = start + around
        before, came = end, source + end - start
    if last >= 0:
        found.append((first, min(last, size)))
    return found


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
