"""What is packed inside a content: gzip, zip (jar, whl, docx, apk), tar, zstd, bzip2 and xz, in each other.

The magic bytes decide, never a name. A packed content's own bytes are scanned too, so what only looks like an archive,
or never was one, loses nothing by not being unpacked: it is no gap. A *gap* is what was there to be unpacked and was
not: an encrypted or damaged member, an end that came too early, a method we cannot read, or more than the bounds below
allow. The bounds are numbers of bytes and members, never time, so that two runs say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from io import BytesIO
from typing import Any, NamedTuple

from leaksweep.model import WINDOW, Blob
from leaksweep.unpack.compression import decompressed
from leaksweep.unpack.magic import (
    BZIP2,
    GZIP,
    HEAD,
    HELD,
    XZ,
    ZIP,
    Gap,
    ends_as_zip,
    is_compressed,
    is_packed,
    is_surely_compressed,
)
from leaksweep.unpack.streams import Buffer, DamageError, Pieces, Reader
from leaksweep.unpack.tar import Tar, follows, is_tar
from leaksweep.unpack.windows import windows

DEPTH = 32  #: archives inside each other
MEMBERS = 100_000  #: members of one archive
LEAST, RATIO, MOST = 64 << 20, 100, 1 << 30  #: bytes unpacked of one content: at least, times its size, at most
_CHUNK = 1 << 20


class Part(NamedTuple):
    """A piece of an inner content, in order: its path inside, and where the piece stands in it."""

    path: str
    data: bytes
    offset: int
    more: bool  #: whether another piece of the same content follows


def contents(data: bytes) -> Iterator[Part | Gap]:
    """Everything inside an archive or a compressed content, to the depth that is allowed."""
    yield from _Unpacking(len(data)).inside(data, "", DEPTH)


def windowed(origin: Hashable, parts: Iterable[Part | Gap]) -> Iterator[Blob | Gap]:
    """The parts as blobs, large contents in windows."""
    for first in (stream := iter(parts)):
        if isinstance(first, Gap):
            yield first
        elif not first.more:
            yield Blob(origin, first.data, inside=first.path)
        else:
            gaps: list[Gap] = []
            pieces = _rest(first, stream, gaps)
            yield from (blob._replace(inside=first.path) for blob in windows(origin, pieces))
            yield from gaps


def _rest(part: Part, following: Iterator[Part | Gap], gaps: list[Gap]) -> Iterator[tuple[int, bytes]]:
    """The pieces of one content; a gap in its midst is its end."""
    yield part.offset, part.data
    while part.more:
        item = next(following)
        if isinstance(item, Gap):
            gaps.append(item)
            return
        part = item
        yield part.offset, part.data


class _LimitError(Exception):
    """A bound is reached; the text says which."""


class _Unpacking:
    """The unpacking of one outer content, whose bounds all its inner ones share."""

    def __init__(self, size: int) -> None:
        self._left = self._allowed = min(MOST, max(LEAST, RATIO * size))
        self._members = MEMBERS

    def inside(self, data: bytes, path: str, depth: int) -> Iterator[Part | Gap]:
        if depth == 0:
            yield Gap(path, f"archives more than {DEPTH} deep in each other are not unpacked")
            return
        if data.startswith(ZIP):
            yield from _zip(self, data, path, depth)
        elif is_packed(data[:HEAD]):
            yield from self._stream(data, path, depth)
        elif ends_as_zip(data):
            yield from _zip(self, data, path, depth)

    def _stream(self, data: bytes, path: str, depth: int) -> Iterator[Part | Gap]:
        """A compressed content, a tar archive, or both in one."""
        plain = Buffer(_Counted(_plain(Buffer(BytesIO(data)), data), self.spend))
        packed = is_compressed(data[:HEAD])
        head, came = _head(plain), False
        tar = len(head) == HEAD and head.strip(b"\0") and is_tar(head)
        name = _join(path, _gzip_name(data) or "content")
        try:
            for item in self._tar(plain, path, depth, packed=packed) if tar else self.content(plain, name, depth):
                came = True
                yield item
        except DamageError as damage:
            if came or is_surely_compressed(data[:HEAD]):  # else only the first bytes look like it
                yield Gap(path, f"cannot be unpacked to its end: {damage}")
        except _LimitError as limit:
            yield Gap(path, str(limit))

    def _tar(self, plain: Buffer, path: str, depth: int, *, packed: bool) -> Iterator[Part | Gap]:
        """The members; after damage or the end, the rest as it is. Where nothing is packed, all was scanned already."""
        archive = Tar(plain)
        try:
            while member := archive.next():
                self.count()
                if member.has_content and member.size:
                    reader: Reader = archive
                    if member.segments is not None:
                        reader = Pieces(piece for _, piece in archive.pieces(member))
                    yield from self.content(reader, _join(path, member.name), depth)
        except DamageError:
            if not packed:
                return
        if packed and follows(plain):
            yield from self.content(plain, _join(path, "content"), depth)

    def content(self, reader: Reader, path: str, depth: int) -> Iterator[Part | Gap]:
        """One inner content, and what is inside that.

        Raises:
            DamageError: it ends too early; what came before was yielded. So it is with a bound.
        """
        source = Buffer(reader)
        if is_packed(_head(source)):
            yield from self._archive(source, path, depth)
            return
        offset = 0
        data, trouble = _some(source, WINDOW)
        while data:
            following, later = _some(source, WINDOW) if trouble is None else (b"", trouble)
            yield Part(path, data, offset, bool(following))
            if not offset and not following and ends_as_zip(data):
                yield from self.inside(data, path, depth - 1)
            offset, data, trouble = offset + len(data), following, later
        if trouble is not None:
            raise trouble

    def _archive(self, source: Buffer, path: str, depth: int) -> Iterator[Part | Gap]:
        held, trouble = _some(source, HELD)
        if trouble is None and source.peek(1):
            yield Gap(path, f"is an archive of more than {HELD >> 20} MiB")
            source.drain()
            return
        yield Part(path, held, 0, more=False)
        yield from self.inside(held, path, depth - 1)
        if trouble is not None:
            raise trouble

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _LimitError(f"unpacks to more than {self._allowed >> 20} MiB, the rest of which was not scanned")

    def count(self) -> None:
        self._members -= 1
        if self._members < 0:
            raise _LimitError(f"holds more than {MEMBERS:,} members, the rest of which was not scanned")


class _Counted:
    """A reader that pays for every byte. What troubled it once does so again, in the same words."""

    def __init__(self, source: Reader, spend: Callable[[int], None]) -> None:
        self._source = source
        self._spend = spend
        self._trouble: DamageError | _LimitError | None = None

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        if self._trouble:
            raise self._trouble
        try:
            data = self._source.read(size)
            self._spend(len(data))
        except (DamageError, _LimitError) as trouble:
            self._trouble = trouble
            raise
        return data


class _Decompressor:
    """A reader over the standard library's decompressors, stream after stream, until something else follows."""

    def __init__(self, source: Buffer, magic: bytes, new: Callable[[], Any]) -> None:
        self._source, self._magic, self._new = source, magic, new
        self._stream: Any = new()

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        while True:
            if self._stream.eof:
                rest = self._stream.unused_data
                rest += self._source.read(_CHUNK) if len(rest) < len(self._magic) else b""
                if not rest.startswith(self._magic):
                    return b""
                self._stream, data = self._new(), rest
            else:
                data = self._source.read(_CHUNK) if self._stream.needs_input else b""
                if not data and self._stream.needs_input:
                    raise DamageError("its compressed data ends too early")
            try:
                content: bytes = self._stream.decompress(data, size)
            except (OSError, ValueError, EOFError, MemoryError) as error:
                raise DamageError("its compressed data is corrupt") from error
            except Exception as error:
                if type(error).__name__ != "LZMAError":
                    raise
                if "limit" in str(error):
                    raise _LimitError(f"needs more than {HELD >> 20} MiB of memory to be unpacked") from error
                raise DamageError("its compressed data is corrupt") from error
            if content:
                return content


