"""Checksums of messaging systems: the NKEY seeds of NATS and the access tokens of Matrix home servers."""

from __future__ import annotations

import base64
import binascii

from leaksweep.proofs.checksum import crc16_xmodem, crc32_base62
from leaksweep.proofs.evidence import Evidence, Outcome

NKEY_SEED = 18 << 3  #: the byte that makes the first letter an "S"
NKEY_KINDS = {"O": 14 << 3, "A": 0, "U": 20 << 3, "N": 13 << 3, "C": 2 << 3, "X": 23 << 3}
_SEED_LENGTH = 58  #: base32 characters: two bytes of kind, 32 of the seed, two of CRC


def nkey(evidence: Evidence) -> Outcome:
    """NATS: the last two bytes of a seed are the CRC16 of the others. The shape alone says too little: else refute."""
    seed = evidence.secret[-_SEED_LENGTH:]
    try:
        data = base64.b32decode(seed + b"=" * (-len(seed) % 8))
    except binascii.Error:
        return Outcome.REFUTED
    return Outcome.PROVEN if crc16_xmodem(data[:-2]) == data[-2:] else Outcome.REFUTED


def synapse(evidence: Evidence) -> Outcome:
    """Synapse: after the last ``_`` stands the CRC32 of what is before it. Other home servers: nothing is said."""
    head, _, tail = evidence.secret.rpartition(b"_")
    checksum = crc32_base62(head)
    return Outcome.PROVEN if tail in (checksum, checksum.swapcase()) else Outcome.PLAUSIBLE
