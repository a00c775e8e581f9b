"""What the prefilter looks for: for each rule its pattern, or what the rule gives for it; and small contents as one.

A rule's ``prefilter`` is a pattern that matches inside every match of the rule's own and costs less. A pattern that
holds no text of two fixed bytes must be tried at every byte, and a few of those make all rules slower by half.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from leaksweep.cache import Cache
from leaksweep.engine.patterns import HALVES, PIECE
from leaksweep.engine.prefilter import Ends, Maker
from leaksweep.model import Rule

#: What stands between small contents that are searched as one: it ends a line, and hardly any text holds it.
BETWEEN = b"\n\0\1\n"
_BEGIN, _END = r"\x00\x01\n", r"\n\x00\x01"  #: of a content among others, as patterns
_OPENS, _CLOSES = (r"\A", "^"), (r"\z", "$")


class ByRule:
    """A prefilter that answers with the index of a rule, and beyond those of all rules with one of ``HALVES``."""

    def __init__(self, rules: Sequence[Rule], cache: Cache, using: Maker) -> None:
        patterns = coarse(rules)
        self._prefilter = using([*(pattern for pattern, _ in patterns), *HALVES], cache)
        self._owners = [*(index for _, index in patterns), *range(len(rules), len(rules) + len(HALVES))]

    def ends(self, data: bytes) -> Ends:
        """Every (index, offset at which a match or a part of it ends) in ``data``."""
        return [(self._owners[pattern], end) for pattern, end in self._prefilter.ends(data)]


def coarse(rules: Sequence[Rule]) -> list[tuple[str, int]]:
    """The patterns to look for, each with the index of its rule; a rule of whole contents has two."""
    alone: list[tuple[str, int]] = []
    among: list[tuple[str, int]] = []
    for index, rule in enumerate(rules):
        pattern = rule.prefilter or rule.pattern
        whole = among_others(pattern)
        alone.append((pattern if whole else per_line(pattern), index))
        if whole:
            among.append((whole, index))
    return alone + among


def per_line(pattern: str) -> str:
    """``pattern``, which asks for the begin or the end of any line where it asked for that of a content.

    >>> per_line(r"\\Ab[$^]\\z"), per_line(r"b\\\\z")
    ('(?m:^b[$^]$)', 'b\\\\\\\\z')
    """
    lines = pattern.replace(r"\\", "\0").replace(r"\A", "^").replace(r"\z", "$").replace("\0", r"\\")
    return f"(?m:{lines})" if "^" in lines or "$" in lines else lines


def among_others(pattern: str) -> str:
    """A pattern that asks for the begin of a content, for contents with ``BETWEEN`` round each; "" for any other.

    The marks are text that is rare, where lines begin everywhere.

    >>> among_others(r"\\A(?:a|b)$"), among_others("^a|b")
    ('\\\\x00\\\\x01\\\\n(?:a|b)\\\\n\\\\x00\\\\x01', '')
    """
    if not _asks_for_the_begin(pattern):
        return ""
    steps = PIECE.findall(pattern)[1:]
    if steps[-1:] and steps[-1] in _CLOSES:
        return _BEGIN + per_line("".join(steps[:-1])) + _END
    return _BEGIN + per_line("".join(steps))


def joined(contents: Sequence[bytes]) -> bytes:
    """Contents as one, ``BETWEEN`` round each."""
    return BETWEEN.join((b"", *contents, b""))


def holders(contents: Iterable[bytes], ends: Iterable[int]) -> list[int]:
    """The indexes of those of the joined ``contents`` in which these matches end, if only in the mark after them."""
    starts = _starts(contents)
    return sorted({_holder(starts, end) for end in ends})


def places(contents: Sequence[bytes], ends: Ends) -> Iterator[tuple[int, int, int]]:
    """Of the joined ``contents`` the index of that in which a match ends, the index of its pattern, and where in it."""
    starts = _starts(contents)
    for index, end in ends:
        holder = _holder(starts, end)
        yield holder, index, min(max(0, end - starts[holder]), len(contents[holder]))


def _starts(contents: Iterable[bytes]) -> list[int]:
    return list(accumulate((len(content) + len(BETWEEN) for content in contents), initial=len(BETWEEN)))


def _holder(starts: Sequence[int], end: int) -> int:
    return max(0, bisect_right(starts, end - 1) - 1)


def _asks_for_the_begin(pattern: str) -> bool:
    """Whether every match begins where a content does."""
    if not pattern.startswith(_OPENS):
        return False
    depth = 0
    for step in PIECE.findall(pattern):
        depth += {"(": 1, ")": -1}.get(step, 0)
        if step == "|" and not depth:
            return False
    return True
