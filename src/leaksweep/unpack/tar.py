"""Tar members from a stream, read as Go's archive/tar does, because that is what unpacks images.

Python's tarfile takes a broken header for the end of the archive (so a scan would look clean), keeps every member it
has seen, and reads extension headers of any size into memory. Here every broken header is an error, nothing is kept,
and extension headers are bounded. Formats: v7, ustar, GNU (long names, base-256 numbers, sparse), PAX (with the
three GNU sparse variants).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from zlib import adler32

from leaksweep.model import WINDOW
from leaksweep.unpack.streams import Buffer, DamageError

BLOCK = 512
EXTENSION = 1024 * 1024  #: bytes an extension header (a long name, PAX records) may have, as in Go
SEGMENTS = 1 << 18  #: data segments that a sparse member may have
_ZEROS = bytes(BLOCK)
_BODILESS = frozenset(b"123456")  # links, devices, folders, fifos: their size field is not followed by data
_Segments = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A member: its raw name (surrogate-escaped), type letter, bytes in the archive, link target, and sparse map."""

    name: str
    type: str
    size: int
    link: str = ""
    segments: _Segments | None = None  #: (offset, length) of the data of a sparse file

    @property
    def has_content(self) -> bool:
        """Whether data follows that belongs to a file (of whatever type letter)."""
        return self.type not in "123456g"


def follows(source: Buffer) -> bool:
    """Whether anything but zeros follows, such as another archive; the zeros are skipped."""
    while (block := source.peek(BLOCK)) and not block.strip(b"\0"):
        source.take(len(block))
    return bool(block)


class Tar:
    """The members of a stream, one by one; the content of the latest one can be read, and is skipped if it is not."""

    def __init__(self, source: Buffer) -> None:
        self._source = source
        self.at = 0  #: where the headers of the current member begin
        self._left = 0  # bytes of the current member's data not read yet
        self._padding = 0

    def next(self) -> Member | None:
        """The next member, or None at the end of the archive.

        Raises:
            DamageError: it is no tar archive, or it ends too early.
        """
        self._source.skip(self._left + self._padding)
        self._left = self._padding = 0
        self.at = self._source.position
        pax: dict[bytes, bytes] = {}
        name = link = None
        while (header := self._header()) is not None:
            kind, size = chr(header[156] or 0x30), _number(header[124:136])
            if kind in "xLK":
                data = self._extension(size)
                pax = _records(data) if kind == "x" else pax
                name = _text(data) if kind == "L" else name
                link = _text(data) if kind == "K" else link
                continue
            return self._member(header, kind, size, (name, link), pax)
        if pax or name or link:
            raise DamageError("its tar archive ends after an extension header")
        return None

    def member(self, at: int) -> Member:
        """The member whose headers begin at this offset, further on.

        Raises:
            DamageError: there is none.
        """
        ahead = at - self._source.position
        if ahead < 0:
            raise DamageError("its tar archive has other members than before")
        self._left, self._padding = ahead, 0
        if member := self.next():
            return member
        raise DamageError("it ends too early")

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes of the current member's data; ``b""`` at its end."""
        data = self._source.read(min(size, self._left))
        if not data and self._left and size:
            raise DamageError("it ends too early")
        self._left -= len(data)
        return data

    def content(self) -> bytes:
        """All of the current member's data that is left; only for sizes that fit into memory."""
        size, self._left = self._left, 0
        return self._source.take(size)

    def pieces(self, member: Member) -> Iterator[tuple[int, bytes]]:
        """(offset, bytes) pieces of a large or sparse member, in order, without the holes."""
        segments = ((0, member.size),) if member.segments is None else member.segments
        for offset, length in segments:
            while length:
                part = min(length, WINDOW)
                if part > self._left:
                    raise DamageError("its tar archive has a wrong map of a sparse file")
                self._left -= part
                yield offset, self._source.take(part)
                offset, length = offset + part, length - part  # noqa: PLW2901

    def _header(self) -> bytes | None:
        """The next header, or None at the end; what is none is left for whoever reads on."""
        header = self._source.peek(BLOCK)
        if not header:  # Go and GNU tar take an end on a block's border for the end of the archive
            return None
        if header != _ZEROS:
            _check(header)
            return self._source.take(BLOCK)
        self._source.take(BLOCK)
        if second := self._source.peek(BLOCK):
            if second != _ZEROS:
                raise DamageError("its tar archive has a damaged header")
            self._source.take(BLOCK)
        return None

    def _extension(self, size: int) -> bytes:
        if size > EXTENSION:
            raise DamageError("its tar archive has an extension header beyond all measure")
        data = self._source.take(size)
        self._source.skip(-size % BLOCK)
        return data

    def _member(
        self, header: bytes, kind: str, size: int, long: tuple[str | None, str | None], pax: dict[bytes, bytes]
    ) -> Member:
        name, link = _name(header), _text(header[157:257])
        if path := pax.get(b"path"):
            name = path.decode("utf-8", "surrogateescape")
        if target := pax.get(b"linkpath"):
            link = target.decode("utf-8", "surrogateescape")
        name, link = long[0] or name, long[1] or link  # GNU's outrank those of PAX, as in Go
        if digits := pax.get(b"size"):
            size = _decimal(digits)
        if kind == "0" and name.endswith("/"):  # what old archives write for a folder
            kind = "5"
        stored = 0 if ord(kind) in _BODILESS else size
        self._left, self._padding = stored, -stored % BLOCK
        segments = None
        if kind == "S":
            segments = self._old_sparse(header)
        elif kind == "0" and any(key.startswith(b"GNU.sparse.") for key in pax):
            segments = self._pax_sparse(pax)
            if real := pax.get(b"GNU.sparse.name"):
                name = real.decode("utf-8", "surrogateescape")
        return Member(name, kind, stored, link, None if segments is None else _checked(segments, self._left))

    def _old_sparse(self, header: bytes) -> _Segments:
        found: list[tuple[int, int]] = []
        area, more = header[386:482], header[482]
        while True:
            for at in range(0, len(area) - 23, 24):
                if not area[at]:  # an empty field ends the list
                    break
                found.append((_number(area[at : at + 12]), _number(area[at + 12 : at + 24])))
            if not more:
                return tuple(found)
            if len(found) > SEGMENTS:
                raise DamageError("its tar archive has a sparse file with too many holes")
            block = self._source.take(BLOCK)
            area, more = block[:504], block[504]

    def _pax_sparse(self, pax: dict[bytes, bytes]) -> _Segments | None:
        if pax.get(b"GNU.sparse.major") == b"1":
            return self._sparse_map_1()
        listed = pax.get(b"GNU.sparse.map")  # version 0.0 repeats its keys; _records() joins them to this form
        if listed is None:
            return None
        numbers = [_decimal(part) for part in listed.split(b",")] if listed else []
        return tuple(zip(numbers[::2], numbers[1::2], strict=len(numbers) % 2 == 0))

    def _sparse_map_1(self) -> _Segments:
        """Version 1.0: decimal lines before the data, padded to a block."""
        lines: list[int] = []
        wanted, rest = 1, b""
        while len(lines) < wanted:
            if self._left < BLOCK or len(lines) > 2 * SEGMENTS:
                raise DamageError("its tar archive has a wrong map of a sparse file")
            self._left -= BLOCK
            *full, rest = (rest + self._source.take(BLOCK)).split(b"\n")
            lines.extend(_decimal(line) for line in full if line.strip(b"\0"))
            wanted = 1 + 2 * lines[0] if lines else 1
        return tuple(zip(lines[1:wanted:2], lines[2:wanted:2], strict=True))


