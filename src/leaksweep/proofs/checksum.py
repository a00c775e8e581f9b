"""Checksums that providers build into their tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib

from leaksweep.proofs.evidence import Evidence, Outcome

BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE36 = b"0123456789abcdefghijklmnopqrstuvwxyz"
BECH32 = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def crc32_base62(body: bytes) -> bytes:
    """CRC32 (IEEE) of ``body`` in base62 (0-9, A-Z, a-z), padded with zeros to six digits."""
    value, digits = zlib.crc32(body), bytearray()
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits.append(BASE62[digit])
    return bytes(reversed(digits))


def crc16_xmodem(data: bytes) -> bytes:
    """CRC16 with polynomial 0x1021 and no start value, least significant byte first."""
    return binascii.crc_hqx(data, 0).to_bytes(2, "little")


def base62_tail(evidence: Evidence) -> Outcome:
    """GitHub, npm: the last six characters are the CRC32 of what stands between the last ``_`` and them."""
    body = evidence.secret.rpartition(b"_")[2]
    return _verdict(crc32_base62(body[:-6]) == body[-6:])


def base62_tail_ended(evidence: Evidence) -> Outcome:
    """As ``base62_tail``; a token that runs on into other text is one only where the checksum proves it."""
    return _ended(evidence, base62_tail(evidence))


def github_fine_grained_ended(evidence: Evidence) -> Outcome:
    """As ``github_fine_grained``; a token that runs on into other text is one only where the checksum proves it."""
    return _ended(evidence, github_fine_grained(evidence))


def elastic(evidence: Evidence) -> Outcome:
    """Elastic Cloud: base64 whose last eight bytes are the CRC32 of those before, most significant byte first."""
    text = evidence.secret.partition(b"_")[2]
    try:
        data = base64.b64decode(text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4), validate=True)
    except binascii.Error:
        data = bytes(9)
    return _ended(evidence, _verdict(zlib.crc32(data[:-8]).to_bytes(8, "big") == data[-8:]))


def base62_tail_of_body(evidence: Evidence) -> Outcome:
    """The last six characters are the CRC32 of everything before them, prefix included."""
    return _verdict(crc32_base62(evidence.secret[:-6]) == evidence.secret[-6:])


def hex_tail(evidence: Evidence) -> Outcome:
    """Atlassian: the last eight characters are the CRC32 of everything before them, in hexadecimal."""
    body, tail = evidence.secret[:-8], evidence.secret[-8:]
    return _verdict(
        b"%08X" % zlib.crc32(body.removesuffix(b"=")) == tail.upper() or b"%08X" % zlib.crc32(body) == tail.upper()
    )


def hex_tail_little(evidence: Evidence) -> Outcome:
    """Grafana: CRC32 of everything before the last ``_``, in hexadecimal, least significant byte first."""
    body, _, tail = evidence.secret.rpartition(b"_")
    return _verdict(zlib.crc32(body).to_bytes(4, "little").hex().encode() == tail.lower())


def base36_tail(evidence: Evidence) -> Outcome:
    """GitLab's routable tokens: the last seven characters are the CRC32 of everything before them, in base36."""
    value, digits = zlib.crc32(evidence.secret[:-7]), bytearray()
    for _ in range(7):
        value, digit = divmod(value, 36)
        digits.append(BASE36[digit])
    return _verdict(bytes(reversed(digits)) == evidence.secret[-7:])


def github_fine_grained(evidence: Evidence) -> Outcome:
    """GitHub's fine-grained tokens carry base32 of a SHA-256 of their start. Undocumented: never refutes."""
    head, mark = evidence.secret[:-16], evidence.secret[-16:-8]
    return Outcome.PROVEN if sha256_base32(head)[:8] == mark else Outcome.PLAUSIBLE


def sha256_base32(data: bytes) -> bytes:
    """The SHA-256 of ``data`` in capital base32."""
    return base64.b32encode(hashlib.sha256(data).digest())


def bech32(evidence: Evidence) -> Outcome:
    """age's keys: the last six characters are a Bech32 checksum (BIP 173)."""
    prefix, _, data = evidence.secret.lower().rpartition(b"1")
    return _verdict(bech32_polymod(prefix, [BECH32.find(c) for c in data]) == 1)


def bech32_polymod(prefix: bytes, values: list[int]) -> int:
    """The Bech32 remainder of a lower-case prefix and five-bit values: 1 where the checksum is right."""
    remainder = 1
    for value in (*(c >> 5 for c in prefix), 0, *(c & 31 for c in prefix), *values):
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            remainder ^= generator if top >> bit & 1 else 0
    return remainder


def _verdict(passed: bool) -> Outcome:
    return Outcome.PROVEN if passed else Outcome.DOUBTFUL


def _ended(evidence: Evidence, verdict: Outcome) -> Outcome:
    follows = evidence.after[:1]
    ended = not (follows.isalnum() or follows in (b"_", b"+", b"/")) or not follows
    return verdict if ended or verdict is Outcome.PROVEN else Outcome.REFUTED
