"""Decompression by magic bytes, never by media type, in bounded memory; an end that comes too early is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from leaksweep.unpack.magic import GZIP, ZSTD
from leaksweep.unpack.streams import CHUNK, Buffer, DamageError, Pieces, Reader

_INPUT = 64 * 1024
_OTHERS = {b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x04\x22\x4d\x18": "lz4"}


def is_compressed(head: bytes) -> bool:
    """Whether a content beginning with ``head`` (6 bytes, fewer if it is shorter) is compressed in any way."""
    return head.startswith((GZIP, ZSTD, *_OTHERS)) or _skippable(head)


def decompressed(source: Buffer, *, trailing: bool = False) -> Reader:
    """The content of ``source``: of gzip (any number of members), zstd (any number of frames), or as it is.

    ``trailing``: what follows the last gzip member or zstd frame is no damage.

    Raises:
        DamageError: here, a compression that images cannot have; when read, corrupt or torn data.
    """
    head = source.peek(6)
    if head.startswith(GZIP):
        return _Gzip(source, trailing=trailing)
    if head.startswith(ZSTD) or _skippable(head):
        return _Zstd(source, trailing=trailing)
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise DamageError(f"it is compressed with {name}, which no image may be")
    return source


class _Gzip:
    """Gzip members one after the other, then perhaps zeros."""

    def __init__(self, source: Buffer, *, trailing: bool) -> None:
        from isal import igzip_lib

        self._source = source
        self._error: Any = igzip_lib.IsalError
        self._new: Callable[[], Any] = partial(igzip_lib.IgzipDecompressor, flag=igzip_lib.DECOMP_GZIP)
        self._member = self._new()
        self._input = b""
        self._ended = False
        self._trailing = trailing

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        while not self._ended:
            if self._member.eof:
                self._next_member()
                continue
            data, self._input = self._input, b""
            if not data and self._member.needs_input and not (data := self._source.read(_INPUT)):
                raise DamageError("its gzip data ends too early")
            try:
                content: bytes = self._member.decompress(data, size)
            except self._error:
                raise DamageError("its gzip data is corrupt") from None
            if content:
                return content
        return b""

    def _next_member(self) -> None:
        rest = self._member.unused_data
        while len(rest) < len(GZIP) and (more := self._source.read(_INPUT)):
            rest += more
        if rest.startswith(GZIP):
            self._member, self._input = self._new(), rest
            return
        while rest:
            if rest.strip(b"\0"):
                if self._trailing:
                    break
                raise DamageError("its gzip data is followed by something else")
            rest = self._source.read(_INPUT)
        self._ended = True


class _Zstd:
    """Zstandard frames one after the other."""

    def __init__(self, source: Buffer, *, trailing: bool) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        frames = Pieces(_frames(source, trailing=trailing))
        self._reader = zstandard.ZstdDecompressor().stream_reader(
            frames,  # type: ignore[arg-type]  # it only ever calls read(size)
            read_size=4 * _INPUT,
            read_across_frames=True,
        )

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        try:
            return self._reader.read1(size)  # what comes before trouble is not lost
        except self._error as error:
            why = "needs more than 128 MiB of memory" if "memory" in str(error) else "is corrupt"
            raise DamageError(f"its zstd data {why}") from None


def _frames(source: Buffer, *, trailing: bool) -> Iterator[bytes]:
    """The bytes of ``source``, frame by frame and block by block (RFC 8878).

    The decompressor takes a torn last frame for the end, without an error; walking the blocks notices it.
    """
    while magic := source.peek(4):
        if magic == ZSTD:
            yield from _frame(source)
        elif _skippable(magic):
            head = source.take(8)
            yield head
            left = int.from_bytes(head[4:], "little")
            while left:
                part = source.take(min(left, CHUNK))
                left -= len(part)
                yield part
        elif trailing:
            return
        else:
            raise DamageError("its zstd data is followed by something else")


def _frame(source: Buffer) -> Iterator[bytes]:
    head = source.take(5)
    flags = head[4]
    single = flags >> 5 & 1
    yield head + source.take((1 - single) + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6])
    last = False
    while not last:
        block = source.take(3)
        value = int.from_bytes(block, "little")
        last, kind, size = bool(value & 1), value >> 1 & 3, value >> 3
        yield block + source.take(1 if kind == 1 else size)  # kind 1 repeats one byte
    if flags & 4:
        yield source.take(4)


def _skippable(head: bytes) -> bool:
    return len(head) >= 4 and 0x50 <= head[0] <= 0x5F and head[1:4] == b"\x2a\x4d\x18"
