"""An OCI layout folder: ``index.json`` and ``blobs/<algorithm>/<digest>``, read by digest, every digest verified."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from leaksweep.errors import ScanError
from leaksweep.targets.image.documents import MANIFEST_LIMIT, parse, too_large
from leaksweep.targets.image.manifest import Descriptor, index
from leaksweep.targets.image.stored import MissingError
from leaksweep.unpack.streams import Reader, verified, verify


class Layout:
    """A ``Store``. ``tag`` picks one image of several by its annotation; without one, all are read."""

    partial = True

    def __init__(self, folder: str, tag: str, name: str) -> None:
        self._folder = folder
        self._tag = tag
        self._name = name

    @contextmanager
    def opened(self) -> Iterator[Layout]:
        """The layout itself, which has nothing to close."""
        yield self

    def roots(self) -> tuple[Descriptor, ...]:
        """The manifests that ``index.json`` lists."""
        try:
            data = _read(os.path.join(self._folder, "index.json"), MANIFEST_LIMIT, f"{self._name}: index.json")
        except MissingError:
            raise ScanError(f"{self._name}: incomplete: it has no index.json", "save the image again") from None
        found = index(parse(data, f"{self._name}: index.json"), self._name)
        if self._tag:
            found = tuple(at for at in found if self._tag in _tags(at))
        if not found:
            raise ScanError(f"{self._name}: there is no such image in the layout", "check the folder and the tag")
        return found

    def manifest(self, at: Descriptor) -> bytes | None:
        """See ``Store``."""
        try:
            return self.document(at, MANIFEST_LIMIT)
        except MissingError:
            return None

    def document(self, at: Descriptor, limit: int) -> bytes:
        """See ``Store``."""
        what = f"{self._name}: blob {at.digest[:19]}…"
        return verify(_read(self._path(at), limit, what), at.digest, what)

    def stream(self, at: Descriptor, what: str) -> AbstractContextManager[Reader]:
        """See ``Store``."""
        return _stream(self._path(at), at.digest, what)

    def _path(self, at: Descriptor) -> str:
        algorithm, _, digest = at.digest.partition(":")  # a checked digest: hexadecimal, so no way out of the folder
        return os.path.join(self._folder, "blobs", algorithm, digest)


@contextmanager
def opened(path: str, what: str) -> Iterator[Reader]:
    """A file to read, with errors for people; ``MissingError`` where it does not exist."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise MissingError from None
    except OSError as error:
        raise _unreadable(what, error) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ScanError(f"{what}: it is no regular file", "save the image again")
        yield _File(handle, what)
    finally:
        os.close(handle)


class _File:
    def __init__(self, handle: int, what: str) -> None:
        self._handle = handle
        self._what = what

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        try:
            return os.read(self._handle, size)
        except OSError as error:
            raise _unreadable(self._what, error) from None


@contextmanager
def _stream(path: str, digest: str, what: str) -> Iterator[Reader]:
    with opened(path, what) as file:
        yield verified(file, digest, what)


def _read(path: str, limit: int, what: str) -> bytes:
    with opened(path, what) as file:
        data = b""
        while len(data) <= limit and (more := file.read(limit + 1)):
            data += more
    if len(data) > limit:
        raise too_large(what, limit)
    return data


def _tags(at: Descriptor) -> set[str]:
    name = at.annotations.get("org.opencontainers.image.ref.name", "")
    full = at.annotations.get("io.containerd.image.name", "")
    return {name, full, name.rpartition(":")[2], full.rpartition(":")[2]} - {""}


def _unreadable(what: str, error: OSError) -> ScanError:
    return ScanError(f"{what}: cannot be read: {error.strerror or type(error).__name__}", "check its permissions")
