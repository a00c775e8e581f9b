"""Images in a store of blobs that can be asked for one by one: a registry or an OCI layout."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from leaksweep.cache import Cache
from leaksweep.dockerfile import Provenance
from leaksweep.errors import ScanError, UsageError
from leaksweep.model import Account, Blob, Count, Known, Place, Skipped
from leaksweep.targets import Batch, Stage
from leaksweep.targets.image import config
from leaksweep.targets.image.attested import attested
from leaksweep.targets.image.changes import Changes
from leaksweep.targets.image.describe import describe, named, several_platforms
from leaksweep.targets.image.documents import CONFIG_LIMIT, parse
from leaksweep.targets.image.layers import counted, layer
from leaksweep.targets.image.made import NOBODY, Maker
from leaksweep.targets.image.manifest import Descriptor, Manifest, Tree, grow
from leaksweep.targets.image.memory import Amount, Layers, Seen
from leaksweep.targets.image.places import Image, located, subject
from leaksweep.unpack.streams import Reader

_MEND = "build it, then push or save it again"


class MissingError(Exception):
    """The store does not have this blob."""


class Store(Protocol):
    """Blobs by digest. What it gives is verified: documents at once, streams at their end."""

    partial: bool  #: whether it is usual that an index lists platforms that are not in the store

    def roots(self) -> tuple[Descriptor, ...]:
        """What the user named, or all there is; a ``ScanError`` where it is not there."""

    def manifest(self, at: Descriptor) -> bytes | None:
        """A manifest or an index, or None where it is not there."""

    def document(self, at: Descriptor, limit: int) -> bytes:
        """A small blob of at most ``limit`` bytes; ``MissingError`` where it is not there."""

    def stream(self, at: Descriptor, what: str) -> AbstractContextManager[Reader]:
        """A blob as a stream; entering raises ``MissingError`` where it is not there."""


class StoredImages:
    """Every image that the roots of a store lead to, each layer once."""

    def __init__(
        self,
        name: str,
        repository: str,
        open_store: Callable[[], AbstractContextManager[Store]],
        platforms: Collection[str] = (),
        maker: Maker = NOBODY,
    ) -> None:
        self.name = name
        self._platforms = platforms
        self._maker = maker
        self._repository = repository
        self._open = open_store
        self._images: list[Image] = []
        self._changes: dict[str, Changes] = {}
        self._roots: tuple[Descriptor, ...] = ()
        self._layers, self._read = 0, 0
        self._memory = Layers()
        self._attested: dict[str, Provenance] = {}
        self.stage: Stage | None = None
        self.run = f"image/{repository}"  # an OCI layout may say better

    def batches(self) -> Iterator[Batch]:
        """Configurations, then layers from the base upwards; everything is read in ``next()``."""
        with self._open() as store:
            self._roots = store.roots()
            whole = grow(self._roots, store.manifest, self.name)
            tree = whole.of(self._platforms)
            if whole.manifests and not tree.manifests:
                raise self._no_such_platform(whole)
            yield self._absent(store, tree)
            yield [blob for digest, document in tree.indexes.items() for blob in config.notes(digest, document)]
            layers: dict[str, Descriptor] = {}
            self._attested = attested(tree.manifests, lambda at: _document(store, at))
            for manifest in tree.manifests:
                yield self._documents(store, manifest, tree)
                self.run = f"image/{self._images[0].repository}"
                for at in manifest.layers:
                    if at.digest not in layers or at.is_tar:
                        layers[at.digest] = at
            self._layers = len(layers)
            total, done = sum(max(0, at.size) for at in layers.values()), 0
            for number, at in enumerate(layers.values(), 1):
                self.stage = Stage(f"layer {number} of {len(layers)} ({at.digest[:19]})", done, total)
                yield from self._layer(store, at)
                done += max(0, at.size)

    def locate(self, origins: Collection[Hashable]) -> dict[Hashable, tuple[Place, ...]]:
        """Every place of a shared layer, in each image and platform that has it."""
        return located(origins, self._images, Image(self._repository, self.name, (), ()), self._changes)

    def remember(self, cache: Cache, digest: str) -> None:
        """Layers that earlier runs know are not fetched again, but for what had something in it."""
        self._memory.remember(cache, digest)

    def learn(self, held: Mapping[Hashable, Collection[str]], seen: Seen) -> None:
        """Remember the layers that were read."""
        self._memory.learn(self._changes, held, seen)

    def account(self, blobs: int, size: int) -> Account:
        """The layers that the manifests name; the image by the digest of its index or manifest."""
        counts = (Count("layers", self._layers, self._read), Count("files", blobs, blobs), Count("bytes", size, size))
        return Account(counts, tuple(subject(self.name, root.digest) for root in self._roots))

    def _no_such_platform(self, whole: Tree) -> UsageError:
        known = sorted({manifest.at.platform for manifest in whole.manifests if not manifest.is_attestation})
        return UsageError(
            f"--platform {' '.join(self._platforms)}: {self.name} has no such image", f"use one of {', '.join(known)}"
        )

    def _absent(self, store: Store, tree: Tree) -> list[Skipped]:
        if all(manifest.is_attestation for manifest in tree.manifests):
            raise ScanError(f"{self.name}: incomplete: there is no image in it", _MEND)
        if store.partial:
            return []
        return [Skipped(f"{self.name} ({at.platform or at.digest})", "its manifest is missing") for at in tree.absent]

    def _documents(self, store: Store, manifest: Manifest, tree: Tree) -> list[Blob]:
        what = f"{self.name}: configuration {manifest.config.digest[:19]}…"
        try:
            document = parse(store.document(manifest.config, CONFIG_LIMIT), what)
        except MissingError:
            raise ScanError(f"{what} is missing: the image is incomplete", _MEND) from None
        name = named(manifest.top) or (self._repository, self.name)
        digests = [at.digest for at in manifest.layers]
        made = self._maker.of(document, self._attested.get(manifest.at.digest), digests)
        self._images.append(describe(manifest, document, name, made, platforms=several_platforms(tree)))
        notes = config.notes(manifest.at.digest, manifest.document)
        return [*config.blobs(manifest.config.digest, document), *notes]

    def _layer(self, store: Store, at: Descriptor) -> Iterator[Batch]:
        what = f"{self.name}: layer {at.digest[:19]}…"
        if at.media_type.endswith("+encrypted"):
            yield [Skipped(what, "it is encrypted")]
            return
        known = self._memory.get(at.digest)
        if known and not known.again:
            self._changes[at.digest] = known.changes
            self._read += 1
            yield [Known(known.blobs, known.size, known.of(at.digest))]
            return
        changes, amount = Changes(), Amount()
        self._changes[at.digest] = known.changes if known else changes
        try:
            with store.stream(at, what) as raw:
                batches = layer(what, at.digest, raw, changes, only=known.again if known else ())
                is_tar = yield from counted(batches, amount)
        except MissingError:
            if not at.foreign:
                raise ScanError(f"{what} is missing: the image is incomplete", _MEND) from None
            yield [Skipped(what, "a foreign layer, which is kept elsewhere")]
            return
        if at.is_tar and not is_tar:
            raise ScanError(f"{what} is no tar archive", _MEND)
        self._read += 1
        if known:
            yield [Known(known.blobs - amount.blobs, known.size - amount.size, known.of(at.digest))]
        elif is_tar:
            self._memory.read[at.digest] = amount


def _document(store: Store, at: Descriptor) -> bytes | None:
    try:
        return store.document(at, CONFIG_LIMIT)
    except MissingError:
        return None