def _plain(source: Buffer, data: bytes) -> Reader:
    if data.startswith(BZIP2):
        import bz2

        return _Decompressor(source, BZIP2, bz2.BZ2Decompressor)
    if data.startswith(XZ):
        import lzma

        return _Decompressor(source, XZ, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=HELD))
    return decompressed(source, trailing=True)


def _zip(unpacking: _Unpacking, data: bytes, path: str, depth: int) -> Iterator[Part | Gap]:
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
            yield from _walk(unpacking, data, path, depth)
            return
        with archive:
            for info in archive.infolist():
                unpacking.count()
                if info.flag_bits & 1:
                    encrypted += 1
                elif not info.filename.endswith("/"):  # is_dir() fails where there is no name
                    yield from _member(unpacking, archive, info, _join(path, info.filename), depth)
    except _LimitError as limit:
        yield Gap(path, str(limit))
    if encrypted:
        yield Gap(path, f"is encrypted ({encrypted} member{'s' * (encrypted != 1)})")


def _member(unpacking: _Unpacking, archive: Any, info: Any, path: str, depth: int) -> Iterator[Part | Gap]:
    import zipfile
    import zlib

    info.file_size = 1 << 62  # what the directory says could hide what comes out after it
    try:
        with archive.open(info) as member:
            member._expected_crc = None  # a wrong checksum hides nothing: what comes out is scanned
            yield from unpacking.content(_Counted(_Member(member, zlib.error), unpacking.spend), path, depth)
    except DamageError as damage:
        yield Gap(path, f"cannot be unpacked to its end: {damage}")
    except NotImplementedError:
        yield Gap(path, "is packed by a method that only few programs know")
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, EOFError):
        yield Gap(path, "cannot be unpacked: its header is damaged")


