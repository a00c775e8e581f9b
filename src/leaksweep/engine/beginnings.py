"""How the matches of a pattern begin: a pattern of bounded width that every match of the other begins with.

Where no beginning of a wide match is found, there is none, and to see a beginning a short piece of text is enough.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from leaksweep.engine.patterns import PIECE

#: One step of a pattern, as in ``patterns``, and bytes by their number.
_BYTE = re.compile(r"\\x[0-9A-Fa-f]{2}")
_STEP = re.compile(f"{_BYTE.pattern}|{PIECE.pattern}", re.DOTALL)
#: What is not taken apart here: flags for all that follows, quotations, classes by name.
_OTHER = re.compile(r"\(\?(?!P<\w+>|[a-z]*:)|\\[QEpPCx]|\[:\^?[a-z]+:\]")
_OPEN = re.compile(r"\((?:\?(?:P<\w+>|[a-zA-Z]*:))?")
_REPEAT = re.compile(r"(?:\*|\+|\?|\{(\d+)(,?)(\d*)\})\??")
_SIMPLE = {"*": (0, math.inf), "+": (1, math.inf), "?": (0, 1)}
_NOTHING_WIDE = frozenset(("^", "$", r"\b", r"\B", r"\A", r"\z"))


class _Item(NamedTuple):
    """Something that is repeated; of a group, how it is opened and its alternatives."""

    text: str
    repeat: str
    least: int
    most: float
    branches: tuple[tuple[_Item, ...], ...] = ()

    @property
    def once(self) -> float:
        """The bytes of one repeat at most."""
        if self.branches:
            return max(_width(branch) for branch in self.branches)
        return 0 if self.text in _NOTHING_WIDE else 1

    @property
    def whole(self) -> str:
        """Its pattern."""
        inner = "|".join("".join(item.whole for item in branch) for branch in self.branches)
        return (f"(?{self.text}{inner})" if self.branches else self.text) + self.repeat


def beginning(pattern: str, room: int) -> str:
    """A pattern that every match of ``pattern`` begins with, ``room`` bytes wide at most; empty where none is known.

    >>> beginning(r"\\b(?P<secret>ab_[0-9]{4,900}(?:x|y))z", 20)
    '\\\\b(?:ab_[0-9]{4})'
    """
    if _OTHER.search(_BYTE.sub("", pattern)):
        return ""
    branches, _ = _branches(_STEP.findall(pattern), 0)
    found = [_begin(branch, room)[0] for branch in branches]
    return "|".join(found) if all(found) else ""


def _begin(items: Sequence[_Item], room: float) -> tuple[str, bool]:
    """The beginning of adjacent items, and whether it is all of them."""
    text = ""
    for item in items:
        width = item.once * item.most if item.once else 0
        if width <= room:
            text += item.whole
            room -= width
        elif item.least and item.branches:
            inner = [_begin(branch, room)[0] for branch in item.branches]
            return text + (f"(?{item.text}{'|'.join(inner)})" if all(inner) else ""), False
        else:
            least = min(item.least, int(room)) if not item.branches else 0
            return text + (f"{item.text}{{{least}}}" if least else ""), False
    return text, True


def _branches(steps: Sequence[str], at: int) -> tuple[tuple[tuple[_Item, ...], ...], int]:
    """The alternatives from ``at`` on up to where their group is closed, and where that is."""
    branches: list[tuple[_Item, ...]] = []
    items: list[_Item] = []
    while at < len(steps) and steps[at] != ")":
        if steps[at] == "|":
            branches.append(tuple(items))
            items, at = [], at + 1
            continue
        text = steps[at]
        inner: tuple[tuple[_Item, ...], ...] = ()
        if text == "(":
            text, at = _opened(steps, at)
            inner, at = _branches(steps, at)
        repeat, at = _repeated(steps, at + 1)
        items.append(_Item(text, repeat, *_bounds(repeat), inner))
    return (*branches, tuple(items)), at


def _opened(steps: Sequence[str], at: int) -> tuple[str, int]:
    """The flags of the group that begins at ``at``, with their colon, and where its content begins."""
    opened = _OPEN.match("".join(steps[at : at + 24]))
    assert opened
    flags = opened[0].removeprefix("(?") if opened[0].endswith(":") else ":"
    return flags, at + len(opened[0])


def _repeated(steps: Sequence[str], at: int) -> tuple[str, int]:
    found = _REPEAT.match("".join(steps[at : at + 24]))
    return (found[0], at + len(found[0])) if found else ("", at)


def _bounds(repeat: str) -> tuple[int, float]:
    if not repeat:
        return 1, 1
    if repeat[0] in _SIMPLE:
        return _SIMPLE[repeat[0]]
    found = _REPEAT.fullmatch(repeat)
    assert found
    least = int(found[1])
    return least, (int(found[3]) if found[3] else math.inf if found[2] else least)


def _width(items: Sequence[_Item]) -> float:
    return sum(item.once * item.most if item.once else 0 for item in items)
