"""The public half of an unencrypted private key, as the hash that ``public`` and ``ssh`` make of a public key.

Where the key file holds its public half, that is taken; where it holds the private number alone, ``curves`` can compute
it. The factors of an RSA modulus are multiplied: a file cannot claim the modulus of another's certificate.
"""

from __future__ import annotations

import binascii

from leaksweep.proofs import der, keys, public, ssh
from leaksweep.proofs.curves import Unsolved
from leaksweep.proofs.der import BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, BrokenError
from leaksweep.proofs.pattern import lazily

_ARMOUR = lazily(rb"-----BEGIN (?:[A-Z]{2,7} )?PRIVATE KEY-----[^-]{40,}")
_PUTTY = lazily(
    rb"Encryption: none\r?\n[^\0]{0,400}?Public-Lines: [0-9]{1,4}\r?\n([A-Za-z0-9+/=\s]{40,}?)Private-Lines:"
)
_IN_BASE64, _BARE = b"LS0tLS1CRUdJTi", (b"MI", b"MH", b"MC", b"MF")
_FIRST, _SECOND = 0xA0, 0xA1  #: tags of optional fields: parameters and point of SEC 1
_PKCS8_PUBLIC = 0x81  #: the public key in RFC 5958
Half = bytes | Unsolved


def half(secret: bytes) -> Half | None:
    """The public half of the private key that ``secret`` is, or None: it is none, or encrypted, or of another kind."""
    try:
        return _half(secret)
    except (BrokenError, binascii.Error):
        return None


def _half(secret: bytes) -> Half | None:
    if secret.startswith(_IN_BASE64):
        flat = secret.rstrip(b"=")
        secret = binascii.a2b_base64(flat[: len(flat) // 4 * 4] + flat[len(flat) // 4 * 4 :].ljust(4, b"="))
    if found := _ARMOUR().search(secret):
        return _read(keys.body(found[0]) or b"")
    if secret.startswith(b"PuTTY") and (found := _PUTTY().search(secret)):
        witness = ssh.read(binascii.a2b_base64(found[1]))
        return witness.key if witness else None
    return _read(binascii.a2b_base64(secret)) if secret.startswith(_BARE) else None


def _read(data: bytes) -> Half | None:
    if data.startswith(ssh.MAGIC):
        return ssh.half(data)
    fields = der.values(der.one(data))
    kinds = [tag for tag, _ in fields]
    if kinds[:3] == [INTEGER, SEQUENCE, OCTET_STRING]:
        return _pkcs8([body for _, body in fields[1:3]], dict(fields[3:]).get(_PKCS8_PUBLIC))
    if kinds[:2] == [INTEGER, OCTET_STRING]:
        return _sec1(fields, None)
    if kinds == [INTEGER] * 6:
        prime, order, base, value = (der.number(body) for _, body in fields[1:5])
        return public.dsa(prime, order, base, value)
    return _pkcs1(fields)


def _pkcs1(fields: list[tuple[int, bytes]]) -> bytes:
    """RFC 8017, A.1.2: version, n, e, d, p, q, ..."""
    if [tag for tag, _ in fields[:9]] != [INTEGER] * 9:
        raise BrokenError("RSA key")
    modulus, exponent, _, p, q = (der.number(body) for _, body in fields[1:6])
    if p * q != modulus:
        raise BrokenError("factors")
    return public.rsa(modulus, exponent)


def _pkcs8(found: list[bytes], claimed: bytes | None) -> Half:
    """RFC 5958: the algorithm with its parameters, the key in its own form, and, rarely, the public key."""
    parameters = der.values(found[0])
    if not parameters or parameters[0][0] != OID:
        raise BrokenError("algorithm")
    kind, rest, key = parameters[0][1], parameters[1:2], found[1]
    if kind in (public.RSA, public.RSA_PSS):
        return _pkcs1(der.values(der.one(key)))
    if kind == public.EC and [tag for tag, _ in rest] == [OID]:
        return _sec1(der.values(der.one(key)), rest[0][1])
    if kind == public.ED25519 and len(seed := der.one(key, OCTET_STRING)) == 32:
        return public.ed25519(der.bits(claimed)) if claimed else Unsolved(kind, seed)
    if kind == public.DSA and [tag for tag, _ in rest] == [SEQUENCE]:
        return Unsolved(kind, der.one(key, INTEGER), tuple(der.numbers(rest[0][1], 3)))
    raise BrokenError("algorithm")


def _sec1(fields: list[tuple[int, bytes]], curve: bytes | None) -> Half:
    """RFC 5915: version, private number, the curve (unless PKCS #8 named it), the point."""
    if [tag for tag, _ in fields[:2]] != [INTEGER, OCTET_STRING]:
        raise BrokenError("EC key")
    more = dict(fields[2:])
    if curve is None:
        curve = der.one(more.get(_FIRST, b""), OID)
    if point := more.get(_SECOND):
        return public.ec(curve, der.bits(der.one(point, BIT_STRING)))
    return Unsolved(curve, fields[1][1])
