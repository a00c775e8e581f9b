"""Texts that stand against each other without a mark between: strings of compiled Python, columns of SQLite rows.

In such files a token may be followed by the letter of the next object, where a rule wants its end to be seen. Here each
text becomes a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from leaksweep.engine.decode import Decoded

_SQLITE = b"SQLite format 3\0"
_LEAF = 0x0D  #: a page of rows
ROWS = 4  #: times the size of a file that its rows may have together
_SHORT = 8  #: bytes below which a text can be no secret
#: The head of a string in CPython's marshal format, with a length of one byte or four.
_STRING = re.compile(rb"(?:[zZ\xfa\xda](.)|[aAus\xe1\xc1\xf5\xf3](..\0\0))", re.DOTALL)
_PRINTABLE = re.compile(rb"[\t\n\r -~\x80-\xff]*")
_Pieces = list[tuple[int, int]]  # (start, end) of the parts of one text in the content


def holds_strings(data: bytes) -> bool:
    """Whether a content that begins so keeps its texts so."""
    return data[:16] == _SQLITE or (data[2:4] == b"\r\n" and b"\0" in data[4:16])


def strings(data: bytes) -> Decoded | None:
    """The texts of such a content, a line each."""
    if data[:16] == _SQLITE:
        return _lines(data, _columns(data), "sqlite")
    return _lines(data, _constants(data), "pyc")


def _lines(data: bytes, texts: Iterator[_Pieces], encoding: str) -> Decoded | None:
    parts: list[bytes] = []
    pieces, length = [], 0
    for text in texts:
        for start, end in text:
            pieces.append((length, start))
            parts.append(data[start:end])
            length += end - start
        parts.append(b"\n")
        length += 1
    return Decoded(b"".join(parts), encoding, tuple(pieces)) if parts else None


def _constants(data: bytes) -> Iterator[_Pieces]:
    for found in _STRING.finditer(data, 16):
        short, long = found[1], found[2]
        size = short[0] if short else int.from_bytes(long, "little")
        start, end = found.end(), found.end() + size
        if size >= _SHORT and end <= len(data) and _PRINTABLE.fullmatch(data, start, end):
            yield [(start, end)]


def _columns(data: bytes) -> Iterator[_Pieces]:
    """The texts and blobs of every row, page by page (sqlite.org/fileformat2.html)."""
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1) or len(data) < size:
        return
    usable = size - data[20]
    room = _Room(ROWS * len(data))
    for page in range(0, len(data), size):
        head = page + (100 if page == 0 else 0)
        if data[head : head + 1] != bytes([_LEAF]):
            continue
        count = int.from_bytes(data[head + 3 : head + 5], "big")
        for at in range(head + 8, min(head + 8 + 2 * count, page + size), 2):
            cell = page + int.from_bytes(data[at : at + 2], "big")
            payload, start = _varint(data, cell)
            if room.has(payload):
                yield from _row(data, start, payload, size, usable)


class _Room:
    """The bytes that all rows may have: those of a file that is whole hardly overlap, those of a bomb do."""

    def __init__(self, size: int) -> None:
        self._left = size

    def has(self, payload: int) -> bool:
        """Whether a row of so many bytes is read."""
        if payload > self._left:
            return False
        self._left -= payload
        return True


def _row(data: bytes, at: int, payload: int, size: int, usable: int) -> Iterator[_Pieces]:
    """The texts of a row whose number begins at ``at``."""
    _, at = _varint(data, at)
    parts = list(_payload(data, at, payload, size, usable))
    header, at = _varint(data, at)
    stop, offset = parts[0][0] + header if parts else 0, header
    while at < min(stop, parts[0][1] if parts else 0):
        kind, at = _varint(data, at)
        length = (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]
        if kind >= 12 and length >= _SHORT and (found := list(_cut(parts, offset, offset + length))):
            yield found
        offset += length


def _payload(data: bytes, at: int, payload: int, size: int, usable: int) -> Iterator[tuple[int, int]]:
    """Where a row's bytes are: in its page, and in the pages that it flows over to."""
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    local = payload
    if payload > most:
        local = least + (payload - least) % (usable - 4)
        local = least if local > most else local
    yield at, min(at + local, len(data))
    left, link = payload - local, at + local
    while left > 0 and (number := int.from_bytes(data[link : link + 4], "big")) and number * size <= len(data):
        link = (number - 1) * size
        part = min(left, usable - 4)
        yield link + 4, link + 4 + part
        left -= part


def _cut(parts: list[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of the content that hold the bytes from ``start`` to ``end`` of what ``parts`` are together."""
    for begin, stop in parts:
        length = stop - begin
        if start < length and end > 0:
            yield begin + max(0, start), begin + min(end, length)
        start, end = start - length, end - length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = data[at + index] if at + index < len(data) else 0
        if index == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value, at + 9
