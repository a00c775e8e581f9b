"""Encoded forms of what the rules' patterns require literally, as further patterns of the same prefilter.

A secret in base64 is looked for by its shape in each of the three alignments, so a scan decodes nothing before one of
these matches; the same for hexadecimal digits, UTF-16 and escapes. A *trigger* says where an encoded secret may be;
``decode.py`` reads it.
"""

from __future__ import annotations

import hashlib
import marshal
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from leaksweep.cache import Cache
from leaksweep.engine import shapes as shaping
from leaksweep.engine.patterns import PIECE
from leaksweep.engine.shapes import Shape, shapes
from leaksweep.model import Rule

BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL_SAFE = {0x2B: b"+-", 0x2F: b"/_"}
_INNER = 8  #: digits of a secret in base64 that are looked for in base64 again
_KNOWN = 4  #: of its digits, at least, that are fixed: otherwise it costs more time than all others together
_ANY = frozenset(range(256))
_NONE = frozenset([0])
_OPENING = "(?P<secret>"
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

#: How gzip data begins: the flags that are reserved are zero.
_GZIP = (frozenset(b"\x1f"), frozenset(b"\x8b"), frozenset(b"\x08"), frozenset(range(0x20)))
#: What no rule's literal tells: URLs with a password, and signatures of URLs, whose punctuation is escaped.
_ESCAPED = (
    r"%(?:25)?3[Aa]%(?:25)?2[Ff]%(?:25)?2[Ff][A-Za-z0-9._~%!$&*+,;=-]{0,200}(?:%(?:25)?3[Aa]|:)"
    r"[A-Za-z0-9._~%!$&*+,;=-]{1,200}(?:%(?:25)?40|@)",
    r":\\/\\/[A-Za-z0-9._~%!$&*+,;=-]{0,200}:[^\s\"'/@\\]{1,200}@",
    r"(?:\\u0026|&amp;|%26)sig(?:=|%3[Dd])",
)


class Trigger(NamedTuple):
    """A pattern over encoded text: its encoding, its width (0: it varies), and for base64 the digits of its first
    group that stand before it.
    """

    pattern: str
    encoding: str
    width: int = 0
    lead: int = 0


class Triggers(NamedTuple):
    """What to look for in any content, and what in one whose texts have to be taken apart (``records.py``)."""

    encoded: tuple[tuple[str, str, int, int], ...]  #: the fields of a ``Trigger`` each: few of them are ever made
    plain: tuple[str, ...]


def load(rules: Sequence[Rule], store: Cache) -> Triggers:
    """The triggers of ``rules``; to derive them takes a while, so they are kept, for these rules and this code."""
    code = [Path(file).read_bytes() for file in (__file__, shaping.__file__)]
    patterns = [rule.pattern for rule in rules if rule.kind != "context"]
    telling = [rule.pattern for rule in rules if rule.kind == "pattern"]
    key = f"triggers-{hashlib.sha256(repr((code, patterns, telling)).encode()).hexdigest()[:20]}"
    try:
        # As trusted as the compiled files that Python keeps beside its sources (``rules.load``).
        return Triggers(*marshal.loads(store.unseal(key) or b""))  # noqa: S302
    except (EOFError, ValueError, TypeError):
        pass  # nothing is there, or a torn or foreign file: derive them again
    found = Triggers(tuple((*trigger,) for trigger in derive(patterns)), tuple(_plain(telling)))
    store.seal(key, marshal.dumps(tuple(found)))
    return found


def derive(patterns: Iterable[str]) -> Iterator[Trigger]:
    """The triggers of these patterns, each once."""
    wanted = dict.fromkeys(shape for pattern in patterns for shape in shapes(pattern))
    yield from dict.fromkeys(trigger for shape in wanted for trigger in _encoded(shape))
    yield from _base64_twice(_GZIP)  # of which decode.py takes what is at the beginning of a text
    for pattern in _ESCAPED:
        yield Trigger(pattern, "escapes")


def _plain(patterns: Iterable[str]) -> Iterator[str]:
    """The secrets alone, without what a rule wants to see round one: where one of them matches, it is worth while to
    take the texts of a file of records apart. Only those that tell by themselves.
    """
    yield from (body for body in dict.fromkeys(map(secret_alone, patterns)) if any(shapes(body)))


