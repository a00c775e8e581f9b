"""A Dockerfile and a history side by side: which instruction made which entry.

Both have the same order, so this is an alignment of two sequences, found by dynamic programming from their ends. What
the base image brought stands before all else and costs nothing; every other entry or instruction that is left over
does. A Dockerfile that fits too badly made another image, and of two lines that fit equally well none is named: a wrong
line is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from leaksweep.dockerfile.compare import Comparer, is_part, weight
from leaksweep.dockerfile.forms import Form, Scope, expected, leaves_entry
from leaksweep.dockerfile.history import Made, read
from leaksweep.dockerfile.model import Dockerfile, History, Match
from leaksweep.dockerfile.stages import chain, line, numbered, parents

ENTRIES = 500  #: entries of a history that are looked at, from its end
_CELLS = 400_000  #: comparisons of entries with instructions, over all stages that are tried
_ENTRY, _INSTRUCTION = 0.35, 0.15  #: what an entry or an instruction costs that is left over, times its weight
_FIT = 0.5  #: the share of the Dockerfile, and of the entries after the base, that must agree
_STAGES = 64  #: stages that are tried, from the last one
_ROOM = 30_000_000  #: characters that are compared, over all pairs of texts that differ
_BETTER = 1.0  #: by so much another stage must fit better than the last one
_CLOSE = 0.1  #: scores that differ by less are no reason to prefer a line


class Alignment(NamedTuple):
    """A stage's instructions aligned with a history: ``pairs`` are (entry, form) by number, in order."""

    value: float
    forms: Sequence[Form]
    scores: Mapping[tuple[int, int], float]  #: of all pairs that are possible
    pairs: Sequence[tuple[int, int]]


def attribute(
    dockerfile: Dockerfile, history: Sequence[History], target: str | None = None
) -> tuple[Match | None, ...]:
    """For each entry the instruction that made it; None where the base image brought it, or nothing fits.

    ``target`` is what ``--target`` named; else the last stage counts, unless another one fits clearly better.
    """
    skipped = max(0, len(history) - ENTRIES)
    made = [read(entry) for entry in history[skipped:]]
    found: list[Match | None] = [None] * len(history)
    best = _best(dockerfile, made, target)
    if best is None or not _plausible(best, made):
        return tuple(found)
    lines = {instruction.first: instruction for instruction in dockerfile.instructions}
    for entry, form in _certain(best):
        instruction = lines[best.forms[form].instruction.first]
        found[skipped + entry] = Match(instruction, round(best.scores[entry, form], 3))
    return tuple(found)


