"""Base58Check, the coding of Bitcoin's keys and its kin: its checksum leaves nothing to chance."""

from __future__ import annotations

import hashlib

from leaksweep.proofs.evidence import Evidence, Outcome

BASE58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58check(evidence: Evidence) -> Outcome:
    """The last four bytes are the double SHA-256 of those before them (Bitcoin and its kin)."""
    data = base58(evidence.secret)
    if data is None or len(data) < 5:
        return Outcome.REFUTED
    return Outcome.PROVEN if double_sha256(data[:-4])[:4] == data[-4:] else Outcome.REFUTED


def base58(text: bytes) -> bytes | None:
    """``text`` decoded from Bitcoin's base58, or None where it is not that."""
    value = 0
    for byte in text:
        digit = BASE58.find(byte)
        if digit < 0:
            return None
        value = value * 58 + digit
    zeros = len(text) - len(text.lstrip(b"1"))
    return b"\0" * zeros + value.to_bytes((value.bit_length() + 7) // 8, "big")


def double_sha256(data: bytes) -> bytes:
    """SHA-256 of the SHA-256."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()
