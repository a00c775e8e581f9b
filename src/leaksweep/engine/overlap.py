"""Where several rules claim the same bytes, the most specific one keeps them; halves of a pair become one match."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable

from leaksweep.model import CONTEXT, Companion, Confidence, Match, Span

NEAR = 512  #: bytes between the halves of a pair
STATEMENT_END = re.compile(rb"[\n,;&}]")  #: in any language


def resolve(matches: Iterable[Match]) -> list[Match]:
    """Matches whose secrets do not overlap, in the order of the content.

    More specific beats more general, then words that are fewer statements away, then higher confidence, then plain
    beats encoded, then the longer secret, then the rule's name.
    """
    kept: list[Match] = []
    taken: list[Span] = []  # the secrets of ``kept``, in order
    for match in sorted(matches, key=_strength):
        at = bisect(taken, match.secret_span)
        clear_before = at == 0 or taken[at - 1].end <= match.secret_span.start
        clear_after = at == len(taken) or match.secret_span.end <= taken[at].start
        if clear_before and clear_after:
            taken.insert(at, match.secret_span)
            kept.append(match)
    return sorted(kept, key=lambda m: m.secret_span)


def pair(matches: list[Match]) -> list[Match]:
    """Join the two halves of a credential (key id and secret) where they stand near each other.

    The half of the higher severity stays, with the other as its companion and its confidence raised by one step
    (two independent shapes side by side are rarely chance).
    """
    joined: set[int] = set()
    result: dict[int, Match] = dict(enumerate(matches))
    for i, match in enumerate(matches):
        if match.rule.pair and i not in joined and (j := _nearest(i, matches, joined)) is not None:
            keep, drop = sorted((i, j), key=lambda k: (-matches[k].rule.severity, k))
            result[keep] = _with_companion(matches[keep], matches[drop])
            del result[drop]
            joined |= {i, j}
    return list(result.values())


def _nearest(index: int, matches: list[Match], joined: set[int]) -> int | None:
    """The nearest other half that is still free, looking no farther than ``NEAR`` either way."""
    this = matches[index]
    before, after = range(index - 1, -1, -1), range(index + 1, len(matches))
    found = [j for way in (before, after) if (j := _first(this, way, matches, joined)) is not None]
    return min(found, key=lambda j: _distance(this, matches[j]), default=None)


def _first(this: Match, way: range, matches: list[Match], joined: set[int]) -> int | None:
    for j in way:
        if _distance(this, matches[j]) > NEAR:
            return None
        if matches[j].rule.id == this.rule.pair and j not in joined:
            return j
    return None


def _distance(one: Match, other: Match) -> int:
    return abs(one.secret_span.start - other.secret_span.start)


def _with_companion(keep: Match, drop: Match) -> Match:
    confidence = keep.confidence if keep.confidence >= Confidence.HIGH else Confidence(keep.confidence + 1)
    return keep._replace(
        confidence=confidence,
        proofs=(*keep.proofs, "pair found"),
        companions=(*keep.companions, Companion(drop.rule.id, drop.secret)),
    )


def _strength(match: Match) -> tuple[int, int, int, int, int, str, int]:
    span, rule = match.secret_span, match.rule
    before, _, _ = match.context.reveal().partition(b"\0")
    away = len(STATEMENT_END.findall(before)) if rule.kind == CONTEXT else 0
    confidence, encodings = -match.confidence, len(match.encodings)
    return (-rule.rank, away, confidence, encodings, span.start - span.end, rule.id, span.start)
