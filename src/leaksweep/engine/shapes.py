"""What a rule's pattern requires literally: short runs of byte sets that every match holds, one for each alternative.

They are what an encoded form of the secret can be looked for by, so they must be rare in other text; a run of letters
and digits alone is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log2
from typing import Any

Shape = tuple[frozenset[int], ...]  #: the bytes allowed at each of some adjacent positions

LENGTH = 10  #: bytes of a shape at most: the longer, the more often a line break of wrapped base64 cuts it
ENOUGH = 17.9  #: bits beyond what letters and digits say: three fixed bytes
FIXED = 2  #: bytes of a shape, at least, that are fixed but for their case: digits alone are in every checksum
_ALTERNATIVES = 24  #: a pattern's alternatives that are told apart
_COPIES = 48  #: of what a pattern repeats
_ANY = frozenset(range(256))
_Items = tuple[frozenset[int] | None, ...]  # None stands for a gap of unknown length


def shapes(pattern: str) -> Iterator[Shape]:
    """The most telling run of each alternative of ``pattern``, where there is one that tells enough."""
    import re._parser as parser  # type: ignore[import-not-found]

    for items in dict.fromkeys(_sequence(parser.parse(pattern.replace(r"\z", r"\Z")), ignore_case=False)):
        telling = (shape for shape in _windows(items) if sum(len(allowed) <= 2 for allowed in shape) >= FIXED)
        if (best := max(telling, key=_excess, default=())) and _excess(best) >= ENOUGH:
            yield best


def _windows(items: _Items) -> Iterator[Shape]:
    run: list[frozenset[int]] = []
    for item in (*items, None):
        if item is not None:
            run.append(item)
            continue
        for start in range(max(1, len(run) - LENGTH + 1)):
            yield tuple(run[start : start + LENGTH])
        run = []


def _excess(shape: Shape) -> float:
    return sum(max(0.0, log2(64 / len(allowed))) for allowed in shape if allowed)


def _sequence(nodes: Any, *, ignore_case: bool) -> tuple[_Items, ...]:
    """The alternatives of adjacent nodes; a gap for whatever is beyond the bounds."""
    result: tuple[_Items, ...] = ((),)
    for node in nodes:
        found = _node(node, ignore_case=ignore_case)
        if len(result) * len(found) > _ALTERNATIVES:
            found = ((None,),)
        result = tuple(head + tail for head in result for tail in found)
    return result


def _node(node: Any, *, ignore_case: bool) -> tuple[_Items, ...]:
    name, argument = str(node[0]), node[1]
    if name == "AT":
        return ((),)
    if name == "SUBPATTERN":
        import re

        return _sequence(
            argument[3],
            ignore_case=(ignore_case or bool(argument[1] & re.IGNORECASE)) and not argument[2] & re.IGNORECASE,
        )
    if name == "BRANCH":
        return tuple(items for branch in argument[1] for items in _sequence(branch, ignore_case=ignore_case))
    if name in {"MAX_REPEAT", "MIN_REPEAT"}:
        return _repeat(*argument, ignore_case=ignore_case)
    return (((_allowed(name, argument, ignore_case=ignore_case)),),)


def _repeat(least: int, most: int, nodes: Any, *, ignore_case: bool) -> tuple[_Items, ...]:
    if not least:
        return ((None,),)
    found = _sequence(nodes, ignore_case=ignore_case)
    if len(found) > 1:
        return found if least == most == 1 else tuple((*items, None) for items in found)
    copies = found[0] * min(least, _COPIES)
    return (copies,) if least == most <= _COPIES else ((*copies, None, *copies),)


def _allowed(name: str, argument: Any, *, ignore_case: bool) -> frozenset[int] | None:
    if name == "LITERAL":
        found = {argument}
    elif name == "NOT_LITERAL":
        return _ANY - {argument}
    elif name == "ANY":
        return _ANY
    elif name == "IN":
        parts = [_allowed(str(kind), value, ignore_case=False) for kind, value in argument if str(kind) != "NEGATE"]
        if None in parts:
            return None
        found = {byte for part in parts if part for byte in part}
        if str(argument[0][0]) == "NEGATE":
            return _ANY - found
    elif name == "RANGE":
        found = set(range(argument[0], argument[1] + 1))
    else:
        return None
    if ignore_case:
        found |= {other for byte in found for other in chr(byte).swapcase().encode("latin-1", "ignore")}
    return frozenset(byte for byte in found if byte < 256)
