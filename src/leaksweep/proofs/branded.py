"""Formats of single providers that can be checked offline."""

from __future__ import annotations

import base64
import binascii

from leaksweep.proofs import jwt
from leaksweep.proofs.checksum import crc16_xmodem
from leaksweep.proofs.evidence import Evidence, Outcome

SEED = 0x90  #: the version byte of a Stellar secret seed: "S" in base32


def stellar_seed(evidence: Evidence) -> Outcome:
    """Stellar (SEP 23): version byte, 32 bytes, and their CRC16, all in base32. Anything else is no seed."""
    try:
        raw = base64.b32decode(evidence.secret)
    except binascii.Error:
        return Outcome.REFUTED
    return Outcome.PROVEN if raw[:1] == bytes([SEED]) and crc16_xmodem(raw[:-2]) == raw[-2:] else Outcome.REFUTED


def temporal_jwt(evidence: Evidence) -> Outcome:
    """Only API keys that Temporal Cloud issued."""
    decoded = jwt.decode(evidence.secret)
    return Outcome.PLAUSIBLE if decoded and decoded[1].get("iss") == "temporal.io" else Outcome.REFUTED


def workos_key(evidence: Evidence) -> Outcome:
    """WorkOS: after the prefix, base64 of the key's id, a comma and its secret."""
    body = evidence.secret.rpartition(b"_")[2].rstrip(b"=")
    try:
        raw = base64.b64decode(body + b"=" * (-len(body) % 4), validate=True)
    except binascii.Error:
        return Outcome.DOUBTFUL
    return Outcome.PROVEN if raw.startswith(b"key_") and b"," in raw and raw.isascii() else Outcome.DOUBTFUL
