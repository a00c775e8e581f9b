"""Images made by hand, without an engine: tars, OCI layouts, old and new ``docker save`` archives."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from leaksweep.model import Blob, Place, Skipped
from leaksweep.redact import Secret
from leaksweep.targets import Target
from leaksweep.targets.image import Access, open_image
from support.require import require, require_program

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
QUICK = Access(backoff=0.01, connect_timeout=5, read_timeout=1)


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def tar(*members: tuple[str, bytes] | tarfile.TarInfo, form: int = tarfile.GNU_FORMAT) -> bytes:
    """A tar of files (name, content) and of other members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, errors="surrogateescape") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return out.getvalue()


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of files (name, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def pack(data: bytes, how: str) -> bytes:
    """``data`` as ``raw``, ``gzip`` or ``zstd``."""
    if how == "gzip":
        return gzip.compress(data, 1, mtime=0)
    return zstandard.compress(data) if how == "zstd" else data


class Oci:
    """An OCI image layout that grows: blobs by digest, and the roots of its index."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.roots: list[dict[str, Any]] = []

    def add(self, data: bytes | dict[str, Any], media_type: str = "", **more: Any) -> dict[str, Any]:
        """Keep a blob (a dict becomes JSON) and return its descriptor."""
        raw = json.dumps(data).encode() if isinstance(data, dict) else data
        self.blobs[digest(raw)] = raw
        return {"mediaType": media_type, "digest": digest(raw), "size": len(raw), **more}

    def image(self, *layers: bytes, how: str = "raw", **more: Any) -> dict[str, Any]:
        """An image of these tars; its manifest's descriptor, which is no root yet."""
        rootfs = {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}
        at = self.add({"architecture": "amd64", "os": "linux", "rootfs": rootfs}, CONFIG)
        suffix = "" if how == "raw" else f"+{how}"
        packed = [self.add(pack(layer, how), LAYER + suffix) for layer in layers]
        return self.manifest(at, packed, **more)

    def manifest(self, config: dict[str, Any], layers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
        return self.add(document, MANIFEST, **more)

    def index(self, *manifests: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.add({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(manifests)}, INDEX, **more)

    def files(self) -> list[tuple[str, bytes]]:
        """Names and contents, the index last, as the engine writes them."""
        blobs = [(f"blobs/{key.replace(':', '/')}", data) for key, data in self.blobs.items()]
        index = json.dumps({"schemaVersion": 2, "manifests": self.roots}).encode()
        return [*blobs, ("index.json", index), ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')]

    def write(self, folder: Path) -> str:
        """As a folder; its path."""
        for name, data in self.files():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return str(folder)

    def write_tar(self, file: Path) -> str:
        """As an OCI archive; its path."""
        file.write_bytes(tar(*self.files()))
        return str(file)


def config_json(layers: Iterable[bytes], **config: Any) -> bytes:
    """An image's configuration, with the digests of its layers."""
    diff_ids = [digest(layer) for layer in layers]
    return json.dumps({"config": config, "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()


class Content(NamedTuple):
    """One content of a target: where it was, and what."""

    places: tuple[Place, ...]
    data: bytes


class Read(NamedTuple):
    """Everything a target gave."""

    run: str
    contents: list[Content]
    skipped: list[Skipped]

    def labels(self, data: bytes) -> list[str]:
        """Where contents with ``data`` in them were."""
        return sorted(place.label for c in self.contents if data in c.data for place in c.places)

    def uris(self, data: bytes) -> list[str]:
        """The same as stable addresses."""
        return sorted({place.uri for c in self.contents if data in c.data for place in c.places})


def read(reference: str, access: Access = QUICK) -> Read:
    """Open an image and read all of it."""
    return drain(open_image(reference, access))


def drain(target: Target) -> Read:
    """Read all of a target; windows of one content stay apart."""
    blobs: list[Blob] = []
    skipped: list[Skipped] = []
    for item in chain.from_iterable(target.batches()):
        if isinstance(item, Skipped):
            skipped.append(item)
        elif isinstance(item, Blob):
            blobs.append(item)
    places = target.locate({blob.origin for blob in blobs})
    return Read(target.run, [Content(places[blob.origin], blob.data) for blob in blobs], skipped)


def docker(*arguments: str, stdin: bytes | None = None) -> bytes:
    """Run the docker client against the lab's engine."""
    require("DOCKER_HOST")
    done = subprocess.run([require_program("docker"), *arguments], input=stdin, capture_output=True, check=False)
    assert 0 == done.returncode, done.stderr.decode()
    return done.stdout


def build(folder: Path, dockerfile: str, *names: str) -> None:
    """Build an image from a Dockerfile (and what lies in ``folder``), under these names."""
    (folder / "Dockerfile").write_text(dockerfile)
    tags = chain.from_iterable(("-t", name) for name in names)
    docker("build", "--network=none", "-q", *tags, str(folder))


def lab_access(**more: Any) -> Access:
    """The lab's user."""
    user, password = require("LAB_REGISTRY_USER", "LAB_REGISTRY_PASSWORD")
    return Access(user=user, password=Secret(password.encode()), backoff=0.01, **more)
