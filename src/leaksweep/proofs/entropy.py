"""Is a string as irregular as a generated key?"""

from __future__ import annotations

from collections import Counter
from math import log2

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.pattern import lazily

SHORT = 12  #: bytes; below this, statistics say nothing
_CONSTANT = lazily(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
LONG = 16  #: bytes; a key of this length has a digit as a rule: of base62, all but 6 in 100; of 24 bytes all but 1.5
FLOOR = 0.72  #: of the entropy that the length and the alphabet allow
FULL = 24  #: bytes; fewer repeat themselves more often
SHORT_FLOOR = 0.58  #: for those: 4 in 100 of 16 random hexadecimal digits lie below the other


def shannon(data: bytes) -> float:
    """Entropy of the byte distribution, bits a byte."""
    total = len(data)
    return -sum(n / total * log2(n / total) for n in Counter(data).values()) if total else 0.0


def looks_random(evidence: Evidence) -> Outcome:
    """Refute what is too regular for a generated key: few different bytes, or many letters that may be words."""
    data = evidence.secret
    if len(data) < SHORT:
        return Outcome.PLAUSIBLE
    alphabet = 16 if _is_hex(data[len(data) // 4 :]) else 62  # whatever prefix it has
    if shannon(data) < (FLOOR if len(data) >= FULL else SHORT_FLOOR) * log2(min(len(data), alphabet)):
        return Outcome.REFUTED
    if len(data) < LONG or any(48 <= c <= 57 for c in data):
        return Outcome.PLAUSIBLE
    return Outcome.PLAUSIBLE if _rare_letters(data) else Outcome.REFUTED


def _rare_letters(data: bytes) -> bool:
    from leaksweep.proofs import rarity  # the words are read for what looks like them only

    return data.lower() != data != data.upper() and rarity.bits(data) >= rarity.LETTERS_RATE * len(data)


def mixed_case(evidence: Evidence) -> Outcome:
    """Refute what lacks capitals or small letters: a digest or a word where base64 or base62 is meant."""
    data = evidence.secret
    return Outcome.PLAUSIBLE if data.lower() != data != data.upper() else Outcome.REFUTED


def not_hex(evidence: Evidence) -> Outcome:
    """Refute a digest, an id or the name of a constant where base64 or base62 is meant."""
    refuted = _is_hex(evidence.secret) or _CONSTANT().fullmatch(evidence.secret)
    return Outcome.REFUTED if refuted else Outcome.PLAUSIBLE


def _is_hex(data: bytes) -> bool:
    return not data.lower().strip(b"0123456789abcdef-")