def secret_alone(pattern: str) -> str:
    """What the group named ``secret`` matches, as a pattern.

    >>> secret_alone(r"\\b(?P<secret>ab[)(]\\)(?:c|d))(?:\\s|z)")
    'ab[)(]\\\\)(?:c|d)'
    """
    start = pattern.index(_OPENING) + len(_OPENING)
    depth, at = 1, start
    while depth:
        found = PIECE.match(pattern, at)
        assert found, "a pattern that both engines have compiled is well-formed"
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        at = found.end()
    return pattern[start : at - 1]


def _encoded(shape: Shape) -> Iterator[Trigger]:
    yield from _base64_twice(shape, leads=3)
    yield Trigger(r"\x00".join(map(_class, shape)), "utf-16", 2 * len(shape) - 1)
    yield Trigger("".join(_class(digit) for allowed in shape for digit in _hex(allowed)), "hex", 2 * len(shape))
    special = [i for i, allowed in enumerate(shape) if len(allowed) == 1 and not allowed & _PLAIN]
    for first in special:
        yield Trigger("".join(_escaped(shape, special, first)), "escapes")


def _base64_twice(shape: Shape, leads: int = 1) -> Iterator[Trigger]:
    """In base64, ``leads`` of its alignments, and in base64 of that, where both begin with the secret."""
    for lead in range(leads):
        digits = list(_base64(shape, lead))
        yield Trigger("".join(map(_class, digits)), "base64", len(digits), lead)
    inner = tuple(_base64(shape, 0))[:_INNER]
    digits = list(_base64(inner, 0))
    if sum(len(allowed) == 1 for allowed in digits) >= _KNOWN:
        yield Trigger("".join(map(_class, digits)), "base64", len(digits))


def _base64(shape: Shape, lead: int) -> Iterator[frozenset[int]]:
    """The digits allowed from the first with a bit of ``shape`` on, which begins ``lead`` bytes into three."""
    padded = (_ANY,) * lead + shape + (_ANY,) * 2
    for index in range(lead, (8 * (lead + len(shape)) + 5) // 6):
        byte, shift = divmod(6 * index, 8)
        yield _digits(padded[byte], padded[byte + 1] if shift > 2 else _NONE, shift)


@cache
def _digits(high: frozenset[int], low: frozenset[int], shift: int) -> frozenset[int]:
    """The digits of the six bits that begin ``shift`` bits into two bytes."""
    highs, lows = {byte << 8 & 0xFFFF >> shift for byte in high}, {byte >> (10 - shift) << (10 - shift) for byte in low}
    values = {(a | b) >> (10 - shift) & 63 for a, b in product(highs, lows)}
    return frozenset(c for value in values for c in _URL_SAFE.get(BASE64[value], BASE64[value : value + 1]))


def _hex(allowed: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
    digits = ["0123456789abcdef", "0123456789ABCDEF"]
    high = {ord(case[byte >> 4]) for byte in allowed for case in digits}
    return frozenset(high), frozenset(ord(case[byte & 15]) for byte in allowed for case in digits)


def _escaped(shape: Shape, special: list[int], first: int) -> Iterator[str]:
    """``shape`` where the punctuation before ``first`` is as it is, ``first`` escaped, and that after it either."""
    for index, allowed in enumerate(shape):
        if index not in special or index < first:
            yield _class(allowed)
            continue
        (byte,) = allowed
        code = "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in f"{byte:02x}")
        escapes = rf"%{code}|%25{code}|\\u00{code}|\\x{code}|={code}|&#{byte};|&#[xX]{code};"
        escapes += r"|\\/" if byte == 0x2F else ""
        yield f"(?:{escapes})" if index == first else f"(?:{_class(allowed)}|{escapes})"


def _class(allowed: frozenset[int]) -> str:
    if len(allowed) == 1:
        return _byte(*allowed)
    numbers = sorted(allowed)
    starts = [n for n in numbers if n - 1 not in allowed]
    ends = [n for n in numbers if n + 1 not in allowed]
    return f"[{''.join(f'{_byte(a)}-{_byte(b)}' if a != b else _byte(a) for a, b in zip(starts, ends, strict=True))}]"


def _byte(number: int) -> str:
    char = chr(number)
    return char if re.fullmatch("[A-Za-z0-9_]", char) else f"\\x{number:02x}"
