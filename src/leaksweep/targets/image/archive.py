"""A tar of images, as a ``docker save`` stream or a file, in one pass: its manifest comes after the layers.

So layers are scanned as they pass, small documents are kept, and at the end the manifests say what was what. Shapes:

    docker >= 25, graph store    blobs/sha256/<DiffID> uncompressed, index.json, manifest.json
    docker, containerd store     blobs/sha256/<digest> as pulled or built, index.json -> indexes, others absent
    docker < 25, podman, skopeo  <id>/layer.tar or <DiffID>.tar, links to layers that occur twice, manifest.json
    oci-archive                  an OCI layout in a tar, no manifest.json

Some engines save an image without its layers and call that a success (moby #49473): everything that a present
manifest names must have been seen.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager

from leaksweep.cache import Cache
from leaksweep.errors import ScanError
from leaksweep.model import Account, Count, Known, Place
from leaksweep.targets import Batch, Stage
from leaksweep.targets.image.catalog import Contents, Naming, Seen, blob_digest, read
from leaksweep.targets.image.changes import Changes
from leaksweep.targets.image.layers import counted, display, layer
from leaksweep.targets.image.made import NOBODY, Maker
from leaksweep.targets.image.memory import Amount, Layers
from leaksweep.targets.image.memory import Seen as Halves
from leaksweep.targets.image.places import Image, located, subject
from leaksweep.unpack.compression import decompressed, is_compressed
from leaksweep.unpack.streams import Buffer, DamageError, Hashed, Reader, mismatch
from leaksweep.unpack.tar import BLOCK, Tar, is_tar


class Archive:
    """Every image in one tar stream.

    ``naming`` is what its images are called where it does not say it itself, or in any case where it is ``fixed``;
    ``opened`` begins the stream.
    """

    def __init__(
        self,
        name: str,
        naming: Naming,
        opened: Callable[[], AbstractContextManager[Reader]],
        maker: Maker = NOBODY,
    ) -> None:
        self.name = name
        self._maker = maker
        self._naming = naming
        self._opened = opened
        self._images: tuple[Image, ...] = ()
        self._changes: dict[str, Changes] = {}
        self._seen: set[str] = set()
        self._memory = Layers()
        self.stage: Stage | None = None
        self.run = f"image/{naming.repository}"  # the archive may say better

    def batches(self) -> Iterator[Batch]:
        """Layers as they pass, then configurations and attestations; everything is read in ``next()``."""
        contents = Contents()
        with self._opened() as stream:
            try:
                for blobs in _members(self.name, stream, contents, self._memory):
                    number = len(contents.changes)
                    self.stage = Stage(f"layer {number}") if number else None
                    yield blobs
            except DamageError as damage:
                raise ScanError(f"{self.name}: {damage}", "save the image again") from None
        self._changes = contents.changes
        self._seen = {*contents.layers, *contents.documents}
        catalog = read(contents, self.name, self._naming, self._maker)
        self._images = catalog.images
        self.run = f"image/{catalog.images[0].repository}" if catalog.images else self.run
        yield catalog.skipped
        yield catalog.blobs

    def locate(self, origins: Collection[Hashable]) -> dict[Hashable, tuple[Place, ...]]:
        """Every place of a shared layer, in each image that has it."""
        fallback = Image(self._naming.repository, self._naming.reference, (), ())
        return located(origins, self._images, fallback, self._changes)

    def remember(self, cache: Cache, digest: str) -> None:
        """Layers that earlier runs know pass by with nothing but their digests verified."""
        self._memory.remember(cache, digest)

    def learn(self, held: Mapping[Hashable, Collection[str]], seen: Halves) -> None:
        """Remember the layers that were read."""
        self._memory.learn(self._changes, held, seen)

    def account(self, blobs: int, size: int) -> Account:
        """The layers that the manifests name; each image by the digest of its manifest or configuration."""
        named = {layer.key for image in self._images for layer in image.layers}
        layers = Count("layers", len(named), len(named & self._seen))
        subjects = dict.fromkeys(
            subject(image.reference, key) for image in self._images for key in image.documents[-1:] if ":" in key
        )
        return Account((layers, Count("files", blobs, blobs), Count("bytes", size, size)), tuple(subjects))


def _members(name: str, stream: Reader, contents: Contents, memory: Layers) -> Iterator[Batch]:
    outer = Buffer(stream)
    content = Buffer(decompressed(outer))
    if not content.peek(1) or not is_tar(content.peek(BLOCK)):
        raise DamageError("it is no tar archive")
    archive = Tar(content)
    while member := archive.next():
        path = posixpath.normpath(display(member.name))
        if member.type in "12":
            folder = posixpath.dirname(path) if member.type == "2" else ""
            contents.links[path] = posixpath.normpath(posixpath.join(folder, member.link))
        elif member.segments is not None:
            raise DamageError("it has a sparse member, which no saved image has")
        elif member.has_content:
            yield from _member(f"{name}: {path}", path, member.size, archive, contents, memory)
    content.drain()
    outer.drain()


def _member(what: str, path: str, size: int, archive: Tar, contents: Contents, memory: Layers) -> Iterator[Batch]:
    digest = blob_digest(path)
    found: list[str] = []
    raw = Buffer(Hashed(archive, found.append, digest.partition(":")[0] or "sha256"))
    known = memory.get(digest) if digest else None
    if known and not known.again:
        raw.drain()
        contents.layers[digest], contents.changes[digest] = Seen(is_tar=True, digest=digest), known.changes
        yield [Known(known.blobs, known.size, known.of(digest))]
        _verify(what, digest, found)
        return
    head = raw.peek(BLOCK)
    packed = is_compressed(head)
    if not packed and not (head and is_tar(head)) and contents.has_room(size):
        contents.documents[digest or path] = raw.take(size)
        raw.drain()
    else:
        unpacked: list[str] = []
        changes = Changes()
        contents.changes[digest or path] = known.changes if known else changes
        wanted = unpacked.append if packed and not digest else None  # the old layout's layers have no other digest
        amount, only = Amount(), known.again if known else ()
        tar = yield from counted(layer(what, digest or path, raw, changes, wanted, only), amount)
        contents.layers[digest or path] = Seen(tar, unpacked[0] if wanted else found[0])
        if known:
            yield [Known(known.blobs - amount.blobs, known.size - amount.size, known.of(digest))]
        elif digest and tar:
            memory.read[digest] = amount
    _verify(what, digest, found)


def _verify(what: str, digest: str, found: list[str]) -> None:
    if digest and found[0] != digest:
        raise mismatch(what, digest)
