"""Is a string as irregular as a generated key?"""

from __future__ import annotations

from collections import Counter
from math import log2

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.pattern import lazily

SHORT = 12  #: bytes; below this, statistics say nothing
_CONSTANT = lazily(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
FLOOR = 0.72  #: of the entropy that the length and the alphabet allow


def shannon(data: bytes) -> float:
    """Entropy of the byte distribution, bits a byte."""
    total = len(data)
    return -sum(n / total * log2(n / total) for n in Counter(data).values()) if total else 0.0


def looks_random(evidence: Evidence) -> Outcome:
    """Refute what is too regular for a generated key: few different bytes, or long text without a digit."""
    data = evidence.secret
    if len(data) < SHORT:
        return Outcome.PLAUSIBLE
    alphabet = 16 if _is_hex(data) else 62
    if shannon(data) < FLOOR * log2(min(len(data), alphabet)):
        return Outcome.REFUTED
    letters_only = not any(48 <= c <= 57 for c in data)
    return Outcome.REFUTED if letters_only and len(data) >= 16 else Outcome.PLAUSIBLE


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
