"""Texts that a pattern matches, made from the pattern itself: every alternative, short and long repeats, both cases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any

from re import _constants as code  # isort: skip
from re import _parser as parser  # isort: skip

REPEATS = (0, 0, 1, 2, 30, 400)  #: how many more than the least
_CATEGORIES = {code.CATEGORY_DIGIT: b"0123456789", code.CATEGORY_SPACE: b" \t", code.CATEGORY_WORD: b"abcXYZ_019"}


def generated(pattern: str, random: Random) -> bytes:
    """A text that most probably matches: what an assertion asks for is not looked at."""
    tree = parser.parse(pattern.replace(r"\z", r"\Z"))
    return _text(tree, random, bool(tree.state.flags & re.IGNORECASE))


def _text(items: Sequence[Any], random: Random, caseless: bool) -> bytes:
    return b"".join(_item(kind, value, random, caseless) for kind, value in items)


def _item(kind: Any, value: Any, random: Random, caseless: bool) -> bytes:
    if kind is code.AT:
        return b""
    if kind is code.BRANCH:
        return _text(random.choice(value[1]), random, caseless)
    if kind is code.SUBPATTERN:
        _, on, off, inner = value
        return _text(inner, random, (caseless or bool(on & re.IGNORECASE)) and not off & re.IGNORECASE)
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        least, most, inner = value
        count = random.randint(least, int(min(most, least + random.choice(REPEATS))))
        return b"".join(_text(inner, random, caseless) for _ in range(count))
    if kind is code.LITERAL and caseless:
        return random.choice((chr(value).lower(), chr(value).upper())).encode("latin-1")
    return bytes([random.choice(_characters(kind, value))])


def _characters(kind: Any, value: Any) -> Sequence[int]:
    if kind is code.LITERAL:
        return (value,)
    if kind is code.ANY:
        return b"abcdefgh "
    if kind is code.NOT_LITERAL:
        return [c for c in range(33, 127) if c != value]
    assert kind is code.IN, f"patterns do not hold {kind}"
    negated = value[0][0] is code.NEGATE
    named = {c for one in value for c in _class(*one)}
    return sorted(set(range(32, 127)) - named if negated else named)


def _class(kind: Any, value: Any) -> Sequence[int]:
    if kind is code.RANGE:
        return range(value[0], value[1] + 1)
    if kind is code.CATEGORY:
        return _CATEGORIES.get(value, b"-.!")
    return (value,) if kind is code.LITERAL else ()
