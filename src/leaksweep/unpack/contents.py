"""What is packed inside a content: gzip, zip (jar, whl, docx, apk), tar, zstd, bzip2 and xz, in each other.

The magic bytes decide, never a name. A packed content's own bytes are scanned too, so what only looks like an archive,
or never was one, loses nothing by not being unpacked: it is no gap. A *gap* is what was there to be unpacked and was
not: an encrypted or damaged member, an end that came too early, a method we cannot read, or more than the bounds below
allow. The bounds are numbers of bytes and members, never time, so that two runs say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from io import BytesIO
from itertools import chain
from typing import Any

from leaksweep.model import WINDOW, Blob, Unopened
from leaksweep.unpack.compression import decompressed
from leaksweep.unpack.magic import (
    BZIP2,
    DICTIONARY,
    GZIP,
    HEAD,
    XZ,
    ZIP,
    Gap,
    ends_as_zip,
    is_compressed,
    is_packed,
    is_surely_compressed,
)
from leaksweep.unpack.parts import Counted, Found, LimitError, Part, Passing, Waiting, head_of, join, some, windowed
from leaksweep.unpack.streams import Buffer, DamageError, Pieces, Reader
from leaksweep.unpack.tar import Tar, follows, is_tar
from leaksweep.unpack.windows import windows
from leaksweep.unpack.zips import MEMBERS, unzipped, walked

DEPTH = 32  #: archives inside each other
MEMBER = 4096  #: bytes of a large content that make it a member more
LEAST, RATIO = 64 << 20, 100  #: bytes unpacked of one content: at least, and times its size
MOST, TIMES = 1 << 30, 4  #: at most, or times the size of a large one
_CHUNK = 1 << 20


def contents(data: bytes) -> Iterator[Part | Gap]:
    """Everything inside an archive or a compressed content, to the depth that is allowed."""
    yield from filter(None, _Unpacking(len(data)).inside(data, "", DEPTH))


def large(origin: Hashable, size: int, pieces: Iterator[tuple[int, bytes]]) -> Iterator[Blob | Unopened]:
    """A content of ``size`` bytes, too large for memory, in windows, and what is packed inside it, as it passes.

    ``pieces`` are (offset, bytes), in order; what is packed ends at a hole between two. One alone is a content as any.
    """
    first, second = next(pieces, (0, b"")), next(pieces, None)
    if second is None:
        yield from windows(origin, [first])
    else:
        yield from windowed(origin, _Unpacking(size).passing(chain((first, second), pieces), "", DEPTH))


class _Unpacking:
    """The unpacking of one outer content, whose bounds all its inner ones share."""

    def __init__(self, size: int) -> None:
        self._left = self._allowed = max(LEAST, min(RATIO * size, max(MOST, TIMES * size)))
        self._waiting = Waiting()
        self._members = self._many = max(MEMBERS, size // MEMBER)

    def inside(self, data: bytes, path: str, depth: int) -> Iterator[Found]:
        """What is inside a content that is in memory."""
        if depth == 0:
            yield _too_deep(path)
        elif data.startswith(ZIP) or (ends_as_zip(data) and not is_packed(data[:HEAD])):
            yield from unzipped(self, data, path, depth)
        elif is_packed(data[:HEAD]):
            yield from self._stream(Buffer(BytesIO(data)), path, depth)

    def passing(self, pieces: Iterator[tuple[int, bytes]], path: str, depth: int) -> Iterator[Found]:
        """A content that is too large for memory, and what is inside it."""
        own = Passing(pieces, path, depth + 1, self._waiting)
        source = Buffer(own)
        head = head_of(source)
        for item in self._within(source, head, path, depth):
            yield from own.passed()
            yield item
        while own.go_on():
            yield from own.passed()
        yield from own.passed()
        if own.ends_as_zip(head):
            yield Gap(path, f"is a program of more than {WINDOW >> 20} MiB with a zip archive behind it")

    def _within(self, source: Buffer, head: bytes, path: str, depth: int) -> Iterator[Found]:
        if not is_packed(head):
            return
        if depth == 0:
            yield _too_deep(path)
        elif head.startswith(ZIP):
            try:
                yield from walked(self, source, path, depth)
            except LimitError as limit:
                yield Gap(path, str(limit))
        else:
            yield from self._stream(source, path, depth)

    def _stream(self, source: Buffer, path: str, depth: int) -> Iterator[Found]:
        """A compressed content, a tar archive, or both in one."""
        begin = head_of(source)
        packed = is_compressed(begin)
        plain = Buffer(self._plain(source, begin, packed=packed or depth < DEPTH))
        head, came = head_of(plain), False
        tar = len(head) == HEAD and head.strip(b"\0") and is_tar(head)
        name = join(path, _gzip_name(begin))
        try:
            for item in self._tar(plain, path, depth, packed=packed) if tar else self.content(plain, name, depth):
                came = True
                yield item
        except DamageError as damage:
            if came or is_surely_compressed(begin):  # else only the first bytes look like it
                yield Gap(path, f"cannot be unpacked to its end: {damage}")
        except LimitError as limit:
            yield Gap(path, str(limit))

    def _plain(self, source: Buffer, begin: bytes, *, packed: bool) -> Reader:
        """What is to be paid for; to go once through an archive as it stands makes no more of it."""
        plain = _decompressed(source, begin)
        return Counted(plain, self.spend) if packed else plain

    def _tar(self, plain: Buffer, path: str, depth: int, *, packed: bool) -> Iterator[Found]:
        """The members; after damage or the end, the rest as it is. Where nothing is packed, all was scanned already."""
        archive = Tar(plain)
        try:
            while member := archive.next():
                self.count()
                if member.has_content and member.size:
                    reader: Reader = archive
                    if member.segments is not None:
                        reader = Pieces(piece for _, piece in archive.pieces(member))
                    yield from self.content(reader, join(path, member.name), depth)
                while archive.read(_CHUNK):  # of what is no file
                    yield None
        except DamageError:
            if not packed:
                return
        if packed and follows(plain):
            yield from self.content(plain, join(path, ""), depth)

    def content(self, reader: Reader, path: str, depth: int) -> Iterator[Found]:
        """One inner content, and what is inside that.

        Raises:
            DamageError: it ends too early; what came before was yielded. So it is with a bound.
        """
        source = Buffer(reader)
        if is_packed(head_of(source)):
            yield from self._archive(source, path, depth)
            return
        offset = 0
        data, trouble = some(source, WINDOW)
        while data:
            following, later = some(source, WINDOW) if trouble is None else (b"", trouble)
            yield Part(path, data, offset, bool(following), depth)
            if not offset and not following and ends_as_zip(data):
                yield from self.inside(data, path, depth - 1)
            offset, data, trouble = offset + len(data), following, later
        if trouble is not None:
            raise trouble

    def _archive(self, source: Buffer, path: str, depth: int) -> Iterator[Found]:
        held, trouble = some(source, WINDOW)
        if trouble is None and head_of(source):
            yield from self.passing(_pieces(held, source), path, depth - 1)
            return
        yield Part(path, held, 0, False, depth)
        yield from self.inside(held, path, depth - 1)
        if trouble is not None:
            raise trouble

    def spend(self, size: int, /) -> None:
        """See ``zips.Unpacking``."""
        self._left -= size
        if self._left < 0:
            raise LimitError(f"unpacks to more than {self._allowed >> 20} MiB, the rest of which was not scanned")

    def count(self) -> None:
        """See ``zips.Unpacking``."""
        self._members -= 1
        if self._members < 0:
            raise LimitError(f"holds more than {self._many:,} members, the rest of which was not scanned")


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
                    raise LimitError(f"needs more than {DICTIONARY >> 20} MiB of memory to be unpacked") from error
                raise DamageError("its compressed data is corrupt") from error
            if content:
                return content


def _decompressed(source: Buffer, begin: bytes) -> Reader:
    if begin.startswith(BZIP2):
        import bz2

        return _Decompressor(source, BZIP2, bz2.BZ2Decompressor)
    if begin.startswith(XZ):
        import lzma

        return _Decompressor(source, XZ, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=DICTIONARY))
    return decompressed(source, trailing=True)


def _pieces(begin: bytes, source: Buffer) -> Iterator[tuple[int, bytes]]:
    """What is in memory of a content, and what follows of it."""
    offset, data, trouble = 0, begin, None
    while data:
        yield offset, data
        offset += len(data)
        data, trouble = some(source, WINDOW) if trouble is None else (b"", trouble)
    if trouble is not None:
        raise trouble


def _too_deep(path: str) -> Gap:
    return Gap(path, f"archives more than {DEPTH} deep in each other are not unpacked")


def _gzip_name(data: bytes) -> str:
    """The name that a gzip header holds, else none."""
    if data.startswith(GZIP) and len(data) > 10 and data[3] & 0x0C == 0x08:
        return data[10 : 10 + 255].partition(b"\0")[0].decode("utf-8", "surrogateescape")
    return ""