def is_tar(head: bytes) -> bool:
    """Whether a content beginning with ``head`` (512 bytes, fewer if it is shorter) is a tar archive."""
    if len(head) < BLOCK:
        return not head
    if head == _ZEROS:
        return True
    try:
        _check(head)
        return True
    except DamageError:
        return False


def _check(header: bytes) -> None:
    if len(header) < BLOCK:
        raise DamageError("it ends too early")
    field = header[148:156].strip(b" \0")
    if not field or field.strip(b"01234567"):
        raise DamageError("its tar archive has a damaged header")
    wanted = int(field, 8)
    found = _sum(header[:148] + b" " * 8 + header[156:])
    if wanted == found:
        return
    # Some old writers summed signed bytes.
    negative = sum(256 for byte in header[:148] + header[156:] if byte > 127)
    if wanted != found - negative:
        raise DamageError("its tar archive has a damaged header")


def _sum(block: bytes) -> int:
    """The sum of the bytes. The low half of Adler-32 is one more than that of up to 256, and 20 times as fast."""
    return (adler32(block[:256]) & 0xFFFF) + (adler32(block[256:]) & 0xFFFF) - 2


def _number(field: bytes) -> int:
    if field[0] & 0x80:  # base-256, two's complement
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:])
        if field[0] & 0x40:
            raise DamageError("its tar archive has a negative size")
        return value
    digits = field.strip(b" \0")
    if digits.strip(b"01234567"):
        raise DamageError("its tar archive has a damaged header")
    return int(digits or b"0", 8)


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 20:
        raise DamageError("its tar archive has a damaged PAX header")
    return int(digits)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _name(header: bytes) -> str:
    name, prefix = _text(header[:100]), ""
    if header[257:263] == b"ustar\0":
        prefix = _text(header[345:500])
    return f"{prefix}/{name}" if prefix else name


def _records(data: bytes) -> dict[bytes, bytes]:
    """The records of a PAX header; the pairs of sparse version 0.0 become one ``GNU.sparse.map``."""
    found: dict[bytes, bytes] = {}
    pairs: list[bytes] = []
    at = 0
    while at < len(data) and data[at]:
        digits = data[at : data.find(b" ", at, at + 9)]
        end = at + _decimal(digits)
        key, equals, value = data[at + len(digits) + 1 : end - 1].partition(b"=")
        if not equals or not at < end <= len(data) or data[end - 1] != 0x0A:
            raise DamageError("its tar archive has a damaged PAX header")
        if key in {b"GNU.sparse.offset", b"GNU.sparse.numbytes"}:
            pairs.append(value)
        found[key] = value
        at = end
    if pairs:
        found[b"GNU.sparse.map"] = b",".join(pairs)
    return found


def _checked(segments: _Segments, stored: int) -> _Segments:
    """The map of a sparse file, if it is in order, without overlap, and covers exactly what is stored."""
    ordered = all(a + length <= b for (a, length), (b, _) in pairwise(segments))
    if not ordered or sum(length for _, length in segments) != stored:
        raise DamageError("its tar archive has a wrong map of a sparse file")
    return tuple((offset, length) for offset, length in segments if length)
