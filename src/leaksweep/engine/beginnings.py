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
    def width(self) -> float:
        """Its bytes at most."""
        if self.branches:
            once = max(sum(item.width for item in branch) for branch in self.branches)
        else:
            once = 0 if self.text in _NOTHING_WIDE else 1
        return once * self.most if once else 0

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
    return _begin_all(branches, room)


def _begin_all(branches: Sequence[Sequence[_Item]], room: float) -> str:
    """The beginnings of alternatives; empty if one has none."""
    found = [_begin(branch, room) for branch in branches]
    return "|".join(found) if all(found) else ""


def _begin(items: Sequence[_Item], room: float) -> str:
    """The beginning of adjacent items: those that fit, and what fits of the next."""
    text = ""
    for item in items:
        if item.width > room:
            return text + _part(item, room)
        text += item.whole
        room -= item.width
    return text


def _part(item: _Item, room: float) -> str:
    """What an item that does not fit begins with: once of a group, some repeats of anything else."""
    if item.branches:
        inner = _begin_all(item.branches, room) if item.least else ""
        return f"(?{item.text}{inner})" if inner else ""
    least = min(item.least, int(room))
    return f"{item.text}{{{least}}}" if least else ""


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
