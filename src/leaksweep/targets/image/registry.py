"""A registry as a ``Store``: manifests by tag or digest, blobs as streams that survive torn transfers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager

import requests

from leaksweep.errors import ScanError
from leaksweep.targets.image.access import Access
from leaksweep.targets.image.causes import reason
from leaksweep.targets.image.client import ATTEMPTS, BROKEN, Client
from leaksweep.targets.image.documents import MANIFEST_LIMIT
from leaksweep.targets.image.manifest import ACCEPT, Descriptor
from leaksweep.targets.image.names import ImageName
from leaksweep.targets.image.stored import MissingError
from leaksweep.targets.image.web import Web
from leaksweep.unpack.streams import CHUNK, Reader, is_digest, verified, verify

PROGRESS = 1024 * 1024  #: bytes after which a torn transfer counts as new, not as another failure
_RANGE = re.compile(r"bytes ([0-9]{1,18})-")


class Registry:
    """See ``Store``. ``shown`` is what the user called the image."""

    partial = False

    def __init__(self, name: ImageName, shown: str, client: Client) -> None:
        self._name = name
        self._shown = shown
        self._client = client
        self._known: dict[str, bytes] = {}
        self.found = False

    def roots(self) -> tuple[Descriptor, ...]:
        """The manifest or index of the tag or digest."""
        found = self._manifest(self._name.version)
        if found is None:
            raise ScanError(
                f"{self._shown}: the registry {self._client.host} has no {self._name.path} of that version",
                "check the name and the tag",
            )
        digest, data = found
        self._known[digest] = data
        self.found = True
        return (Descriptor(digest),)

    def manifest(self, at: Descriptor) -> bytes | None:
        """See ``Store``."""
        if at.digest in self._known:
            return self._known[at.digest]
        found = self._manifest(at.digest)
        return found and found[1]

    def document(self, at: Descriptor, limit: int) -> bytes:
        """See ``Store``."""
        what = f"{self._shown}: blob {at.digest[:19]}…"
        found = self._client.fetch(f"blobs/{at.digest}", {}, limit, what)
        if found is None:
            raise MissingError
        return verify(found[0], at.digest, what)

    @contextmanager
    def stream(self, at: Descriptor, what: str) -> Iterator[Reader]:
        """See ``Store``."""
        with closing(Transfer(self._client, at, what)) as transfer:
            yield verified(transfer, at.digest, what)

    def _manifest(self, version: str) -> tuple[str, bytes] | None:
        what = f"{self._shown}: manifest {version[:19]}"
        found = self._client.fetch(f"manifests/{version}", {"Accept": ", ".join(ACCEPT)}, MANIFEST_LIMIT, what)
        if found is None:
            return None
        data, headers = found
        digest = version if is_digest(version) else headers.get("Docker-Content-Digest", "")
        if not is_digest(digest):
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        return digest, verify(data, digest, what)


class Transfer:
    """A reader of one blob; where the connection breaks it goes on from there, with another request.

    Raises:
        MissingError: the registry does not have the blob.
    """

    def __init__(self, client: Client, at: Descriptor, what: str) -> None:
        self._client = client
        self._at = at
        self._what = what
        self._offset = 0  # bytes delivered
        self._skip = 0  # bytes to drop, of a server that begins anew
        self._end = at.size  # -1 where unknown
        self._failures = 0
        self._tried_at = 0
        self._response = self._open()

    def close(self) -> None:
        """Close the connection."""
        self._response.close()

    def read(self, size: int, /) -> bytes:
        """See ``Reader``; the digest is for others to verify."""
        while True:
            try:
                data: bytes = self._response.raw.read(min(size, CHUNK), decode_content=False)
            except BROKEN as error:
                self._resume(reason(error))
                continue
            if not data:
                if self._offset >= self._end:
                    return b""
                self._resume("the connection broke off")
                continue
            dropped = min(self._skip, len(data))
            self._skip -= dropped
            self._offset += len(data) - dropped
            if dropped == len(data):
                continue
            if 0 <= self._end < self._offset:
                raise ScanError(f"{self._what}: it is larger than its manifest says", "push the image again")
            return data[dropped:]

    def _resume(self, why: str) -> None:
        self._response.close()
        self._failures = 0 if self._offset - self._tried_at >= PROGRESS else self._failures
        self._tried_at = self._offset
        self._failures += 1
        if self._failures >= ATTEMPTS:
            raise ScanError(f"{self._what}: {self._client.host} breaks off each time: {why}", "try again later")
        self._client.pause(self._failures - 1)
        self._response = self._open()

    def _open(self) -> requests.Response:
        headers = {"Range": f"bytes={self._offset}-"} if self._offset else {}
        response = self._client.get(f"blobs/{self._at.digest}", headers)
        if response.status_code == 404 and not self._offset:
            response.close()
            raise MissingError
        start = _RANGE.match(response.headers.get("Content-Range", ""))
        begins = int(start[1]) if start and response.status_code == 206 else 0
        if response.status_code not in {200, 206} or begins not in {0, self._offset}:
            response.close()
            raise ScanError(f"{self._what}: the registry cannot resume a torn transfer", "try again later")
        self._skip = self._offset - begins
        length = response.headers.get("Content-Length", "")
        if (
            length.isdecimal() and len(length) < 19
        ):  # true where a manifest has a wrong size; the digest decides in any case
            self._end = begins + int(length)
        return response


@contextmanager
def opened(name: ImageName, shown: str, access: Access, tried: str = "") -> Iterator[Registry]:
    """The registry of an image, with connections that are closed in the end.

    ``tried`` says what was tried before the registry; it is told where that does not have the image either.
    """
    with closing(Web(access)) as web:
        registry = Registry(name, shown, Client(name, access, web))
        try:
            yield registry
        except ScanError as error:
            what = error.what if shown in error.what else f"{shown}: {error.what}"
            raise ScanError(what if registry.found or not tried else f"{what} ({tried})", error.mend) from None
