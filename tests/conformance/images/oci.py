"""OCI image layouts and ``docker save`` archives, made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from conformance.images.forge import digest, file, gz, tar

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
AMD64 = "linux/amd64"
Json = dict[str, Any]


class Layer(NamedTuple):
    """A layer: its content, as it is stored, and what its descriptor says."""

    content: bytes
    stored: bytes
    media_type: str = f"{LAYER}+gzip"
    more: Mapping[str, Any] = MappingProxyType({})


def layer(*members: bytes) -> Layer:
    """An ordinary layer of these tar members, gzipped."""
    content = tar(*members)
    return Layer(content, gz(content))


class Layout:
    """An OCI image layout that grows. ``name`` is the repository that the archive's own manifest gives its images."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blobs: dict[str, bytes] = {}
        self.roots: list[Json] = []
        self.saved: list[Json] = []  # the entries of manifest.json
        self.layers: dict[str, list[tuple[str, str]]] = {}  #: platform -> (digest, DiffID) of each layer

    def add(self, data: bytes | Json, media_type: str = "", **more: Any) -> Json:
        """Keep a blob (a dict becomes JSON) and return its descriptor."""
        raw = json.dumps(data).encode() if isinstance(data, dict) else data
        self.blobs[digest(raw)] = raw
        return {"mediaType": media_type, "digest": digest(raw), "size": len(raw), **more}

    def image(
        self, *layers: Layer, config: Json | None = None, platform: str = AMD64, notes: dict[str, str] | None = None
    ) -> Json:
        """An image; its manifest's descriptor, which is no root yet. ``config`` is merged into its configuration."""
        os, _, architecture = platform.partition("/")
        ids = [digest(one.content) for one in layers]
        made = [{"created_by": f"COPY step{n} /"} for n in range(1, len(layers) + 1)]
        document = {"os": os, "architecture": architecture, "config": {}, "history": made, **(config or {})}
        at = self.add({**document, "rootfs": {"type": "layers", "diff_ids": ids}}, CONFIG)
        stored = [self.add(one.stored, one.media_type, **one.more) for one in layers]
        paths = [f"blobs/{one['digest'].replace(':', '/')}" for one in stored]
        name = f"{self.name}:1" if not self.saved else f"{self.name}:{architecture}"
        self.saved.append({"Config": f"blobs/{at['digest'].replace(':', '/')}", "RepoTags": [name], "Layers": paths})
        self.layers[platform] = [(one["digest"], own) for one, own in zip(stored, ids, strict=True)]
        described = {"os": os, "architecture": architecture}
        return self.manifest(at, stored, notes, platform=described)

    def manifest(self, config: Json, layers: list[Json], notes: dict[str, str] | None = None, **more: Any) -> Json:
        document: Json = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
        return self.add({**document, **({"annotations": notes} if notes else {})}, MANIFEST, **more)

    def index(self, *manifests: Json, notes: dict[str, str] | None = None) -> Json:
        document: Json = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(manifests)}
        return self.add({**document, **({"annotations": notes} if notes else {})}, INDEX)

    def root(self, at: Json) -> Layout:
        """Make ``at`` what the layout's index names."""
        names = {
            "io.containerd.image.name": f"docker.io/library/{self.name}:1",
            "org.opencontainers.image.ref.name": "1",
        }
        self.roots = [{**at, "annotations": names}]
        return self

    def files(self) -> dict[str, bytes]:
        """The members of the layout, blobs first."""
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": self.roots}
        blobs = {f"blobs/{key.replace(':', '/')}": data for key, data in self.blobs.items()}
        return {**blobs, "index.json": json.dumps(index).encode(), "oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def write(self, folder: Path) -> None:
        for name, data in self.files().items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

    def archive(self) -> bytes:
        """The layout in a tar, with ``manifest.json``, as engines from 25 on save it."""
        files = {**self.files(), "manifest.json": json.dumps(self.saved).encode()}
        return tar(*(file(name, data) for name, data in files.items()))


class Made(NamedTuple):
    """What a case is made of: a layout, an archive of another shape, or both."""

    layout: Layout | None
    archive: bytes
    layers: dict[str, list[tuple[str, str]]]
