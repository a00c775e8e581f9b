"""Readers that are stacked to read a layer: a source, its digest, its decompressor, exact reads.

A *reader* has ``read(size)``: at most ``size`` bytes, and none only at the end, as a raw file does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Protocol

from leaksweep.errors import ScanError

CHUNK = 1024 * 1024  #: bytes that are moved at once
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


class DamageError(Exception):
    """The bytes are not what they must be; the text says how, without naming the place."""


class Reader(Protocol):
    """Something to read bytes from, in order."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; ``b""`` only at the end."""


class Pieces:
    """A reader over byte strings of any lengths."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = piece
        data, self._left = self._left[:size], self._left[size:]
        return data


class Buffer:
    """Exact reads, a look ahead and skipping, over any reader."""

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._before = 0  # bytes before the chunk
        self._chunk = b""
        self._at = 0

    @property
    def position(self) -> int:
        """How many bytes were consumed."""
        return self._before + self._at

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer at the end, without consuming them."""
        while len(self._chunk) - self._at < size and (more := self._source.read(CHUNK)):
            self._before += self._at
            self._chunk, self._at = self._chunk[self._at :] + more, 0
        return self._chunk[self._at : self._at + size]

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        if self._at == len(self._chunk):
            self._before += self._at
            self._chunk, self._at = self._source.read(CHUNK), 0
        data = self._chunk[self._at : self._at + size]
        self._at += len(data)
        return data

    def put_back(self, data: bytes) -> None:
        """Take back the last bytes that were consumed."""
        self._before += self._at - len(data)
        self._chunk, self._at = data + self._chunk[self._at :], 0

    def take(self, size: int) -> bytes:
        """Exactly ``size`` bytes, which must fit into memory.

        Raises:
            DamageError: the source ends before.
        """
        data = self.read(size)
        if len(data) == size:
            return data
        parts, missing = [data], size - len(data)
        while missing and (data := self.read(missing)):
            parts.append(data)
            missing -= len(data)
        if missing:
            raise DamageError("it ends too early")
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Consume exactly ``size`` bytes of any number; ``DamageError`` where there are fewer."""
        while size:
            size -= len(self.take(min(size, CHUNK)))

    def drain(self) -> None:
        """Consume everything that is left, so that the readers below see the end."""
        while self.read(CHUNK):
            pass


class Hashed:
    """A reader that computes a digest on the way; at the end it calls ``check`` with it, once."""

    def __init__(self, source: Reader, check: Callable[[str], None], algorithm: str = "sha256") -> None:
        self._source = source
        self._check = check
        self._algorithm = algorithm
        self._hash = hashlib.new(algorithm)
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """See ``Reader``."""
        data = self._source.read(size)
        self._hash.update(data)
        if not data and not self._ended:
            self._ended = True
            self._check(f"{self._algorithm}:{self._hash.hexdigest()}")
        return data


def verified(source: Reader, digest: str, what: str) -> Reader:
    """``source``, with an error at its end where it does not have this digest; ``what`` names it for people.

    Raises (when read):
        ScanError: the bytes are others than those that the image is made of.
    """

    def check(found: str) -> None:
        if found != digest:
            raise mismatch(what, digest)

    return Hashed(source, check, digest.partition(":")[0])


def verify(data: bytes, digest: str, what: str) -> bytes:
    """``data``, if it has this digest; a ``ScanError`` otherwise."""
    if hashlib.new(digest.partition(":")[0], data).hexdigest() != digest.partition(":")[2]:
        raise mismatch(what, digest)
    return data


def mismatch(what: str, digest: str) -> ScanError:
    """The error for bytes that are not those of a digest."""
    return ScanError(
        f"{what}: its content does not have the digest {digest[:19]}…, so it is damaged or was changed",
        "push or save the image again",
    )


def is_digest(text: object) -> bool:
    """Whether ``text`` is a digest of an algorithm we can verify; such a text is safe in paths and URLs."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None
