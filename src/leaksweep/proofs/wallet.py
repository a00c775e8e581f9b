"""Keys of wallets: their checksums leave nothing to chance."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from leaksweep.proofs.evidence import Evidence, Outcome

BASE58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LENGTHS = (12, 15, 18, 21, 24)
# Phrases of the standard's own tests and of development chains, whose words say so.
_KNOWN = ((b"abandon", 6), (b"test", 6), (b"legal", 2), (b"letter", 2), (b"zoo", 3))


def base58check(evidence: Evidence) -> Outcome:
    """The last four bytes are the double SHA-256 of those before them (Bitcoin and its kin)."""
    data = base58(evidence.secret)
    if data is None or len(data) < 5:
        return Outcome.REFUTED
    return Outcome.PROVEN if double_sha256(data[:-4])[:4] == data[-4:] else Outcome.REFUTED


def bip39(evidence: Evidence) -> Outcome:
    """A mnemonic of the English list whose last bits are the checksum of the others."""
    words = evidence.secret.lower().split()
    index = _index()
    if len(words) not in _LENGTHS or any(word not in index for word in words):
        return Outcome.REFUTED
    if any(words.count(word) >= times for word, times in _KNOWN):
        return Outcome.REFUTED
    return Outcome.PROVEN if checksum_holds([index[word] for word in words]) else Outcome.REFUTED


def checksum_holds(numbers: list[int]) -> bool:
    """Whether the last bits of the numbers, eleven each, are the first of the SHA-256 of the rest (BIP 39)."""
    value = 0
    for number in numbers:
        value = value << 11 | number
    size = len(numbers) * 11 // 33
    entropy = (value >> size).to_bytes(size * 4, "big")
    return value & (1 << size) - 1 == hashlib.sha256(entropy).digest()[0] >> 8 - size


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


@cache
def _index() -> dict[bytes, int]:
    return {word: number for number, word in enumerate(english())}


@cache
def english() -> tuple[bytes, ...]:
    """The English words of BIP 39, in its order."""
    return tuple((Path(__file__).with_name("data") / "bip39.txt").read_bytes().split())
