"""Images in a store of blobs that can be asked for one by one: a registry or an OCI layout."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from itertools import chain
from typing import Protocol

from leaksweep.errors import ScanError
from leaksweep.model import Blob, Place, Skipped
from leaksweep.targets.image import config
from leaksweep.targets.image.documents import CONFIG_LIMIT, MANIFEST_LIMIT, Json, parse, sequence, texts, mapping
from leaksweep.targets.image.layers import layer
from leaksweep.targets.image.manifest import Descriptor, Manifest, Tree, grow
from leaksweep.targets.image.places import Image, Layer, located
from leaksweep.targets.image.streams import Reader

Batch = list[Blob | Skipped]


class Missing(Exception):
    """The store does not have this blob."""


class Store(Protocol):
    """Blobs by digest. What it gives is verified: documents at once, streams at their end."""

    def roots(self) -> tuple[Descriptor, ...]:
        """What the user named, or all there is; a ``ScanError`` where it is not there."""

    def document(self, at: Descriptor, limit: int, *, manifest: bool) -> bytes:
        """A small blob of at most ``limit`` bytes; ``Missing`` where it is not there."""

    def stream(self, at: Descriptor, what: str) -> AbstractContextManager[Reader]:
        """A blob as a stream; entering raises ``Missing`` where it is not there."""


class StoredImages:
    """Every image that the roots of a store lead to, each layer once."""

    def __init__(self, name: str, repository: str, open_store: Callable[[], AbstractContextManager[Store]]) -> None:
        self.name = name
        self.run = f"image/{repository}"
        self._repository = repository
        self._open = open_store
        self._images: list[Image] = []

    def batches(self) -> Iterator[Iterable[Blob | Skipped]]:
        """Configurations, then layers from the base upwards; everything is read in ``next()``."""
        with self._open() as store:
            tree = grow(store.roots(), lambda at: _manifest(store, at), self.name)
            if not tree.manifests:
                raise ScanError(f"{self.name}: incomplete: none of its manifests is there", "push or save the image again")
            yield [Skipped(f"{self.name} ({at.platform or at.digest[:19]})", "its manifest is not there") for at in tree.absent]
            layers: dict[str, Descriptor] = {}
            for manifest in tree.manifests:
                yield self._read(store, manifest, tree)
                layers.update((at.digest, at) for at in manifest.layers if at.digest not in layers or at.is_tar)
            for at in layers.values():
                yield from self._layer(store, at)

    def locate(self, origins: Collection[Hashable]) -> dict[Hashable, tuple[Place, ...]]:
        """Each place of a shared layer, in every image and platform."""
        return located(origins, self._images, Image(self._repository, self.name, (), ()))

    def _read(self, store: Store, manifest: Manifest, tree: Tree) -> Iterable[Blob]:
        what = f"{self.name}: configuration {manifest.config.digest[:19]}…"
        try:
            data = store.document(manifest.config, CONFIG_LIMIT, manifest=False)
        except Missing:
            raise ScanError(f"{what} is missing: the image is incomplete", "push or save it again") from None
        document = parse(data, what)
        self._images.append(describe(manifest, document, self._repository, label(self.name, manifest, document, tree)))
        return [*config.blobs(manifest.config.digest, document), *config.annotations(manifest.at.digest, manifest.document)]