def _walk(unpacking: _Unpacking, data: bytes, path: str, depth: int) -> Iterator[Part | Gap]:
    """Members by their own headers, up to the central directory; a gap where that is not reached."""
    at = 0
    while member := _local(data, at):
        unpacking.count()
        label = _join(path, member.name)
        try:
            yield from unpacking.content(_Counted(member, unpacking.spend), label, depth)
        except DamageError as damage:
            yield Gap(label, f"cannot be unpacked to its end: {damage}")
            break
        at = member.end
    if not data.startswith((b"PK\x01\x02", b"PK\x05\x06"), at) and (at or _begins_zip(data)):
        yield Gap(path, "is a zip archive without its end")


def _local(data: bytes, at: int) -> _Local | None:
    """The member whose header stands at ``at``, if there is one that can be read without the central directory."""
    if not data.startswith(ZIP, at) or len(data) < at + 30:
        return None
    flags, method = data[at + 6], int.from_bytes(data[at + 8 : at + 10], "little")
    size, name, extra = (int.from_bytes(data[at + a : at + b], "little") for a, b in ((18, 22), (26, 28), (28, 30)))
    body = at + 30 + name + extra
    if flags & 1 or not name or body > len(data) or method not in {0, 8} or (method == 0 and flags & 8):
        return None
    text = data[at + 30 : at + 30 + name].decode("utf-8", "surrogateescape")
    return _Local(text, data, body, None if method else size, described=bool(flags & 8))


class _Local:
    """The content of a member by its own header, as a reader; ``end`` is where the next one begins."""

    def __init__(self, name: str, data: bytes, body: int, stored: int | None, *, described: bool) -> None:
        import zlib

        self.name = name
        self._data, self._at, self._left, self._described = data, body, stored, described
        self._stream = zlib.decompressobj(-15)
        self._error = zlib.error

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        if self._left is not None:
            content = self._data[self._at : self._at + min(size, self._left)]
            if not content and self._left:
                raise DamageError("it ends too early")
            self._at, self._left = self._at + len(content), self._left - len(content)
            return content
        while not self._stream.eof:
            packed = self._data[self._at : self._at + _CHUNK]
            try:
                content = self._stream.decompress(packed, size)
            except self._error:
                raise DamageError("its compressed data is corrupt") from None
            self._at += len(packed) - len(self._stream.unconsumed_tail) - len(self._stream.unused_data)
            if content:
                return content
            if not packed:
                raise DamageError("its compressed data ends too early")
        return b""

    @property
    def end(self) -> int:
        """Where the next header begins: after a descriptor of 12 or 20 bytes, with or without its own four."""
        if not self._described:
            return self._at
        lengths = (length for length in (12, 16, 20, 24) if self._data.startswith(b"PK", self._at + length))
        return self._at + next(lengths, 0)


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
    return (
        len(data) > 30
        and data[4] <= 63
        and method in {0, 8, 9, 12, 14, 93, 95}
        and 0 < name <= 4096
        and len(data) > 30 + name
    )


def _gzip_name(data: bytes) -> str:
    """The name that a gzip header holds, else none."""
    if data.startswith(GZIP) and len(data) > 10 and data[3] & 0x0C == 0x08:
        return data[10 : 10 + 255].partition(b"\0")[0].decode("utf-8", "surrogateescape")
    return ""


def _join(path: str, name: str) -> str:
    """``a.jar`` and ``b`` are ``a.jar!/b``."""
    while name.startswith(("/", "./")):
        name = name.removeprefix("/").removeprefix("./")
    return f"{path}!/{name}" if path and name else path or name


def _head(source: Buffer) -> bytes:
    """The first bytes; those that came before trouble, which whoever reads on meets again."""
    try:
        return source.peek(HEAD)
    except (DamageError, _LimitError):
        return b""


def _some(source: Buffer, size: int) -> tuple[bytes, DamageError | _LimitError | None]:
    """``size`` bytes, fewer at the end or before trouble, which is the second of the two."""
    parts, missing = [], size
    try:
        while missing and (data := source.read(missing)):
            parts.append(data)
            missing -= len(data)
    except (DamageError, _LimitError) as trouble:
        return b"".join(parts), trouble
    return b"".join(parts), None
