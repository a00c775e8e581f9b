"""Checksums of messaging systems: the NKEY seeds of NATS and the access tokens of Matrix home servers."""

from __future__ import annotations

import base64
import binascii

from leaksweep.proofs.checksum import crc32_base62
from leaksweep.proofs.evidence import Evidence, Outcome

NKEY_SEED = 18 << 3  #: the byte that makes the first letter an "S"
NKEY_KINDS = {"O": 14 << 3, "A": 0, "U": 20 << 3, "N": 13 << 3, "C": 2 << 3, "X": 23 << 3}
_SEED_LENGTH = 58  #: base32 characters: two bytes of kind, 32 of the seed, two of CRC


def crc16(data: bytes) -> int:
    """CRC-16/XMODEM: polynomial 0x1021, start 0."""
    return binascii.crc_hqx(data, 0)


def nkey(evidence: Evidence) -> Outcome:
    """NATS: the last two bytes of a seed are the CRC16 of the others. The shape alone says too little: else refute."""
    seed = evidence.secret[-_SEED_LENGTH:]
    try:
        data = base64.b32decode(seed + b"=" * (-len(seed) % 8))
    except binascii.Error:
        return Outcome.REFUTED
    return Outcome.PROVEN if crc16(data[:-2]) == int.from_bytes(data[-2:], "little") else Outcome.REFUTED


def synapse(evidence: Evidence) -> Outcome:
    """Synapse: after the last ``_`` stands the CRC32 of what is before it. Other home servers: nothing is said."""
    head, _, tail = evidence.secret.rpartition(b"_")
    checksum = crc32_base62(head)
    return Outcome.PROVEN if tail in (checksum, checksum.swapcase()) else Outcome.PLAUSIBLE
