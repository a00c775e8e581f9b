"""What an archive of images held, and what its manifests make of it once all has passed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from leaksweep.errors import ScanError
from leaksweep.model import Blob, Skipped
from leaksweep.targets.image import config
from leaksweep.targets.image.attested import attested
from leaksweep.targets.image.changes import Changes
from leaksweep.targets.image.describe import describe, diff_ids, familiar, named, same_length, several_platforms
from leaksweep.targets.image.documents import CONFIG_LIMIT, Json, mapping, parse, parse_any, text, texts
from leaksweep.targets.image.made import NOBODY, Maker
from leaksweep.targets.image.manifest import Descriptor, Tree, grow, index
from leaksweep.targets.image.places import Image, InLayer, Layer
from leaksweep.unpack.streams import is_digest, mismatch

KEPT = 64 * 1024 * 1024  #: bytes of documents that are kept of one archive
_BLOB = re.compile(r"blobs/([a-z0-9]+)/([0-9a-f]+)")
_OLD_CONFIG = re.compile(r"([0-9a-f]{64})\.json")
_MEND = (
    "save it again; if an engine saves it so each time (a known fault of containerd stores),"
    " push it and scan it in the registry: docker://NAME"
)


@dataclass(frozen=True, slots=True)
class Naming:
    """What the images of an archive are called: ``fixed`` overrules the names in it."""

    repository: str
    reference: str
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A layer that has passed: whether it is a tar archive, and a digest (the DiffID in the old layout)."""

    is_tar: bool
    digest: str


@dataclass(slots=True)
class Contents:
    """What has passed, by key: a verified digest for members below ``blobs/``, the member's path for others."""

    documents: dict[str, bytes] = field(default_factory=dict)
    layers: dict[str, Seen] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Changes] = field(default_factory=dict)
    _kept: int = 0

    def has_room(self, size: int) -> bool:
        """Whether a document of ``size`` bytes is kept; all together are bounded."""
        fits = size <= CONFIG_LIMIT and self._kept + size <= KEPT
        self._kept += size * fits
        return fits

    def key(self, path: str) -> str:
        """The key of a member, by its path or by that of a link to it."""
        for _ in range(len(self.links)):
            if path not in self.links:
                break
            path = self.links[path]
        return blob_digest(path) or path


@dataclass(frozen=True, slots=True)
class Catalog:
    """The images of an archive, the blobs of their documents, and what could not be scanned."""

    images: tuple[Image, ...]
    blobs: list[Blob]
    skipped: list[Skipped]


def blob_digest(path: str) -> str:
    """The digest that a member's name promises, or an empty text."""
    if found := _BLOB.fullmatch(path):
        digest = f"{found[1]}:{found[2]}"
        return digest if is_digest(digest) else ""
    return f"sha256:{found[1]}" if (found := _OLD_CONFIG.fullmatch(path)) else ""


def read(contents: Contents, what: str, naming: Naming, maker: Maker = NOBODY) -> Catalog:
    """Every image that ``index.json`` or ``manifest.json`` names, complete or not at all.

    Raises:
        ScanError: neither is there, one is malformed, or something that they name was not in the archive.
    """
    saved = _saved(contents, what)
    tree = _tree(contents, what)
    if not saved and all(manifest.is_attestation for manifest in tree.manifests):
        raise ScanError(f"{what}: incomplete: no manifest of an image is in it", _MEND)
    tags = {contents.key(text(entry.get("Config"))): texts(entry.get("RepoTags")) for entry in saved}
    catalog = Catalog((), [], [])
    images: list[Image] = []
    for digest, entry in tree.indexes.items():
        catalog.blobs.extend(config.notes(digest, entry))
    provenances = attested(tree.manifests, lambda at: contents.documents.get(at.digest))
    for manifest in tree.manifests:
        document = _config(contents, manifest.config.digest, what)
        own = named(manifest.top)
        platforms = several_platforms(tree)
        names = _names(tags.get(manifest.config.digest, []), naming, own)
        made = maker.of(document, provenances.get(manifest.at.digest), [at.digest for at in manifest.layers])
        images.extend(describe(manifest, document, name, made, platforms=platforms) for name in names)
        catalog.blobs.extend(config.blobs(manifest.config.digest, document))
        catalog.blobs.extend(config.notes(manifest.at.digest, manifest.document))
        for at in manifest.layers:
            _check_blob(contents, at, what, catalog)
    known = {manifest.config.digest for manifest in tree.manifests}
    for entry in saved:
        key = contents.key(text(entry.get("Config")))
        if key not in known:
            known.add(key)
            document = _config(contents, key, what)
            catalog.blobs.extend(config.blobs(key, document))
            layers = _old_layers(contents, entry, document, what)
            made = maker.of(document)
            images.extend(Image(*name, (key,), layers, made) for name in _names(tags[key], naming, None))
    return Catalog(tuple(images), catalog.blobs, catalog.skipped)


