"""What unpacking gives: pieces of contents with their paths inside, as blobs; and how much it may give."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import NamedTuple

from leaksweep.model import Blob, Unopened
from leaksweep.unpack.magic import HEAD, Gap, ends_as_zip
from leaksweep.unpack.streams import Buffer, DamageError, Reader
from leaksweep.unpack.windows import Windows

NAMELESS = "content"  #: what is called so that has no name
MOST = 128 << 20  #: bytes that have passed and wait for something to come out of them
_TAIL = 22  #: bytes in which the end of a zip archive stands


class Part(NamedTuple):
    """A piece of a content: its path inside, the bytes, where they stand in it, and how deep it may go on from there.

    The pieces of one content come in order; those of what is inside it may come among them.
    """

    path: str
    data: bytes
    offset: int
    more: bool  #: whether another piece of it follows, which may be empty; after trouble none does
    depth: int


#: A piece of a content, what was not unpacked, or None: something passed, and nothing came of it.
Found = Part | Gap | None


def windowed(origin: Hashable, parts: Iterable[Found]) -> Iterator[Blob | Unopened]:
    """The parts as blobs, large contents in windows."""
    begun: dict[tuple[int, str], Windows] = {}
    for part in parts:
        if part is None:
            continue
        if isinstance(part, Gap):
            yield Unopened(origin, *part)
            continue
        key = (part.depth, part.path)
        if not part.offset and key in begun:  # another one of this name; what troubled the one before was said
            yield from begun.pop(key).end()
        if not part.offset and not part.more:
            yield Blob(origin, part.data, inside=part.path)
            continue
        made = begun.setdefault(key, Windows(origin, part.path))
        if part.data:
            yield from made.add(part.offset, part.data)
        if not part.more:
            yield from begun.pop(key).end()
    for made in begun.values():
        yield from made.end()


class LimitError(Exception):
    """A bound is reached; the text says which."""


class Counted:
    """A reader that pays for every byte. What troubled it once does so again, in the same words."""

    def __init__(self, source: Reader, spend: Callable[[int], None]) -> None:
        self._source = source
        self._spend = spend
        self._trouble: DamageError | LimitError | None = None

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        if self._trouble:
            raise self._trouble
        try:
            data = self._source.read(size)
            self._spend(len(data))
        except (DamageError, LimitError) as trouble:
            self._trouble = trouble
            raise
        return data


class Waiting:
    """How many bytes have passed that nobody was given yet, of all contents that are in each other."""

    def __init__(self) -> None:
        self.bytes = 0


class Passing:
    """A reader over the pieces of a content, (offset, bytes) each, that keeps as parts what has passed.

    What troubles the pieces does so again, whenever it is read. Where too much passes without anything coming out of
    it, it is damaged.
    """

    def __init__(self, pieces: Iterator[tuple[int, bytes]], path: str, depth: int, waiting: Waiting) -> None:
        self._pieces = pieces
        self._path, self._depth = path, depth
        self._waiting = waiting
        self._parts: list[Part] = []
        self._left = memoryview(b"")
        self._position = 0
        self._end = b""
        self._ended = self._hole = False
        self._trouble: Exception | None = None

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        if self._waiting.bytes > MOST:
            raise DamageError(f"nothing comes out of {MOST >> 20} MiB")
        if not self._left and not self.go_on():
            return b""
        if self._hole:
            raise DamageError("it has holes")
        data, self._left = self._left[:size], self._left[size:]
        return bytes(data)

    def go_on(self) -> bool:
        """Let the next piece pass; whether there is one."""
        if self._trouble:
            raise self._trouble
        if self._ended:
            return False
        try:
            offset, piece = next(self._pieces, (self._position, b""))
        except Exception as trouble:
            self._trouble = trouble
            raise
        self._ended = not piece
        self._hole |= offset != self._position
        self._position = offset + len(piece)
        self._left = memoryview(piece)
        self._end = (self._end + piece[-_TAIL:])[-_TAIL:]
        self._waiting.bytes += len(piece)
        self._parts.append(Part(self._path, piece, offset, not self._ended, self._depth))
        return not self._ended

    def passed(self) -> list[Part]:
        """What has passed since this was asked last."""
        parts, self._parts = self._parts, []
        self._waiting.bytes -= sum([len(part.data) for part in parts])
        return parts

    def ends_as_zip(self, head: bytes) -> bool:
        """Whether the content, which begins with ``head``, is a program with a zip archive behind it."""
        return self._ended and ends_as_zip(head + self._end)


def join(path: str, name: str) -> str:
    """``a.jar`` and ``b`` are ``a.jar!/b``."""
    while name.startswith(("/", "./")):
        name = name.removeprefix("/").removeprefix("./")
    return f"{path}!/{name or NAMELESS}" if path else name or NAMELESS


def head_of(source: Buffer, size: int = HEAD) -> bytes:
    """The next ``size`` bytes, fewer at the end; none before trouble, which whoever reads on meets again."""
    try:
        return source.peek(size)
    except (DamageError, LimitError):
        return b""


def some(source: Buffer, size: int) -> tuple[bytes, DamageError | LimitError | None]:
    """``size`` bytes, fewer at the end or before trouble, which is the second of the two."""
    parts, missing = [], size
    try:
        while missing and (data := source.read(missing)):
            parts.append(data)
            missing -= len(data)
    except (DamageError, LimitError) as trouble:
        return b"".join(parts), trouble
    return b"".join(parts), None
