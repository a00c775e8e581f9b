"""How rare is a string? Bits by the cheapest way to put it together out of words, keyboard runs, digits and letters.

Entropy alone takes ``getUserAccessTokenV2`` for a key and ``Tr0ub4dor`` for a word. Here every string is cut into the
pieces that cost least: a word costs the more the rarer it is in texts and in code, a letter outside of words what the
letter before it makes it cost, a digit that goes on counting next to nothing. The sum is about what a guesser must try.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import accumulate
from math import log2
from pathlib import Path

from leaksweep.proofs import keyboard

LONGEST = 160  #: bytes that are looked at; what is longer is rare enough by then
LONGEST_WORD = 13
HEAD = 3  #: bytes by which words are looked up
TRIVIAL = 3.0  #: bits of a word that everybody writes where a secret belongs
DIGIT, COUNTED, REPEATED = 3.3, 1.0, 0.6
SPECIAL, JOINT = 5.0, 1.5  #: bits of punctuation; of the kind that joins words
LEET = 2.0  #: bits for writing a word with digits
HIGHEST = 7.0  #: bits of a letter, at most
YEAR = 6.0
LETTERS_RATE = 4.4  #: bits a byte of a string of letters alone: names of people and products stay below
IRREGULAR, SHORTEST = 4.4, 8  #: bits a byte, and bytes, of what is irregular
KINDS = 3  #: of small letters, capitals, digits and signs, how many it has
_KINDS = [re.compile(kind) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]", rb"[^A-Za-z0-9_.,/: -]")]
_YEAR = re.compile(rb"(?:19|20)[0-9]{2}")
_JOINTS = b"_-./: ,"
_TRIVIAL = (
    b" password passwd passphrase passcode pass pwd secret secrets token tokens key keys apikey api auth credential"
    b" credentials cred creds private public access client user username login admin administrator root guest test"
    b" tests testing tester demo sample example examples dummy fake mock foo bar baz qux spam eggs hello world"
    b" change changeme changeit this that your yours super very strong weak good bad some any value string text"
    b" default postgres mysql mariadb mongo mongodb redis rabbit rabbitmq database db sql local localhost server"
    b" welcome letmein sesame open none null true false undefined unknown missing invalid valid wrong right correct"
    b" old new current first second third one two three abc abcd xyz xxx prod production dev develop staging hunter"
    b" django flask rails clear cleartext plain plaintext encrypted hidden hash hashed salt random generated long"
    b" short not the and for be at is in of to my on or no it we by as an if do so go up us me he ok id i a with"
    b" insecure unsafe secure safe only development enter type here replace put insert placeholder redacted"
).split()
_DELEET = bytes.maketrans(b"@013457$!", b"aoieastsi")


@lru_cache(maxsize=1024)  # the rules that match one text ask for the same value
def bits(value: bytes) -> float:
    """About the binary logarithm of how many guesses ``value`` takes.

    >>> bits(b"password123") < 12 < 50 < bits(b"x7Kq9vTz2Lm4")
    True
    """
    data = value[:LONGEST]
    lower = data.lower()
    plain = lower.translate(_DELEET)
    single = [_single(data, lower, at) for at in range(len(data))]
    costs = [0.0, *accumulate(single)]
    for start, alone in enumerate(single):
        # what a cheaper piece saved is saved for all that follows
        costs[start + 1] = min(costs[start + 1], costs[start] + alone)
        if walked := keyboard.run(data, start):
            _lower(costs, start, start + walked, 6.0 + 0.3 * walked)
        if _YEAR.match(lower, start):
            _lower(costs, start, start + 4, YEAR)
        for size, cost in _words_at(lower, plain, start):
            _lower(costs, start, start + size, cost + _case(data[start : start + size]))
    return costs[-1] + 4.0 * max(0, len(value) - LONGEST)


def irregular(value: bytes) -> bool:
    """Whether ``value`` is as irregular as what a program makes of letters, digits and signs, three kinds at least.

    >>> irregular(b"p$Vt7-xQ(2mZ"), irregular(b"${DATABASE_PASSWORD}"), irregular(b"get(Secret)->value")
    (True, False, False)
    """
    kinds = sum(1 for kind in _KINDS if kind.search(value))
    return kinds >= KINDS and len(value) >= SHORTEST and bits(value) >= IRREGULAR * len(value)


def _words_at(lower: bytes, plain: bytes, start: int) -> Iterator[tuple[int, float]]:
    """The lengths and costs of the words that begin here, also of those written with digits."""
    words, heads = _words(), _heads()
    known = lower[start : start + HEAD] in heads
    if not known and plain[start : start + HEAD] not in heads:
        return
    for size in range(2, min(LONGEST_WORD, len(lower) - start) + 1):
        cost = words.get(lower[start : start + size]) if known else None
        if cost is not None:
            yield size, cost
        elif (leet := words.get(plain[start : start + size])) is not None and _has_letter(lower, start, size):
            yield size, leet + LEET


def _lower(costs: list[float], start: int, end: int, cost: float) -> None:
    costs[end] = min(costs[end], costs[start] + cost)


def _single(data: bytes, lower: bytes, at: int) -> float:
    """The cost of one byte outside of any word."""
    byte, before = lower[at], lower[at - 1] if at else 0
    if at and byte == before:
        return REPEATED if at > 1 and lower[at - 2] == byte else 2.0
    if 48 <= byte <= 57:
        return COUNTED if abs(byte - before) == 1 and 48 <= before <= 57 else DIGIT
    if 97 <= byte <= 122:
        case = (
            1.0
            if at and data[at - 1 : at].isalpha() and data[at - 1 : at].isupper() != data[at : at + 1].isupper()
            else 0.0
        )
        return min(HIGHEST, _letters().get(lower[at - 1 : at + 1] if at else lower[:1], HIGHEST)) + case
    return JOINT if byte in _JOINTS else SPECIAL


def _has_letter(data: bytes, start: int, size: int) -> bool:
    return sum(97 <= byte <= 122 for byte in data[start : start + size]) * 2 >= size


def _case(piece: bytes) -> float:
    return (
        0.0 if piece.islower() or piece.isupper() or piece.istitle() else 1.0 + sum(65 <= byte <= 90 for byte in piece)
    )


@cache
def _words() -> dict[bytes, float]:
    """Word -> bits: by its rank in texts and in code."""
    ranked = _list("words.txt")
    costs = {word: log2(rank + 48) for rank, word in enumerate(ranked)}
    return costs | dict.fromkeys(_TRIVIAL, TRIVIAL)


@cache
def _heads() -> frozenset[bytes]:
    """How words begin: what begins with none of these is no word. Short words are followed by anything."""
    short = {word for word in _words() if len(word) < HEAD}
    whatever = [bytes((byte,)) for byte in range(256)]
    return frozenset({word[:HEAD] for word in _words()} | {word + byte for word in short for byte in whatever} | short)


@cache
def _letters() -> dict[bytes, float]:
    """A letter, or a letter after another byte -> bits, counted in the words."""
    first: Counter[int] = Counter()
    after: Counter[bytes] = Counter()
    for word in _list("words.txt"):
        first.update(word)
        after.update(word[i : i + 2] for i in range(len(word) - 1))
    total = sum(first.values())
    single = {bytes((byte,)): -log2((first[byte] + 1) / (total + 26)) for byte in range(97, 123)}
    pairs = {
        bytes((a, b)): -log2((after[bytes((a, b))] + 1) / (first[a] + 26))
        for a in range(97, 123)
        for b in range(97, 123)
    }
    alone = {bytes((a,)) + letter: cost for a in range(256) if not 97 <= a <= 122 for letter, cost in single.items()}
    return single | pairs | alone


def _list(name: str) -> list[bytes]:
    return (Path(__file__).with_name("data") / name).read_bytes().split()
