"""Public halves of key pairs, from certificates, PEM and OpenSSH: each as a short hash of its numbers.

The hash is of the numbers, not of their encoding: a certificate and a line of ``authorized_keys`` with the same key
have the same hash. Nothing here raises for bytes that are something else: they are None.
"""

from __future__ import annotations

import hashlib

from leaksweep.model import Witness
from leaksweep.proofs import der
from leaksweep.proofs.der import BIT_STRING, INTEGER, OID, SEQUENCE, BrokenError
from leaksweep.proofs.names import common_name, until

RSA, RSA_PSS = bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01010a")
DSA, EC, ED25519 = bytes.fromhex("2a8648ce380401"), bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2b6570")
P256, P384, P521 = bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2b81040022"), bytes.fromhex("2b81040023")
SECP256K1 = bytes.fromhex("2b8104000a")
_SHORTEST = 32  #: bytes of an RSA modulus or a DSA prime that is one


def rsa(modulus: int, exponent: int) -> bytes:
    """The hash of an RSA key."""
    return _hash(b"rsa", _bytes(modulus, _SHORTEST), _bytes(exponent))


def dsa(prime: int, order: int, base: int, value: int) -> bytes:
    """The hash of a DSA key."""
    return _hash(b"dsa", _bytes(prime, _SHORTEST), _bytes(order), _bytes(base), _bytes(value))


def ec(curve: bytes, point: bytes) -> bytes:
    """The hash of a point on the curve with this OID, be it compressed or not."""
    if point[:1] == b"\4" and len(point) % 2 and len(point) > 32:
        point = bytes([2 + (point[-1] & 1)]) + point[1 : len(point) // 2 + 1]
    if point[:1] not in (b"\2", b"\3") or len(point) < 17:
        raise BrokenError("point")
    return _hash(b"ec", curve, point)


def ed25519(point: bytes) -> bytes:
    """The hash of an Ed25519 key."""
    if len(point) != 32:
        raise BrokenError("point")
    return _hash(b"ed25519", point)


def read(data: bytes) -> Witness | None:
    """What a DER text is: a certificate (also with OpenSSL's trust settings behind it), or a public key."""
    try:
        contents, end = _sequence(data)
        found = der.values(contents)
        kinds = [tag for tag, _ in found]
        if kinds == [SEQUENCE, SEQUENCE, BIT_STRING]:
            return _certificate(found[0][1])
        if end != len(data):
            return None
        if kinds == [INTEGER, INTEGER]:
            return Witness(rsa(*der.numbers(contents, 2)))
        return Witness(spki(contents))
    except BrokenError:
        return None


def _sequence(data: bytes) -> tuple[bytes, int]:
    tag, contents, end = der.read(data)
    if tag != SEQUENCE:
        raise BrokenError("no sequence")
    return contents, end


def _certificate(signed: bytes) -> Witness:
    """RFC 5280, 4.1: version, serial number, algorithm, issuer, validity, subject, key."""
    found = der.values(signed)
    fields = found[1:] if found[:1] and found[0][0] == 0xA0 else found
    if [tag for tag, _ in fields[:6]] != [INTEGER, *[SEQUENCE] * 5]:
        raise BrokenError("certificate")
    validity, subject, key = (body for _, body in fields[3:6])
    return Witness(spki(key), "certificate", common_name(subject), until(validity))


def spki(contents: bytes) -> bytes:
    """The hash of a SubjectPublicKeyInfo, given what is in its sequence."""
    algorithm, key = der.typed(contents, SEQUENCE, BIT_STRING)
    parts = der.values(algorithm)
    if not parts or parts[0][0] != OID:
        raise BrokenError("algorithm")
    return _public(parts[0][1], parts[1:], der.bits(key))


def _public(kind: bytes, parameters: list[tuple[int, bytes]], key: bytes) -> bytes:
    if kind in (RSA, RSA_PSS):
        return rsa(*der.numbers(der.one(key), 2))
    if kind == ED25519:
        return ed25519(key)
    if kind == EC and [tag for tag, _ in parameters] == [OID]:
        return ec(parameters[0][1], key)
    if kind == DSA and [tag for tag, _ in parameters] == [SEQUENCE]:
        prime, order, base = der.numbers(parameters[0][1], 3)
        return dsa(prime, order, base, der.number(der.one(key, INTEGER)))
    raise BrokenError("algorithm")


def _bytes(number: int, least: int = 1) -> bytes:
    size = (number.bit_length() + 7) // 8
    if size < least:
        raise BrokenError("short number")
    return number.to_bytes(size, "big")


def _hash(*parts: bytes) -> bytes:
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        hasher.update(len(part).to_bytes(4, "big") + part)
    return hasher.digest()
