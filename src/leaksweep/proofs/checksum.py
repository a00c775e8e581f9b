"""Checksums that providers build into their tokens."""

from __future__ import annotations

import zlib

from leaksweep.proofs.evidence import Evidence, Outcome

BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def crc32_base62(body: bytes) -> bytes:
    """CRC32 (IEEE) of ``body`` in base62 (0-9, A-Z, a-z), padded with zeros to six digits."""
    value, digits = zlib.crc32(body), bytearray()
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits.append(BASE62[digit])
    return bytes(reversed(digits))


def base62_tail(evidence: Evidence) -> Outcome:
    """GitHub, npm: the last six characters are the CRC32 of what stands between the last ``_`` and them."""
    body = evidence.secret.rpartition(b"_")[2]
    return _verdict(crc32_base62(body[:-6]) == body[-6:])


def base62_tail_of_body(evidence: Evidence) -> Outcome:
    """The last six characters are the CRC32 of everything before them, prefix included."""
    return _verdict(crc32_base62(evidence.secret[:-6]) == evidence.secret[-6:])


def hex_tail(evidence: Evidence) -> Outcome:
    """Atlassian: the last eight characters are the CRC32 of everything before them, in hexadecimal."""
    body, tail = evidence.secret[:-8], evidence.secret[-8:]
    return _verdict(b"%08X" % zlib.crc32(body.removesuffix(b"=")) == tail.upper() or b"%08X" % zlib.crc32(body) == tail.upper())


def hex_tail_little(evidence: Evidence) -> Outcome:
    """Grafana: CRC32 of everything before the last ``_``, in hexadecimal, least significant byte first."""
    body, _, tail = evidence.secret.rpartition(b"_")
    return _verdict(zlib.crc32(body).to_bytes(4, "little").hex().encode() == tail.lower())


def _verdict(passed: bool) -> Outcome:
    return Outcome.PROVEN if passed else Outcome.DOUBTFUL
