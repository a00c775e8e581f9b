"""Origins of blobs, and the places they become once the images that use them are known."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leaksweep.model import ImageConfig, LayerFile, Place, Subject
from leaksweep.targets.image.changes import Changes, gone
from leaksweep.targets.image.made import UNKNOWN, Made

_NONE = Changes()  #: of a layer that was not read


@dataclass(frozen=True, slots=True)
class InLayer:
    """A member of a layer; ``path`` is None where the content is no archive but one document.

    ``layer`` is the carrier's key: a digest, or the name of an archive's member; ``at`` is where the member's headers
    begin in the unpacked layer.
    """

    layer: str
    path: str | None
    at: int = 0


@dataclass(frozen=True, slots=True)
class InDocument:
    """A field of a configuration or a manifest."""

    document: str
    field: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as an image uses it: the carrier's key, the digest shown to people, and what a document is called."""

    key: str
    digest: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """An image of one platform, as places need it. ``documents`` are the keys of its configuration, its
    manifest and the indexes above it.
    """

    repository: str
    reference: str
    documents: tuple[str, ...]
    layers: tuple[Layer, ...]
    made: Made = UNKNOWN


def located(
    origins: Collection[Hashable], images: Iterable[Image], fallback: Image, changes: Mapping[str, Changes]
) -> dict[Hashable, tuple[Place, ...]]:
    """Every place of every origin: one for each image that has the layer or document.

    ``changes`` are those of the layers, by the carrier's keys. What no image uses was scanned all the same; its place
    is in ``fallback``, at layer 0.
    """
    used = tuple(images)
    found = {o: sorted(set(_places(o, used, changes)), key=lambda place: (place.uri, place.label)) for o in origins}
    return {origin: tuple(places) or (_orphan(origin, fallback),) for origin, places in found.items()}


def subject(name: str, digest: str) -> Subject:
    """An image by a digest such as ``sha256:...``."""
    algorithm, _, digits = digest.partition(":")
    return Subject(name, algorithm, digits)


def _places(
    origin: Hashable, images: tuple[Image, ...], changes: Mapping[str, Changes]
) -> Iterator[LayerFile | ImageConfig]:
    for image in images:
        if isinstance(origin, InDocument):
            if origin.document in image.documents:
                step = image.made.fields.get(origin.field)
                yield ImageConfig(image.repository, image.reference, origin.field, step=step)
        elif isinstance(origin, InLayer):
            for index, layer in enumerate(image.layers, 1):
                if layer.key == origin.layer:
                    place = _place(image, index, layer, origin.path)
                    yield _with_fate(place, [changes.get(some.key, _NONE) for some in image.layers[index - 1 :]])


def _place(image: Image, index: int, layer: Layer, path: str | None) -> LayerFile | ImageConfig:
    if path is None:
        return ImageConfig(image.repository, image.reference, layer.title or f"artifact/{layer.key}")
    step, base = image.made.step(index), image.made.base_of(index)
    return LayerFile(image.repository, image.reference, index, layer.digest, path, step=step, base=base)


def _with_fate(place: LayerFile | ImageConfig, layers: Sequence[Changes]) -> LayerFile | ImageConfig:
    if isinstance(place, ImageConfig) or (end := gone(place.path, layers)) is None:
        return place
    return place._replace(gone=end._replace(layer=place.index + end.layer))


def _orphan(origin: Hashable, image: Image) -> Place:
    if isinstance(origin, InLayer):
        return _place(image, 0, Layer(origin.layer, origin.layer), origin.path)
    assert isinstance(origin, InDocument)
    return ImageConfig(image.repository, image.reference, origin.field)
