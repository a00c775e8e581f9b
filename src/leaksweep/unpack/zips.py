"""Zip archives: by their central directory, or member by member as they pass."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Protocol

from leaksweep.unpack.magic import ZIP, Gap
from leaksweep.unpack.parts import Counted, Found, LimitError, head_of, join
from leaksweep.unpack.streams import Buffer, DamageError, Reader

MEMBERS = 100_000  #: members of one archive
_ENDS = (b"PK\x01\x02", b"PK\x05\x06")  #: what stands behind the last member
_HEADER, _DESCRIPTOR = 30, 26  #: bytes before the name of a member; after its data, with the next mark, at most
_DEFLATED, _METHODS = 8, frozenset((0, 8, 9, 12, 14, 93, 95))
_NAME = 4096  #: bytes of a name, if it is one
_LONGEST = _HEADER + _NAME + 1  #: bytes that tell whether a member begins
_IN_EXTRA = 0xFFFFFFFF  #: of a size: it stands in a field of 64 bits
_CHUNK = 1 << 20
_UNKNOWN = "is packed by a method that only few programs know"


class Unpacking(Protocol):
    """The unpacking of an outer content, whose bounds all that is inside shares."""

    def content(self, reader: Reader, path: str, depth: int, /) -> Iterator[Found]:
        """One inner content, and what is inside that."""

    def spend(self, size: int, /) -> None:
        """Pay for bytes."""

    def count(self) -> None:
        """Pay for a member."""


def unzipped(unpacking: Unpacking, data: bytes, path: str, depth: int) -> Iterator[Found]:
    """The members that the central directory lists, or, where that is damaged, those that stand one after the other.

    What is encrypted is one gap, whatever number of members it is.
    """
    import zipfile

    if data.count(b"PK\x01\x02") > MEMBERS:
        yield Gap(path, f"holds more than {MEMBERS:,} members")
        return
    encrypted = 0
    try:
        try:
            archive = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
            yield from walked(unpacking, Buffer(BytesIO(data)), path, depth)
            return
        with archive:
            for info in archive.infolist():
                unpacking.count()
                if info.flag_bits & 1:
                    encrypted += 1
                elif not info.filename.endswith("/"):  # is_dir() fails where there is no name
                    yield from _member(unpacking, archive, info, join(path, info.filename), depth)
    except LimitError as limit:
        yield Gap(path, str(limit))
    if encrypted:
        yield _encrypted(path, encrypted)


def _member(unpacking: Unpacking, archive: Any, info: Any, path: str, depth: int) -> Iterator[Found]:
    import zipfile
    import zlib

    info.file_size = 1 << 62  # what the directory says could hide what comes out after it
    try:
        with archive.open(info) as member:
            member._expected_crc = None  # a wrong checksum hides nothing: what comes out is scanned
            yield from unpacking.content(Counted(_Member(member, zlib.error), unpacking.spend), path, depth)
    except DamageError as damage:
        yield Gap(path, f"cannot be unpacked to its end: {damage}")
    except NotImplementedError:
        yield Gap(path, _UNKNOWN)
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, EOFError):
        yield Gap(path, "cannot be unpacked: its header is damaged")


def walked(unpacking: Unpacking, source: Buffer, path: str, depth: int) -> Iterator[Found]:
    """Members by their own headers, up to the central directory; a gap where that is not reached."""
    came, encrypted, begins = False, 0, _begins_zip(head_of(source, _LONGEST))
    while member := _local(source):
        came = True
        unpacking.count()
        label = join(path, member.name)
        try:
            if member.encrypted:
                encrypted += 1
            elif member.unknown:
                yield Gap(label, _UNKNOWN)
            else:
                yield from unpacking.content(Counted(member, unpacking.spend), label, depth)
            while member.read(_CHUNK):  # of what was not unpacked
                yield None
            member.finish()
        except DamageError as damage:
            yield Gap(label, f"cannot be unpacked to its end: {damage}")
            break
    if encrypted:
        yield _encrypted(path, encrypted)
    if not head_of(source).startswith(_ENDS) and (came or begins):
        yield Gap(path, "is a zip archive without its end")


def _encrypted(path: str, members: int) -> Gap:
    return Gap(path, f"is encrypted ({members} member{'s' * (members != 1)})")


def _local(source: Buffer) -> _Local | None:
    """The member whose header comes next, if it tells where the one after it is."""
    head = head_of(source)[:_HEADER]
    if len(head) < _HEADER or not head.startswith(ZIP):
        return None
    flags, method = head[6], int.from_bytes(head[8:10], "little")
    size, name, extra = (int.from_bytes(head[a:b], "little") for a, b in ((18, 22), (26, 28), (28, 30)))
    body = _HEADER + name + extra
    encrypted, unknown, described = bool(flags & 1), method not in {0, _DEFLATED}, bool(flags & 8)
    readable = not encrypted and not unknown
    ends = not described or (readable and method == _DEFLATED)  # somewhere that is known, or tells itself
    if not name or not ends or not (readable or _begins_zip(head_of(source, _LONGEST))):
        return None
    whole = head_of(source, body)
    if len(whole) < body:
        return None
    source.take(body)
    if size == _IN_EXTRA:
        size = _long_size(whole[_HEADER + name :])
    text = whole[_HEADER : _HEADER + name].decode("utf-8", "surrogateescape")
    member = _Local(text, source, None if readable and method else size, described=described)
    member.encrypted, member.unknown = encrypted, unknown
    return member


def _long_size(extra: bytes) -> int:
    """The packed size among the extra fields of a member (APPNOTE 4.5.3)."""
    while len(extra) >= 4:
        kind, length = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == 1 and length >= 16:
            return int.from_bytes(extra[12:20], "little")
        extra = extra[4 + length :]
    return _IN_EXTRA


class _Local:
    """The content of a member by its own header, as a reader: ``stored`` bytes, or until its compressed data ends."""

    encrypted = unknown = False

    def __init__(self, name: str, source: Buffer, stored: int | None, *, described: bool) -> None:
        import zlib

        self.name = name
        self._source, self._left, self._described = source, stored, described
        self._stream = zlib.decompressobj(-15)
        self._error = zlib.error

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        if self._left is not None:
            content = self._source.read(min(size, self._left))
            if not content and self._left:
                raise DamageError("it ends too early")
            self._left -= len(content)
            return content
        while not self._stream.eof:
            packed = self._stream.unconsumed_tail or self._source.read(_CHUNK)
            try:
                content = self._stream.decompress(packed, size)
            except self._error:
                raise DamageError("its compressed data is corrupt") from None
            if self._stream.eof:
                self._source.put_back(self._stream.unused_data)
            if content:
                return content
            if not packed:
                raise DamageError("its compressed data ends too early")
        return b""

    def finish(self) -> None:
        """After all was read, go to where the next header begins: behind a descriptor of 12 or 20 bytes, with its own
        four or without.
        """
        if self._described:
            behind = self._source.peek(_DESCRIPTOR)
            self._source.take(next((length for length in (12, 16, 20, 24) if behind.startswith(b"PK", length)), 0))


class _Member:
    """A zip member as a reader whose errors are all of one kind."""

    def __init__(self, member: Any, corrupt: type[Exception]) -> None:
        self._member = member
        self._corrupt = corrupt

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        try:
            data: bytes = self._member.read(size)
        except (self._corrupt, EOFError, OSError, ValueError) as error:
            raise DamageError("its compressed data is corrupt") from error
        except Exception as error:
            if type(error).__name__ not in {"BadZipFile", "LZMAError"}:
                raise
            raise DamageError("its compressed data is corrupt") from error
        # What the directory says of the packed size could hide the rest too; the standard library does not ask.
        if not data and not getattr(self._member._decompressor, "eof", True):
            raise DamageError("its compressed data ends too early")
        return data


def _begins_zip(data: bytes) -> bool:
    """Whether a first member is there: a known method, a name, and no size or one that was meant to follow."""
    method, name = int.from_bytes(data[8:10], "little"), int.from_bytes(data[26:28], "little")
    return len(data) > _HEADER + name and data[4] <= 63 and method in _METHODS and 0 < name <= _NAME
