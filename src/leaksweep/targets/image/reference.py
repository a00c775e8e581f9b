"""What the user wrote -> the carrier that has the image."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from leaksweep.errors import ScanError, UsageError
from leaksweep.targets import Target
from leaksweep.targets.image import daemon
from leaksweep.targets.image.access import Access
from leaksweep.targets.image.archive import Archive
from leaksweep.targets.image.catalog import Naming
from leaksweep.targets.image.describe import familiar
from leaksweep.targets.image.layout import Layout, opened
from leaksweep.targets.image.names import HUB, ImageName, parse_name
from leaksweep.targets.image.stored import MissingError, Store, StoredImages
from leaksweep.unpack.compression import is_compressed
from leaksweep.unpack.streams import Reader
from leaksweep.unpack.tar import BLOCK, is_tar

_SUFFIXES = (".tar.gz", ".tar.zst", ".tgz", ".tar")
_SCHEMES = ("docker-daemon", "oci", "docker-archive", "oci-archive")
_MEND = "give a name as app:1 or registry.example/me/app, an OCI layout folder, or a docker save tar"


def open_image(reference: str, access: Access) -> Target:
    """The image that ``reference`` means; nothing is read yet but what tells the carrier.

    A prefix decides: ``docker-daemon:NAME``, ``docker://NAME`` (a registry), ``oci:FOLDER[:TAG]``,
    ``docker-archive:FILE``, ``oci-archive:FILE``. Without one: an existing tar file or OCI layout folder (unless the
    text has a host, a tag or a digest: then it is a name), the engine if it has such an image, else the registry.

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
                return _in_engine(reference, rest, access)
            case "oci":
                return _layout(reference, rest, access)
            case "docker-archive" | "oci-archive":
                return _archive(reference, rest, access)
            case _:  # a tag or a port
                pass
    return _guess(reference, access)


def open_images(references: Sequence[str], access: Access) -> list[Target]:
    """Every image, in order. A user name and password are for one registry: no other may see them.

    Raises:
        UsageError: also where credentials are given and the images may come from several registries.
    """
    hosts = {name.host for name in map(_registry_name, references) if name}
    if access.user and len(hosts) > 1:
        raise UsageError(
            f"--registry-user: the images are in several registries ({', '.join(sorted(hosts))})",
            "use docker login for each, or one run for each",
        )
    return [open_image(reference, access) for reference in references]


def _registry_name(reference: str) -> ImageName | None:
    """The name that a registry may be asked for, or None where ``reference`` is something else for certain."""
    scheme, _, rest = reference.partition(":")
    if scheme == "docker" and rest.startswith("//"):
        return parse_name(rest.removeprefix("//"))
    return None if scheme in _SCHEMES or _is_path(reference) else parse_name(reference)


def _is_path(reference: str) -> bool:
    """Whether ``reference`` means what lies there. What is clearly a name stays one, whatever a checkout holds."""
    name = parse_name(reference)
    if name and (name.host != HUB or set(reference) & set(":@")) and not reference.endswith(_SUFFIXES):
        return False
    if os.path.isdir(reference):
        return os.path.isfile(os.path.join(reference, "oci-layout"))
    return os.path.isfile(reference) and (name is None or _may_be_tar(reference))


def _guess(reference: str, access: Access) -> Target:
    if _is_path(reference):
        is_layout = os.path.isdir(reference)
        return _layout(reference, reference, access) if is_layout else _archive(reference, reference, access)
    held, tried = _held(reference)
    if held:
        return _saved(reference, reference, held, access)
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


def _in_engine(reference: str, name: str, access: Access) -> Target:
    held = daemon.find(name)
    if held is None:
        raise ScanError(f"{reference}: the docker engine has no such image", "check docker images, or pull it")
    return _saved(reference, name, held, access)


def _saved(reference: str, name: str, held: daemon.Held, access: Access) -> Target:
    named = "@" in name or familiar(name) in map(familiar, held.tags)
    repository, _ = familiar(name if named or not held.tags else held.tags[0])  # else it was asked for by its id
    naming = Naming(repository, reference, fixed=True)
    return Archive(reference, naming, partial(daemon.saved, name), access.maker)


def _in_registry(reference: str, text: str, access: Access, tried: str = "") -> Target:
    name = parse_name(text)
    if name is None:
        raise UsageError(f"{reference}: {text!r} is no name of an image", _MEND)
    return StoredImages(
        reference, name.repository, partial(_registry, name, reference, access, tried), access.platforms
    )


def _registry(name: ImageName, reference: str, access: Access, tried: str) -> AbstractContextManager[Store]:
    from leaksweep.targets.image import registry

    return registry.opened(name, reference, access, tried)


def _layout(reference: str, text: str, access: Access) -> Target:
    folder, tag = text, ""
    if not os.path.isdir(folder) and ":" in text:
        folder, _, tag = text.rpartition(":")
    if not os.path.isdir(folder):
        raise UsageError(f"{reference}: there is no folder {folder}", "give the folder of an OCI layout")
    name = os.path.basename(os.path.realpath(folder))
    return StoredImages(
        reference, name, partial(_opened_layout, folder, tag, reference), access.platforms, access.maker
    )


def _opened_layout(folder: str, tag: str, reference: str) -> AbstractContextManager[Store]:
    return Layout(folder, tag, reference).opened()


def _archive(reference: str, path: str, access: Access) -> Target:
    if not os.path.isfile(path):
        raise UsageError(f"{reference}: there is no file {path}", "give the tar of docker save or an OCI archive")
    name = os.path.basename(path)
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix) or name
    return Archive(reference, Naming(name, reference), partial(_opened_archive, path, reference), access.maker)


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
