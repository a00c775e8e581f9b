"""A layer's raw bytes -> batches of blobs. Nothing is extracted, and no more than one window is held."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from typing import NamedTuple, Protocol

from leaksweep.errors import ScanError
from leaksweep.model import WINDOW, Blob, Unopened
from leaksweep.targets.image.changes import Changes
from leaksweep.targets.image.places import InLayer
from leaksweep.unpack.compression import decompressed
from leaksweep.unpack.contents import large
from leaksweep.unpack.magic import HEAD, HELD, is_held
from leaksweep.unpack.streams import Buffer, DamageError, Hashed, Reader
from leaksweep.unpack.tar import BLOCK, Member, Tar, follows, is_tar

BATCH_BYTES = 1024 * 1024
BATCH_BLOBS = 256


class Again(NamedTuple):
    """A file that is searched again, by where its headers begin in the unpacked layer."""

    at: int
    inside: frozenset[str]  #: what of its contents is searched (``""``: its own bytes)


class Counter(Protocol):
    """Something that counts blobs."""

    def add(self, items: Iterable[Blob | Unopened], /) -> None:
        """Count these too."""


Batch = list[Blob | Unopened]
Batches = Generator[Batch, None, bool]


def layer(
    what: str,
    key: str,
    raw: Reader,
    changes: Changes,
    unpacked: Callable[[str], None] | None = None,
    only: Collection[Again] = (),
) -> Batches:
    """Every file of a layer, or its whole content where that is no tar archive; returns whether it is one.

    ``raw`` is read to its end, so that digests on the way are verified; ``what`` names the layer for people.
    ``changes`` is told every member; ``unpacked``, where given, the sha256 digest of the decompressed content.
    Of a layer that was read before, ``only`` these files are given, if there are any: no further than to the last one
    is it unpacked, and ``changes`` is told of these alone.

    Raises:
        ScanError: the layer is damaged, torn or not what its digest says.
    """
    source = Buffer(raw)
    try:
        plain = decompressed(source)
        content = Buffer(Hashed(plain, unpacked) if unpacked else plain)
        tar = is_tar(content.peek(BLOCK))
        yield from files(key, content, changes, only) if tar else whole(key, content)
        if not only:
            content.drain()
        source.drain()
        return tar
    except DamageError as damage:
        source.drain()  # damage on the way is better told as what it is: another digest
        raise ScanError(f"{what}: {damage}", "build or push the image again") from None


def counted(batches: Batches, amount: Counter) -> Batches:
    """The batches of a layer, counted as they pass."""
    while True:
        try:
            batch = next(batches)
        except StopIteration as end:
            return bool(end.value)
        amount.add(batch)
        yield batch


def files(key: str, content: Buffer, changes: Changes, only: Collection[Again] = ()) -> Iterator[Batch]:
    """The files of a tar archive: small ones gathered in batches, large and sparse ones in windows."""
    archive = Tar(content)
    batch: Batch = []
    size = 0
    for member, inside in _members(archive, only):
        changes.add(member)
        if not member.has_content:
            continue
        origin = InLayer(key, display(member.name), archive.at)
        wide = member.size > WINDOW and not is_held(member.size, content.peek(HEAD))
        if member.segments is not None or wide:
            yield from ([item] for item in large(origin, member.size, archive.pieces(member)))
            continue
        batch.append(Blob(origin, archive.content(), only=inside))
        size += member.size
        if size >= BATCH_BYTES or len(batch) >= BATCH_BLOBS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
    if not only and follows(content):  # no engine unpacks it, but whoever pulls the layer has it
        yield from whole(key, content)


def _members(archive: Tar, only: Collection[Again]) -> Iterator[tuple[Member, frozenset[str] | None]]:
    """The members, all or only these, each with what of it is to be searched (None: everything)."""
    for at, inside in only:
        yield archive.member(at), inside
    while not only and (member := archive.next()):
        yield member, None


def whole(key: str, content: Reader) -> Iterator[Batch]:
    """A content that is no archive, as one file."""
    yield from ([item] for item in large(InLayer(key, None), HELD, _pieces(content)))


def display(name: str) -> str:
    """A member's name as a path below the image's root: ``./etc/x`` and ``/etc/x`` are ``etc/x``; nothing else changes.

    >>> display("./../a")
    '../a'
    """
    while name.startswith(("/", "./")):
        name = name.removeprefix("/").removeprefix("./")
    return name


def _pieces(content: Reader) -> Iterator[tuple[int, bytes]]:
    offset = 0
    buffer = content if isinstance(content, Buffer) else Buffer(content)
    while piece := buffer.peek(WINDOW):
        yield offset, buffer.take(len(piece))
        offset += len(piece)