def _best(dockerfile: Dockerfile, made: Sequence[Made], target: str | None) -> Alignment | None:
    given = {name: value for entry in made for name, value in entry.arguments}
    above = parents(dockerfile, given)
    named = numbered(dockerfile, target) if target else None
    stages = range(len(dockerfile.stages) - 1, -1, -1)[:_STAGES] if named is None else (named,)
    comparer = Comparer(_ROOM)
    best: Alignment | None = None
    left = _CELLS
    for stage in stages:
        forms = expected(chain(dockerfile, line(above, stage)), Scope(dockerfile, given))
        forms = forms[-max(1, left // (len(made) + 1)) :]
        left -= (len(forms) + 1) * (len(made) + 1)
        found = _aligned(made, forms, comparer)
        if best is None or _is_better(found, best, made):
            best = found
        if left <= 0:
            break
    return best


def _is_better(found: Alignment, best: Alignment, made: Sequence[Made]) -> bool:
    """Whether another stage fits clearly better, or is the only one that fits, by more than a chance."""
    if found.value > best.value + _BETTER:
        return True
    alone = len(found.pairs) > 1 and found.value > best.value and _plausible(found, made)
    return alone and not _plausible(best, made)


def _cost(form: Form) -> float:
    return _INSTRUCTION * weight(form.instruction.keyword) if leaves_entry(form.instruction) else 0.0


def _aligned(made: Sequence[Made], forms: Sequence[Form], comparer: Comparer) -> Alignment:
    """The alignment of the greatest value; of equal ones that which leaves the most entries to the base image."""
    scores = {
        (entry, form): fits
        for entry, said in enumerate(made)
        for form, meant in enumerate(forms)
        if said.kind == meant.instruction.keyword and (fits := comparer.score(said, meant))
    }
    moves = _moves(made, forms, scores)
    rows = _values(made, forms, moves)
    start = max(range(len(made) + 1), key=lambda at: (rows[at][0], at))
    return Alignment(rows[start][0], forms, scores, tuple(_walk(forms, moves, rows, start)))


def _moves(
    made: Sequence[Made], forms: Sequence[Form], scores: Mapping[tuple[int, int], float]
) -> dict[tuple[int, int], tuple[float, bool]]:
    """What each possible pair is worth, and whether its form may go on with the next entry.

    A text that differs is worth little: an instruction that is equal elsewhere must not be drawn to it.
    """
    return {
        (entry, form): ((2 * fits - 1) * weight(made[entry].kind), is_part(made[entry], forms[form]))
        for (entry, form), fits in scores.items()
    }


def _values(
    made: Sequence[Made], forms: Sequence[Form], moves: Mapping[tuple[int, int], tuple[float, bool]]
) -> list[list[float]]:
    """The value of aligning what follows each entry with what follows each form; built from the end."""
    costs = [_cost(form) for form in forms]
    below = [0.0] * (len(forms) + 1)
    for at in reversed(range(len(forms))):
        below[at] = below[at + 1] - costs[at]
    rows = [below]
    for entry in reversed(range(len(made))):
        lost = _ENTRY * weight(made[entry].kind)
        row = [below[-1] - lost] * (len(forms) + 1)
        for at in reversed(range(len(forms))):
            row[at] = max(below[at] - lost, row[at + 1] - costs[at])
            if move := moves.get((entry, at)):
                row[at] = max(row[at], move[0] + _rest(move, below, at))
        rows.append(row)
        below = row
    return rows[::-1]


def _rest(move: tuple[float, bool], below: Sequence[float], at: int) -> float:
    return max(below[at], below[at + 1]) if move[1] else below[at + 1]


def _walk(
    forms: Sequence[Form],
    moves: Mapping[tuple[int, int], tuple[float, bool]],
    rows: Sequence[Sequence[float]],
    entry: int,
) -> Iterator[tuple[int, int]]:
    """The pairs on the way of the greatest values."""
    at = 0
    while entry < len(rows) - 1 and at < len(forms):
        value, below, move = rows[entry][at], rows[entry + 1], moves.get((entry, at))
        if move and value == move[0] + (rest := _rest(move, below, at)):
            yield entry, at
            entry, at = entry + 1, at + (rest == below[at + 1])
        elif value == rows[entry][at + 1] - _cost(forms[at]):
            at += 1
        else:
            entry += 1


def _plausible(found: Alignment, made: Sequence[Made]) -> bool:
    """Whether enough of both sides agrees; what comes before the first match may be the base image's."""
    if not found.pairs:
        return False
    agreed = sum(weight(made[entry].kind) * found.scores[entry, form] for entry, form in found.pairs)
    claimed = sum(weight(entry.kind) for entry in made[found.pairs[0][0] :])
    wanted = sum(weight(form.instruction.keyword) for form in found.forms if leaves_entry(form.instruction))
    return agreed >= _FIT * max(claimed, wanted)


def _certain(found: Alignment) -> Iterator[tuple[int, int]]:
    """The pairs without those where what is left over beside them fits as well.

    That is another form for the same entry, or another entry that fits the form better, or as well where its text does
    not tell all. What comes before the first pair is the base image's, unless it fits better.
    """
    ends = [(-1, -1), *found.pairs, (ENTRIES, len(found.forms))]
    for (above, before), (entry, form), (below, after) in zip(ends, found.pairs, ends[2:], strict=False):
        fits = found.scores[entry, form]
        forms = max((found.scores.get((entry, at), 0.0) for at in range(before + 1, after) if at != form), default=0.0)
        entries = max((found.scores.get((at, form), 0.0) for at in range(above + 1, below) if at != entry), default=0.0)
        alike = entries == fits < 1 and above >= 0
        if forms < fits - _CLOSE and entries <= fits and not alike:
            yield entry, form