def _saved(contents: Contents, what: str) -> list[Mapping[str, Json]]:
    """The entries of ``manifest.json``, as docker writes it."""
    data = contents.documents.get(contents.key("manifest.json"))
    if data is None:
        return []
    entries = parse_any(data, f"{what}: manifest.json")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ScanError(f"{what}: manifest.json is not what it must be", _MEND)
    return [mapping(entry) for entry in entries]


def _tree(contents: Contents, what: str) -> Tree:
    """The manifests below ``index.json``, as the OCI layout has it."""
    data = contents.documents.get(contents.key("index.json"))
    if data is None:
        return Tree((), ())
    roots = index(parse(data, f"{what}: index.json"), what)
    return grow(roots, lambda at: contents.documents.get(at.digest), what)


def _names(tags: list[str], naming: Naming, own: tuple[str, str] | None) -> Iterator[tuple[str, str]]:
    """(repository, reference), one for each repository."""
    if naming.fixed or not (tags or own):
        yield naming.repository, naming.reference
        return
    found = [familiar(tag) for tag in tags] or [own or ("", "")]
    yield from {repository: (repository, reference) for repository, reference in reversed(found)}.values()


def _config(contents: Contents, key: str, what: str) -> dict[str, Json]:
    data = contents.documents.get(key)
    name = f"{key[:19]}…" if is_digest(key) else key
    if data is None:
        raise ScanError(f"{what}: incomplete: the configuration {name} is missing", _MEND)
    return parse(data, f"{what}: configuration {name}")


def _check_blob(contents: Contents, at: Descriptor, what: str, catalog: Catalog) -> None:
    """A layer of an OCI manifest must have passed; one that is no archive is scanned now."""
    seen, data = contents.layers.get(at.digest), contents.documents.get(at.digest)
    name = f"{what}: layer {at.digest[:19]}…"
    if at.media_type.endswith("+encrypted"):
        catalog.skipped.append(Skipped(name, "it is encrypted"))
    elif seen is None and data is None:
        if not at.foreign:
            raise ScanError(f"{what}: incomplete: the layer {at.digest[:19]}… is missing", _MEND)
        catalog.skipped.append(Skipped(name, "a foreign layer, which is kept elsewhere"))
    elif at.is_tar and not (seen.is_tar if seen else not data):
        raise ScanError(f"{name} is no tar archive", "build the image again")
    elif data:
        catalog.blobs.append(Blob(InLayer(at.digest, None), data))


def _old_layers(
    contents: Contents, entry: Mapping[str, Json], document: Mapping[str, Json], what: str
) -> tuple[Layer, ...]:
    paths, digests = texts(entry.get("Layers")), diff_ids(document)
    same_length(len(digests), len(paths), what)
    keys = [contents.key(path) for path in paths]
    for path, key, digest in zip(paths, keys, digests, strict=True):
        seen = contents.layers.get(key)
        if seen is None and contents.documents.get(key) != b"":
            raise ScanError(f"{what}: incomplete: the layer {path} is missing", _MEND)
        if seen and not seen.is_tar:
            raise ScanError(f"{what}: layer {path} is no tar archive", "build the image again")
        if seen and not is_digest(key) and seen.digest != digest:
            raise mismatch(f"{what}: layer {path}", digest)
    return tuple(Layer(key, digest) for key, digest in zip(keys, digests, strict=True))
