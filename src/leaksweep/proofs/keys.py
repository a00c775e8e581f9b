"""Private keys in PEM armour: is the body what the header says?"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from functools import cache
from pathlib import Path

from leaksweep.proofs.entropy import shannon
from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.pattern import lazily
from leaksweep.proofs.rarity import bits

_HEADER = lazily(rb"-----[^-]+-----|^\s*[A-Za-z][A-Za-z-]*: .*$", re.MULTILINE)
# What code puts between the lines: escapes, closing and opening quotes with a "+", "." or "," between them, blanks.
_BETWEEN = lazily(rb"\\+[rnt]|[\"'`](?:\s*[+.,;&\\]*\s*[\"'`])?|[\s\\,|>]")
_ENCRYPTED = lazily(rb"ENCRYPTED")
_FIRST_LINE = lazily(rb"[A-Za-z0-9+/]+$")
_FRAME, _LEAST = 36, 24  #: characters of a PKCS #8 key before its numbers; of random base64 that tell
_RANDOM_RATE = 3.6  #: bits a character
_OPENSSH_NONE = b"openssh-key-v1\0\0\0\0\x04none"
_PGP_NUMBERS = {1: 2, 2: 2, 3: 2, 16: 3, 17: 4, 18: 1, 19: 1, 22: 1}  #: public numbers by algorithm
_PGP_CURVES, _PGP_ECDH = (18, 19, 22), 18


def body(armoured: bytes) -> bytes | None:
    """The decoded bytes between the BEGIN and END lines (also with ``\\n`` escapes), or None if they are no base64."""
    text = armoured
    if b"Proc-Type" in text or b"DEK-Info" in text or b"Comment: " in text:
        text = re.sub(rb"(?:\\+r)?\\+n", b"\n", text)
    try:
        return base64.b64decode(_BETWEEN().sub(b"", _HEADER().sub(b"", text)), validate=True)
    except binascii.Error:
        return None


def pem(evidence: Evidence) -> Outcome:
    """An unencrypted key: refute what does not decode, is encrypted or published; prove what has a key's frame."""
    der = body(evidence.secret)
    if der is None or len(der) < 32 or _ENCRYPTED().search(evidence.secret) or _is_encrypted_openssh(der):
        return Outcome.REFUTED
    if hashlib.sha256(der).hexdigest() in _published():
        return Outcome.REFUTED
    return Outcome.PROVEN if _is_sequence(der) or der.startswith(_OPENSSH_NONE) else Outcome.DOUBTFUL


@cache
def _published() -> frozenset[str]:
    lines = (Path(__file__).with_name("data") / "published-keys.txt").read_text("ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def pem_encrypted(evidence: Evidence) -> Outcome:
    """An encrypted key: refute what is not encrypted, or does not decode."""
    der = body(evidence.secret)
    if der is None or len(der) < 32:
        return Outcome.REFUTED
    encrypted = _ENCRYPTED().search(evidence.secret) or _is_encrypted_openssh(der)
    return Outcome.PLAUSIBLE if encrypted else Outcome.REFUTED


def pem_fragment(evidence: Evidence) -> Outcome:
    """The first line of a key that does not decode: refute what is no base64 of random bytes."""
    line = _FIRST_LINE().search(evidence.secret)
    if line is None or hashlib.sha256(line[0]).hexdigest() in _published():
        return Outcome.REFUTED
    random = line[0][_FRAME:] if line[0].startswith(b"MI") else line[0]  # the frame is the same in all keys
    digits = sum(48 <= byte <= 57 for byte in random)
    mixed = random.lower() != random != random.upper() and digits
    if len(random) < _LEAST or not mixed or shannon(random) < _RANDOM_RATE or bits(random) < _RANDOM_RATE * len(random):
        return Outcome.REFUTED
    return Outcome.PLAUSIBLE


def pgp(evidence: Evidence) -> Outcome:
    """An unencrypted OpenPGP key: proven by the armour's CRC24, refuted where the key material is encrypted."""
    return _pgp(evidence, encrypted=False)


def pgp_encrypted(evidence: Evidence) -> Outcome:
    """An OpenPGP key behind a passphrase."""
    return _pgp(evidence, encrypted=True)


def crc24(data: bytes) -> bytes:
    """The checksum of OpenPGP armour (RFC 9580, 6.1)."""
    value = 0xB704CE
    for byte in data:
        value ^= byte << 16
        for _ in range(8):
            value = value << 1 ^ (0x1864CFB if value & 0x800000 else 0)
    return value.to_bytes(3, "big")


def _pgp(evidence: Evidence, *, encrypted: bool) -> Outcome:
    text = re.sub(rb"(?:\\+r)?\\+n", b"\n", evidence.secret)
    flat = _BETWEEN().sub(b"", _HEADER().sub(b"", text))
    packets, mark, checksum = flat.rstrip(b"=").rpartition(b"=") if flat[-5:-4] == b"=" else (flat, b"", b"")
    try:
        data = base64.b64decode(packets + b"=" * (-len(packets) % 4), validate=True)
        proven = bool(mark) and base64.b64decode(checksum, validate=True) == crc24(data)
        state = _pgp_is_encrypted(data)
    except (binascii.Error, IndexError):
        return Outcome.REFUTED
    if (state is True) is not encrypted:
        return Outcome.REFUTED
    return Outcome.PROVEN if proven else Outcome.DOUBTFUL


def _pgp_is_encrypted(data: bytes) -> bool | None:
    """Whether the secret key packet at the start has its material encrypted; None where that cannot be read."""
    tag = data[0] & 0x3F if data[0] & 0x40 else data[0] >> 2 & 0x0F
    if tag != 5 or not data[0] & 0x80:
        raise IndexError("no secret key packet")
    new_format = 2 if data[1] < 192 else 3 if data[1] < 224 else 6
    start = new_format if data[0] & 0x40 else 1 + (1, 2, 4, 0)[data[0] & 3]
    version, algorithm, at = data[start], data[start + 5], start + 6
    if version != 4:
        return None
    if algorithm in _PGP_CURVES:
        at += 1 + data[at]
    for _ in range(_PGP_NUMBERS.get(algorithm, 0)):
        at += 2 + (int.from_bytes(data[at : at + 2], "big") + 7) // 8
    if algorithm == _PGP_ECDH:
        at += 1 + data[at]
    return data[at] != 0 if algorithm in _PGP_NUMBERS else None


def _is_encrypted_openssh(der: bytes) -> bool:
    return der.startswith(b"openssh-key-v1\0") and not der.startswith(_OPENSSH_NONE)


def _is_sequence(der: bytes) -> bool:
    """Whether ``der`` is one DER SEQUENCE, of exactly its own length."""
    if der[0] != 0x30:
        return False
    if der[1] < 0x80:
        return len(der) == 2 + der[1]
    size = der[1] & 0x7F
    return 1 <= size <= 4 and len(der) == 2 + size + int.from_bytes(der[2 : 2 + size], "big")
