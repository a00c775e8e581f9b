"""The docker engine, and the docker configuration's credentials. The only importer of the docker SDK."""

from __future__ import annotations

import os
import socket
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leaksweep.errors import ScanError
from leaksweep.redact import Secret
from leaksweep.targets.image.access import Credentials
from leaksweep.targets.image.causes import reason
from leaksweep.unpack.streams import CHUNK, Pieces, Reader

if TYPE_CHECKING:
    import docker

PATIENCE = 3600  #: seconds until the first byte: an engine writes the whole tar to its own disk before
_QUICK = 10  #: seconds for everything else


@dataclass(frozen=True, slots=True)
class Held:
    """An image that the engine has: its id and its names (``app:1``)."""

    id: str
    tags: tuple[str, ...]


def find(name: str) -> Held | None:
    """The image, or None where the engine does not have it.

    Raises:
        ScanError: no engine answers.
    """
    import docker.errors

    with _client() as client:
        try:
            image = client.images.get(name)
        except docker.errors.ImageNotFound:
            return None
        except (docker.errors.DockerException, OSError) as error:
            raise _broken(name, error) from None
        return Held(str(image.id), tuple(image.tags))


@contextmanager
def saved(name: str) -> Iterator[Reader]:
    """The engine's ``docker save`` of an image, as it comes.

    Raises:
        ScanError: here and when read, the engine does not answer, or breaks off.
    """
    with _client(PATIENCE) as client, closing(_stream(client, name)) as pieces:
        yield Pieces(pieces)


def credentials(host: str) -> Credentials | None:
    """What ``docker login`` left for a registry, in the configuration file or with a credential helper.

    Raises:
        ScanError: the configuration is malformed, or the helper fails.
    """
    from docker import auth
    from docker.errors import DockerException

    try:
        found = auth.resolve_authconfig(auth.load_config(), host) or {}
    except (DockerException, ValueError, TypeError, AttributeError, OSError) as error:
        raise ScanError(
            f"the docker configuration's credentials for {host} cannot be read: {type(error).__name__}",
            "log in again with docker login, or give --registry-user and LEAKSWEEP_REGISTRY_PASSWORD",
        ) from None
    lower = {key.lower(): value for key, value in found.items() if isinstance(value, str)}
    if token := lower.get("identitytoken"):
        return Credentials("", Secret(token.encode()), identity=True)
    if user := lower.get("username"):
        return Credentials(user, Secret(lower.get("password", "").encode()))
    return None


@contextmanager
def _client(timeout: int = _QUICK) -> Iterator[docker.DockerClient]:
    import docker
    import docker.errors

    try:
        _knock()
        client = docker.from_env(timeout=timeout)
    except (docker.errors.DockerException, OSError, ValueError) as error:
        raise ScanError(
            f"no docker engine answers: {reason(error)}",
            "start it, set DOCKER_HOST, or name the registry's image as docker://NAME",
        ) from None
    with closing(client):
        yield client


def _knock() -> None:
    """Connect once and hang up: the SDK leaves its socket open where nobody answers."""
    host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(_QUICK)
            caller.connect(host.removeprefix("unix://"))


def _stream(client: docker.DockerClient, name: str) -> Generator[bytes, None, None]:
    import docker.errors
    import requests

    try:
        yield from client.api.get_image(name, CHUNK)
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise _broken(name, error) from None


def _broken(name: str, error: Exception) -> ScanError:
    return ScanError(f"{name}: the docker engine broke off: {reason(error)}", "look into its log and try again")
