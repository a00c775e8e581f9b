"""Image names, normalised as docker does it: ``busybox`` is ``docker.io/library/busybox:latest``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from leaksweep.unpack.streams import is_digest

HUB = "docker.io"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


@dataclass(frozen=True, slots=True)
class ImageName:
    """A name in a registry. ``tag`` is ``latest`` where neither tag nor digest was given; the digest outranks it."""

    host: str
    path: str
    tag: str
    digest: str = ""

    @property
    def repository(self) -> str:
        """The familiar name without tag and digest: ``busybox``, ``user/app``, ``registry.example/user/app``."""
        if self.host == HUB:
            return self.path.removeprefix("library/")
        return f"{self.host}/{self.path}"

    @property
    def version(self) -> str:
        """What the registry is asked for: the digest, or else the tag."""
        return self.digest or self.tag


def parse_name(text: str) -> ImageName | None:
    """``text`` as an image name, or None where it cannot be one."""
    rest, _, digest = text.partition("@")
    if digest and not is_digest(digest):
        return None
    if not digest and "@" in text:
        return None
    slash = rest.rfind("/")
    head, colon, tag = rest[slash + 1 :].partition(":")
    path = rest[: slash + 1] + head
    if colon and not _TAG.fullmatch(tag):
        return None
    host, path = _split_host(path)
    if len(path) > 255 or not _PATH.fullmatch(path) or not _HOST.fullmatch(host):
        return None
    return ImageName(host, path, tag or ("" if digest else "latest"), digest)


def _split_host(path: str) -> tuple[str, str]:
    first, slash, rest = path.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        host = HUB if first == f"index.{HUB}" else first
        path = rest
    else:
        host = HUB
    return host, f"library/{path}" if host == HUB and "/" not in path else path
