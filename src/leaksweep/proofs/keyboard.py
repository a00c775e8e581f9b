"""Runs that fingers make: neighbouring keys, the alphabet, counting."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

SHORTEST = 3  #: keys; below this, chance makes runs too
_ROWS = (
    b"qwertyuiop",
    b"asdfghjkl",
    b"zxcvbnm",
    b"azertyuiop",
    b"qwertzuiop",
    b"1234567890",
    b"0123456789",
    b"abcdefghijklmnopqrstuvwxyz",
    b"!@#$%^&*()",
    b"1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    b"1q2w3e4r5t6y7u8i9o0p",
)


def run(data: bytes, start: int) -> int:
    """How many bytes of ``data`` from ``start`` on are one run; 0 where they are fewer than ``SHORTEST``.

    >>> run(b"x1234567", 1)
    7
    """
    follows = _follows()
    longest = 0
    for row in follows.get(data[start : start + 2].lower(), ()):
        end = start + 2
        while end < len(data) and row in follows.get(data[end - 1 : end + 1].lower(), ()):
            end += 1
        longest = max(longest, end - start)
    return longest if longest >= SHORTEST else 0


@cache
def _follows() -> dict[bytes, frozenset[int]]:
    """Two keys -> the rows, forward or backward, in which they are neighbours."""
    pairs: dict[bytes, set[int]] = {}
    for number, row in enumerate((*_ROWS, *(row[::-1] for row in _ROWS))):
        for one, other in pairwise(row):
            pairs.setdefault(bytes((one, other)), set()).add(number)
    return {pair: frozenset(rows) for pair, rows in pairs.items()}
