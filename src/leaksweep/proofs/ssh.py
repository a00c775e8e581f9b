"""OpenSSH's forms: public keys and certificates as they stand in one line, and the unencrypted private key file."""

from __future__ import annotations

from collections.abc import Callable

from leaksweep.model import Witness
from leaksweep.proofs import public
from leaksweep.proofs.der import WIDEST, BrokenError
from leaksweep.proofs.names import day, shown

MAGIC = b"openssh-key-v1\0"
_CERTIFICATE = b"-cert-v01@openssh.com"
_CURVES = {b"nistp256": public.P256, b"nistp384": public.P384, b"nistp521": public.P521}


class _Reader:
    """Fields of the SSH wire format (RFC 4251, 5), one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        """The next bytes."""
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise BrokenError("cut off")
        self._at += size
        return taken

    def integer(self, size: int = 4) -> int:
        """A number of fixed size."""
        return int.from_bytes(self.take(size), "big")

    def text(self) -> bytes:
        """A string with its length before it."""
        return self.take(self.integer())

    def number(self) -> int:
        """A number of any size, not negative."""
        if len(raw := self.text()) > WIDEST or raw[:1] >= b"\x80":
            raise BrokenError("number")
        return int.from_bytes(raw, "big")


def read(data: bytes) -> Witness | None:
    """The public key or certificate that these bytes (the base64 of a line) are."""
    try:
        reader = _Reader(data)
        kind = reader.text()
        if not kind.endswith(_CERTIFICATE):
            return Witness(_key(kind, reader))
        reader.text()  # a nonce
        return _certificate(_key(kind.removesuffix(_CERTIFICATE), reader), reader)
    except BrokenError:
        return None


def _certificate(key: bytes, reader: _Reader) -> Witness:
    """PROTOCOL.certkeys: serial number, type, key id, principals, valid after, valid before."""
    reader.take(8 + 4)
    name = reader.text().decode("utf-8", "replace")
    reader.text()
    reader.take(8)
    return Witness(key, "SSH certificate", shown(name), day(reader.integer(8)))


def _key(kind: bytes, reader: _Reader) -> bytes:
    if (numbers := _NUMBERS.get(kind)) is not None:
        return numbers(reader)
    curve = reader.text() if kind.startswith(b"ecdsa-sha2-") else b""
    if curve not in _CURVES or kind != b"ecdsa-sha2-" + curve:
        raise BrokenError("kind")
    return public.ec(_CURVES[curve], reader.text())


def _rsa(reader: _Reader) -> bytes:
    exponent = reader.number()
    return public.rsa(reader.number(), exponent)


_NUMBERS: dict[bytes, Callable[[_Reader], bytes]] = {
    b"ssh-rsa": _rsa,
    b"ssh-dss": lambda reader: public.dsa(*(reader.number() for _ in range(4))),
    b"ssh-ed25519": lambda reader: public.ed25519(reader.text()),
}


def half(data: bytes) -> bytes:
    """The public half of an unencrypted private key file (PROTOCOL.key), as a hash."""
    reader = _Reader(data.removeprefix(MAGIC))
    if (reader.text(), reader.text(), reader.text(), reader.integer()) != (b"none", b"none", b"", 1):
        raise BrokenError("encrypted, or not one key")
    key = reader.text()
    inner = _Reader(reader.text())
    if inner.take(4) != inner.take(4):
        raise BrokenError("check")
    reader = _Reader(key)
    return _key(reader.text(), reader)
