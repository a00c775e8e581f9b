"""A manifest and its configuration -> the ``Image`` that places are made from."""

from __future__ import annotations

from collections.abc import Mapping

from leaksweep.errors import ScanError
from leaksweep.targets.image.documents import Json, mapping, text, texts
from leaksweep.targets.image.made import Made
from leaksweep.targets.image.manifest import Descriptor, Manifest, Tree
from leaksweep.targets.image.names import parse_name
from leaksweep.targets.image.places import Image, Layer

_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")  #: annotations of an index, full name first


def describe(
    manifest: Manifest, config: Mapping[str, Json], name: tuple[str, str], made: Made, *, platforms: bool
) -> Image:
    """The image of a manifest, called ``name`` (repository, reference), and its platform where there are several.

    ``made`` is what is known of how it was made.

    Raises:
        ScanError: the configuration has another number of layers than the manifest, so some are missing.
    """
    repository, reference = name
    if platforms and (platform := manifest.at.platform or platform_of(config)):
        reference = f"{reference} ({platform})"
    shown = diff_ids(config)
    if not shown:  # no image: an artifact of another kind
        shown = [layer.digest for layer in manifest.layers]
    same_length(len(shown), len(manifest.layers), reference)
    layers = tuple(Layer(at.digest, digest, at.title) for at, digest in zip(manifest.layers, shown, strict=True))
    above = () if manifest.is_attestation else manifest.above
    documents = (manifest.config.digest, manifest.at.digest, *above)
    return Image(repository, reference, documents, layers, made)


def same_length(configured: int, listed: int, what: str) -> None:
    """A ``ScanError`` where a configuration and a manifest have different numbers of layers."""
    if configured != listed:
        raise ScanError(
            f"{what}: incomplete: its configuration has {configured} layers, its manifest {listed}",
            "build or push the image again",
        )


def named(top: Descriptor) -> tuple[str, str] | None:
    """(repository, reference) by the annotations of an index, unless they have a mere tag."""
    return next((found for found in map(_full, (top.annotations.get(key, "") for key in _NAMES)) if found), None)


def diff_ids(config: Mapping[str, Json]) -> list[str]:
    """The digests of an image's layers, unpacked, from the base upwards."""
    return texts(mapping(config.get("rootfs")).get("diff_ids"))


def platform_of(config: Mapping[str, Json]) -> str:
    """``os/architecture[/variant]``."""
    return "/".join(filter(None, (text(config.get(key)) for key in ("os", "architecture", "variant"))))


def familiar(text: str) -> tuple[str, str]:
    """(repository, reference) of a tag such as ``docker.io/library/app:1`` -> ``app``, ``app:1``."""
    name = parse_name(text)
    if name is None:
        return text, text
    version = f"@{name.digest}" if name.digest else f":{name.tag}"
    return name.repository, name.repository + version


def _full(text: str) -> tuple[str, str] | None:
    return familiar(text) if parse_name(text) and (":" in text or "/" in text) else None


def several_platforms(tree: Tree) -> bool:
    """Whether one name leads to images of more than one platform."""
    images = [m for m in tree.manifests if not m.is_attestation]
    return len(images) > len({m.top for m in images})
