"""A case's image in each carrier: folders and tars, a registry (by its API), an engine (by its client)."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from conformance.images import traps
from conformance.images.cases import Case
from conformance.images.oci import AMD64, Layout

Layers = dict[str, list[tuple[str, str]]]  #: platform -> (digest, DiffID) of each layer, the base first


class Images:
    """The images of some cases below a folder. What a carrier needs is made when it is asked for."""

    def __init__(self, folder: Path, registry: str = "") -> None:
        self.folder = folder
        self.registry = registry
        self.layers: dict[str, Layers] = {}
        self._held: set[str] = set()  # names that the engine has of us

    def forget(self) -> None:
        """Remove what the engine was given; registries keep theirs."""
        if self._held:
            docker("rmi", "-f", *sorted(self._held))
            self._held.clear()

    def reference(self, case: Case, carrier: str) -> str:
        """What leads a scanner to the image: a path or a name."""
        self.made(case)
        name = f"conf-{case.name}:1"
        if carrier == "engine":
            docker("load", "-q", "-i", str(self._tar(case)))
            self._held.add(name)
            return name
        if carrier == "registry":
            push(self._layout(case), self.registry, f"conf/{case.name}", "1")
            return f"{self.registry}/conf/{case.name}:1"
        return str(self._tar(case) if carrier == "tar" else self.folder / case.name / "layout")

    def made(self, case: Case) -> Path:
        """The folder of a case: ``layout/``, ``image.tar``, ``case.json``."""
        folder = self.folder / case.name
        if case.name not in self.layers:
            made = traps.build(case.name)
            folder.mkdir(parents=True)
            if "layout" not in case.cannot and made.layout:
                made.layout.write(folder / "layout")
            (folder / "image.tar").write_bytes(made.archive)
            document = {**case.document(), "layers": made.layers}
            (folder / "case.json").write_text(json.dumps(document, indent=2) + "\n")
            self.layers[case.name] = made.layers
        return folder

    def _tar(self, case: Case) -> Path:
        return self.folder / case.name / "image.tar"

    def _layout(self, case: Case) -> Layout:
        layout = traps.build(case.name).layout
        assert layout
        return layout


class Built(Images):
    """Images that a real engine builds from the cases' Dockerfiles."""

    def __init__(self, folder: Path, registry: str, builder: str) -> None:
        super().__init__(folder, registry)
        self.builder = builder

    def reference(self, case: Case, carrier: str) -> str:
        """See ``Images``."""
        folder, name = self.made(case), self._name(case)
        if carrier == "engine":
            return name
        if carrier == "registry":
            full = f"{self.registry}/conf/{case.name}-{self.builder}:1"
            docker("tag", name, full)
            docker("push", "-q", full)
            docker("rmi", full)
            return full
        if not (folder / "image.tar").exists():
            docker("save", "-o", str(folder / "image.tar"), name)
        if carrier == "layout":
            source = f"docker-archive:{folder / 'image.tar'}"
            _run("skopeo", "copy", "-q", source, f"oci:{folder / 'layout'}:1")
            return str(folder / "layout")
        return str(folder / "image.tar")

    def made(self, case: Case) -> Path:
        """Build the image; the folder of what is saved of it."""
        folder = self.folder / f"{case.name}-{self.builder}"
        if case.name not in self.layers:
            folder.mkdir(parents=True)
            with tempfile.TemporaryDirectory() as context:
                for name, text in {**case.files, "Dockerfile": case.dockerfile}.items():
                    (Path(context) / name).parent.mkdir(parents=True, exist_ok=True)
                    (Path(context) / name).write_text(case.filled(text))
                arguments = [f"--build-arg={key}={case.filled(value)}" for key, value in case.args.items()]
                kit = "1" if self.builder == "buildkit" else "0"
                call = ("build", "-q", "--network=none", *arguments, "-t", self._name(case), context)
                docker(*call, DOCKER_BUILDKIT=kit)
            self._held.add(self._name(case))
            ids = json.loads(docker("inspect", "-f", "{{json .RootFS.Layers}}", self._name(case)))
            self.layers[case.name] = {AMD64: [(own, own) for own in ids]}
        return folder

    def _name(self, case: Case) -> str:
        return f"conf-{case.name}-{self.builder}:1"


def has_engine() -> bool:
    """Whether an engine is meant to be used: ``DOCKER_HOST`` says where it is."""
    return bool(os.environ.get("DOCKER_HOST") and shutil.which("docker"))


def has_skopeo() -> bool:
    return shutil.which("skopeo") is not None


def docker(*arguments: str, **env: str) -> str:
    """Run the engine's client; its output."""
    return _run("docker", *arguments, **env)


def _run(*call: str, **env: str) -> str:
    done = subprocess.run(call, capture_output=True, text=True, check=False, env={**os.environ, **env})
    if done.returncode:
        raise RuntimeError(f"{' '.join(call[:3])}: {done.stderr.strip()}")
    return done.stdout


def push(layout: Layout, registry: str, repository: str, tag: str) -> None:
    """Upload a layout to a registry with plain HTTP: blobs, then manifests, those that others list first."""
    connection = http.client.HTTPConnection(registry, timeout=30)
    documents = {key: data for key, data in layout.blobs.items() if _media_type(data)}
    for key, data in layout.blobs.items():
        if key not in documents:
            parts = urlsplit(_send(connection, "POST", f"/v2/{repository}/blobs/uploads/", b"", "", 202))
            path = f"{parts.path}?{parts.query}&digest={key}"
            _send(connection, "PUT", path, data, "application/octet-stream", 201)
    top = layout.roots[0]["digest"]
    for key, data in documents.items():  # an index is made after what it lists
        version = tag if key == top else key
        _send(connection, "PUT", f"/v2/{repository}/manifests/{version}", data, _media_type(data), 201)
    connection.close()


def _media_type(data: bytes) -> str:
    """Of a manifest or an index, else an empty text."""
    try:
        document = json.loads(data)
    except ValueError:
        return ""
    return str(document.get("mediaType", "")) if isinstance(document, dict) and "schemaVersion" in document else ""


def _send(
    connection: http.client.HTTPConnection, method: str, path: str, data: bytes, media_type: str, wanted: int
) -> str:
    """One request; where its answer points."""
    connection.request(method, path, data, {"Content-Type": media_type} if media_type else {})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != wanted:
        raise RuntimeError(f"{method} {path}: {answer.status} {body[:300]!r}")
    return answer.headers.get("Location", "")
