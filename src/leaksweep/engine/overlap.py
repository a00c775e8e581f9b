"""Where several rules claim the same bytes, the most specific one keeps them; halves of a pair become one match."""

from __future__ import annotations

from collections.abc import Iterable

from leaksweep.model import Companion, Confidence, Match

NEAR = 512  #: bytes between the halves of a pair


def resolve(matches: Iterable[Match]) -> list[Match]:
    """Matches whose secrets do not overlap, in the order of the content.

    More specific beats more general, then higher confidence, then the longer secret, then the rule's name.
    """
    kept: list[Match] = []
    for match in sorted(matches, key=_strength):
        if all(
            match.secret_span.end <= k.secret_span.start or k.secret_span.end <= match.secret_span.start for k in kept
        ):
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
        if not match.rule.pair or i in joined:
            continue
        j = _nearest(i, matches, joined)
        if j is None:
            continue
        keep, drop = sorted((i, j), key=lambda k: (-matches[k].rule.severity, k))
        result[keep] = _with_companion(matches[keep], matches[drop])
        del result[drop]
        joined |= {i, j}
    return list(result.values())


def _nearest(index: int, matches: list[Match], joined: set[int]) -> int | None:
    this = matches[index]
    others = [
        (abs(m.secret_span.start - this.secret_span.start), j)
        for j, m in enumerate(matches)
        if m.rule.id == this.rule.pair and j not in joined and j != index
    ]
    distance, j = min(others, default=(NEAR + 1, -1))
    return j if distance <= NEAR else None


def _with_companion(keep: Match, drop: Match) -> Match:
    confidence = keep.confidence if keep.confidence >= Confidence.HIGH else Confidence(keep.confidence + 1)
    return keep._replace(
        confidence=confidence,
        proofs=(*keep.proofs, "pair found"),
        companions=(*keep.companions, Companion(drop.rule.id, drop.secret)),
    )


def _strength(match: Match) -> tuple[int, int, int, str, int]:
    span = match.secret_span
    return (-match.rule.rank, -match.confidence, span.start - span.end, match.rule.id, span.start)
