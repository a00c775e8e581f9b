"""The only way a secret becomes text, and the only way untrusted text is made safe to print.

A :class:`Secret` holds the bytes of a credential and refuses every implicit road into text (``str``, ``repr``,
``format``, pickling). :func:`redact` is the explicit one. :func:`printable` makes names that come from scanned
content (paths, image names, Dockerfile lines) harmless for terminals and for CI log commands.
"""

from __future__ import annotations

from typing import NoReturn

HEAD = 4  #: bytes shown of a long random secret; they are mostly the public prefix of its type
LONG = 20  #: a secret below this length shows nothing


class Secret:
    """The bytes of one credential. Compare it, hash it, reveal() it for a proof; it never prints."""

    __slots__ = ("_bytes",)

    def __init__(self, value: bytes) -> None:
        self._bytes = bytes(value)

    def reveal(self) -> bytes:
        """The raw bytes, for proofs and for the keyed identity only."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._bytes == other._bytes

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __repr__(self) -> str:
        return f"Secret({redact(self)})"

    def __str__(self) -> NoReturn:
        raise TypeError("a Secret does not become text: use redact()")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("a Secret does not become text: use redact()")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not serialised")


def redact(secret: Secret, *, weak: bool = False) -> str:
    """A secret as text: its first four characters where it is long, and its length in bytes.

    ``weak`` secrets are chosen by people (passwords): nothing of them is shown.

    >>> redact(Secret(b"hunter2"))
    '… (7 bytes)'
    """
    raw = secret.reveal()
    head = printable(raw[:HEAD].decode("ascii", "replace")) if len(raw) >= LONG and not weak else ""
    return f"{head}… ({len(raw)} bytes)"


def printable(text: str) -> str:
    """``text`` on one line, without control or format characters and without undecodable bytes.

    Escapes are written ``\\xNN`` or ``\\uNNNN``, so that a file name can neither move a cursor nor start a line
    that a CI reads as a command (``::error``).

    >>> printable("a\\n::stop-commands::x")
    'a\\\\x0a::stop-commands::x'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(ord(c)) for c in text)


def _escape(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
