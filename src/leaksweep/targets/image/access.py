"""What the user allows, gives and wants for reading a registry."""

from __future__ import annotations

from dataclasses import dataclass

from leaksweep.redact import Secret
from leaksweep.targets.image.made import NOBODY, Maker


@dataclass(frozen=True, slots=True)
class Access:
    """Credentials (for the image's registry only) and the conditions of its connections.

    ``insecure`` lists hosts (``host`` or ``host:port``) that may be spoken to in plain HTTP; ``ca_file`` is a PEM file
    of authorities trusted besides the usual ones. Times are seconds: ``read_timeout`` without a single byte,
    ``backoff`` before the first retry, doubled each time. ``platforms`` (``linux/arm64``) are those that are read of an
    index; none means all. ``maker`` is the Dockerfile that may have made the images.
    """

    user: str = ""
    password: Secret | None = None
    insecure: tuple[str, ...] = ()
    ca_file: str = ""
    platforms: tuple[str, ...] = ()
    maker: Maker = NOBODY
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    backoff: float = 0.5


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user of one registry. With ``identity``, the password is an OAuth2 refresh token instead."""

    user: str
    password: Secret
    identity: bool = False
