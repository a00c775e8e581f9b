"""Indexes and manifests: which images, of which platforms, are made of which blobs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from leaksweep.errors import ScanError
from leaksweep.redact import printable
from leaksweep.targets.image.documents import Json, mapping, parse, sequence, text
from leaksweep.unpack.streams import is_digest

MANIFESTS = 4096  #: manifests that one reference may lead to
ACCEPT = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_MEND = "build or push the image again"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """How a document names a blob. ``platform`` is ``os/architecture[/variant]`` or empty."""

    digest: str
    size: int = -1
    media_type: str = ""
    platform: str = ""
    foreign: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_tar(self) -> bool:
        """Whether the content must be a tar archive: an image's layer, by what its manifest says."""
        return not self.media_type or ".tar" in self.media_type

    @property
    def title(self) -> str:
        """What people call a content that is no archive."""
        if predicate := self.annotations.get("in-toto.io/predicate-type"):
            return f"attestation/{predicate.removeprefix('https://')}"
        return f"artifact/{self.annotations.get('org.opencontainers.image.title') or self.digest}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image of one platform, or an attestation, which has documents for layers."""

    at: Descriptor
    config: Descriptor
    layers: tuple[Descriptor, ...]
    document: Mapping[str, Json] = field(hash=False, compare=False)
    top: Descriptor  #: the root that led here, whose annotations may name the image
    above: tuple[str, ...] = ()  #: the digests of the indexes that led here

    @property
    def is_attestation(self) -> bool:
        """Whether this says something of an image instead of being one."""
        return self.at.platform == "unknown/unknown" or "vnd.docker.reference.type" in self.at.annotations

    @property
    def subject(self) -> str:
        """The digest of the image's manifest that an attestation speaks of, if it says."""
        return self.at.annotations.get("vnd.docker.reference.digest", "")


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything that some roots lead to; ``absent`` are the manifests of nested indexes that are not there."""

    manifests: tuple[Manifest, ...]
    absent: tuple[Descriptor, ...]
    indexes: Mapping[str, Mapping[str, Json]] = field(default_factory=dict, hash=False)  #: by their digests

    def of(self, platforms: Collection[str]) -> Tree:
        """The images of these platforms alone, with what is attested of them; all where none is named.

        ``linux/arm64`` means every variant of it.
        """
        if not platforms:
            return self
        kept = tuple(m for m in self.manifests if not m.is_attestation and _is_of(m.at.platform, platforms))
        chosen = {manifest.at.digest for manifest in kept}
        about = (m for m in self.manifests if m.is_attestation and m.subject in chosen)
        return Tree((*kept, *about), tuple(at for at in self.absent if _is_of(at.platform, platforms)))


def _is_of(platform: str, platforms: Collection[str]) -> bool:
    return not platform or any(f"{platform}/".startswith(f"{wanted}/") for wanted in platforms)


Get = Callable[[Descriptor], bytes | None]


def grow(roots: Iterable[Descriptor], get: Get, what: str) -> Tree:
    """Follow indexes of any nesting down to manifests, each digest once.

    ``get`` gives a document's verified bytes, or None where the carrier does not have it: an error for a root, and
    allowed below an index, since an image is often kept for one platform only.

    Raises:
        ScanError: a document is malformed or missing, or there are too many.
    """
    manifests: list[Manifest] = []
    absent: list[Descriptor] = []
    indexes: dict[str, Mapping[str, Json]] = {}
    seen: set[str] = set()
    pending: list[tuple[Descriptor, Descriptor, tuple[str, ...]]] = [(root, root, ()) for root in roots]
    tops = len(pending)
    while pending:
        at, top, above = pending.pop(0)
        tops -= 1
        if at.digest in seen:
            continue
        seen.add(at.digest)
        if len(seen) > MANIFESTS:
            raise ScanError(f"{what}: its index names more than {MANIFESTS} manifests", "scan its platforms one by one")
        data = get(at)
        if data is None:
            if tops >= 0:
                raise ScanError(f"{what}: incomplete: the manifest {at.digest[:19]}… is missing", _MEND)
            absent.append(at)
            continue
        document = parse(data, f"{what}: manifest {at.digest[:19]}…")
        if is_index(document):
            indexes[at.digest] = document
            pending.extend((child, top, (*above, at.digest)) for child in index(document, what))
        else:
            manifests.append(replace(_manifest(document, at, top, what), above=above))
    return Tree(tuple(manifests), tuple(absent), indexes)


def is_index(document: Mapping[str, Json]) -> bool:
    """Whether a document lists manifests; one that is also a manifest is refused later on."""
    return "manifests" in document and "layers" not in document and "config" not in document


def index(document: Mapping[str, Json], what: str) -> tuple[Descriptor, ...]:
    """The manifests that an index lists."""
    listed = document.get("manifests")
    if not isinstance(listed, list):
        raise ScanError(f"{what}: its index has no list of manifests", _MEND)
    return tuple(_descriptor(entry, what) for entry in listed)


def _manifest(document: Mapping[str, Json], at: Descriptor, top: Descriptor, what: str) -> Manifest:
    if "fsLayers" in document or document.get("schemaVersion") == 1:
        raise ScanError(f"{what}: its manifest has the outdated schema 1", "push the image again with a current engine")
    layers = document.get("layers")
    if "manifests" in document or not isinstance(layers, list) or not isinstance(document.get("config"), dict):
        raise ScanError(f"{what}: {at.digest[:19]}… is no image manifest", _MEND)
    blobs = tuple(_descriptor(layer, what) for layer in layers)
    return Manifest(at, _descriptor(document["config"], what), blobs, document, top)


def _descriptor(value: Json, what: str) -> Descriptor:
    entry = mapping(value)
    digest, size = text(entry.get("digest")), entry.get("size")
    if not is_digest(digest):
        raise ScanError(f"{what}: its manifest names a blob by {printable(digest[:80])!r}, which is no digest", _MEND)
    media_type = text(entry.get("mediaType"))
    platform = mapping(entry.get("platform"))
    notes = mapping(entry.get("annotations"))
    return Descriptor(
        digest,
        size if isinstance(size, int) else -1,
        media_type,
        "/".join(filter(None, (text(platform.get(k)) for k in ("os", "architecture", "variant")))),
        bool(sequence(entry.get("urls"))) or "foreign" in media_type or "nondistributable" in media_type,
        {k: v for k, v in notes.items() if isinstance(v, str)},
    )
