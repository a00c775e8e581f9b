"""What the user wrote -> the carrier that has the image."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from leaksweep.errors import ScanError, UsageError
from leaksweep.targets import Target
from leaksweep.targets.image import daemon
from leaksweep.targets.image.access import Access
from leaksweep.targets.image.archive import Archive
from leaksweep.targets.image.catalog import Naming
from leaksweep.targets.image.compression import is_compressed
from leaksweep.targets.image.describe import familiar
from leaksweep.targets.image.layout import Layout, opened
from leaksweep.targets.image.names import ImageName, parse_name
from leaksweep.targets.image.stored import MissingError, Store, StoredImages
from leaksweep.targets.image.streams import Reader
from leaksweep.targets.image.tar import BLOCK, is_tar

_SUFFIXES = (".tar.gz", ".tar.zst", ".tgz", ".tar")
_MEND = "give a name as app:1 or ghcr.io/me/app, an OCI layout folder, or a docker save tar"


def open_image(reference: str, access: Access) -> Target:
    """The image that ``reference`` means; nothing is read yet but what tells the carrier.

    A prefix decides: ``docker-daemon:NAME``, ``docker://NAME`` (a registry), ``oci:FOLDER[:TAG]``,
    ``docker-archive:FILE``, ``oci-archive:FILE``. Without one: an existing tar file, an existing OCI layout folder, the
    engine if it has such an image, else the registry.

    Raises:
        UsageError: it is none of these.
        ScanError: the prefix asks for the engine, and that does not answer or does not have the image.
    """
    scheme, colon, rest = reference.partition(":")
    if colon:
        match scheme:
            case "docker" if rest.startswith("//"):
                return _in_registry(reference, rest.removeprefix("//"), access)
            case "docker-daemon":
                return _in_engine(reference, rest)
            case "oci":
                return _layout(reference, rest)
            case "docker-archive" | "oci-archive":
                return _archive(reference, rest)
            case _:  # a tag or a port
                pass
    return _guess(reference, access)


def _guess(reference: str, access: Access) -> Target:
    if os.path.isdir(reference) and os.path.isfile(os.path.join(reference, "oci-layout")):
        return _layout(reference, reference)
    if os.path.isfile(reference) and (_may_be_tar(reference) or not parse_name(reference)):
        return _archive(reference, reference)
    held, tried = _held(reference)
    if held:
        return _saved(reference, reference, held)
    if not parse_name(reference) or reference.endswith(_SUFFIXES):
        raise UsageError(f"{reference}: there is no such image", _MEND)
    return _in_registry(reference, reference, access, tried)


def _held(name: str) -> tuple[daemon.Held | None, str]:
    """The engine's image, or why there is none."""
    if not parse_name(name) and not name.startswith("sha256:"):
        return None, ""
    try:
        return daemon.find(name), "the docker engine does not have it"
    except ScanError as error:
        return None, error.what


def _in_engine(reference: str, name: str) -> Target:
    held = daemon.find(name)
    if held is None:
        raise ScanError(f"{reference}: the docker engine has no such image", "check docker images, or pull it")
    return _saved(reference, name, held)


def _saved(reference: str, name: str, held: daemon.Held) -> Target:
    named = "@" in name or familiar(name) in map(familiar, held.tags)
    repository, _ = familiar(name if named or not held.tags else held.tags[0])  # else it was asked for by its id
    return Archive(reference, Naming(repository, reference, fixed=True), partial(daemon.saved, name))


def _in_registry(reference: str, text: str, access: Access, tried: str = "") -> Target:
    name = parse_name(text)
    if name is None:
        raise UsageError(f"{reference}: {text!r} is no name of an image", _MEND)
    return StoredImages(reference, name.repository, partial(_registry, name, reference, access, tried))


def _registry(name: ImageName, reference: str, access: Access, tried: str) -> AbstractContextManager[Store]:
    from leaksweep.targets.image import registry

    return registry.opened(name, reference, access, tried)


def _layout(reference: str, text: str) -> Target:
    folder, tag = text, ""
    if not os.path.isdir(folder) and ":" in text:
        folder, _, tag = text.rpartition(":")
    if not os.path.isdir(folder):
        raise UsageError(f"{reference}: there is no folder {folder}", "give the folder of an OCI layout")
    name = os.path.basename(os.path.realpath(folder))
    return StoredImages(reference, name, partial(_opened_layout, folder, tag, reference))


def _opened_layout(folder: str, tag: str, reference: str) -> AbstractContextManager[Store]:
    return Layout(folder, tag, reference).opened()


def _archive(reference: str, path: str) -> Target:
    if not os.path.isfile(path):
        raise UsageError(f"{reference}: there is no file {path}", "give the tar of docker save or an OCI archive")
    name = os.path.basename(path)
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix) or name
    return Archive(reference, Naming(name, reference), partial(_opened_archive, path, reference))


@contextmanager
def _opened_archive(path: str, reference: str) -> Iterator[Reader]:
    try:
        with opened(path, reference) as file:
            yield file
    except MissingError:
        raise ScanError(f"{reference}: the file is no longer there", "scan again") from None


def _may_be_tar(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            head = file.read(BLOCK)
    except OSError:  # told when it is read
        return True
    return bool(head) and (is_tar(head) or is_compressed(head))
