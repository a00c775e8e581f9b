"""From "rule r may end at e" to exact matches: each rule's own pattern in RE2, on a window before the reported ends, or
round them where the prefilter looked for a part of the match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from leaksweep.engine.patterns import judged
from leaksweep.engine.prefilter import Ends
from leaksweep.model import GENERIC, Blob, Confidence, Match, Rule, Span
from leaksweep.redact import Secret

MARGIN = 2  #: bytes round a window that a boundary may look at


def confirm(rules: Sequence[Rule], blob: Blob, ends: Ends) -> Iterator[Match]:
    """The exact matches behind ``ends``, judged by their rules' proofs; overlaps are not resolved yet."""
    by_rule: dict[int, list[int]] = {}
    for index, end in ends:
        by_rule.setdefault(index, []).append(end)
    for index, offsets in by_rule.items():
        rule = rules[index]
        after = rule.width + MARGIN if rule.prefilter else 0
        for window in _windows(sorted(offsets), rule.width + MARGIN, after, len(blob.data)):
            judge = partial(_judged, rule, blob.data, window.end if after else len(blob.data))
            for match in judged(rule.pattern, blob.data, window, judge):
                if _owned(blob, match.span):
                    yield match


def _windows(ends: list[int], before: int, after: int, size: int) -> Iterator[Span]:
    """Windows that hold every match with one of these ends; overlapping ones are merged."""
    start, stop = max(0, ends[0] - before), min(ends[0] + after, size)
    for end in ends[1:]:
        if end - before > stop:
            yield Span(start, stop)
            start = end - before
        stop = min(end + after, size)
    yield Span(start, stop)


def _owned(blob: Blob, span: Span) -> bool:
    """Whether no neighbouring window has this match: the one before if it lies in the overlap, the next at the edge."""
    return (blob.first or span.end >= blob.overlap) and (blob.last or span.end < len(blob.data))


def _follows_a_closing_tag(data: bytes, span: Span, secret: Span) -> bool:
    """Whether what was taken for the secret's name is the end of something: ``</password> text``."""
    return data[span.start - 2 : span.start] == b"</" and b">" in data[span.start : secret.start]


def _judged(rule: Rule, data: bytes, end: int, span: Span, secret_span: Span) -> Match | None:
    """What a match is, if it holds by its proofs; one that reaches the ``end`` of what is looked at may go on."""
    from leaksweep.proofs import DEFAULTS, Evidence, Outcome, judge_again  # only where there are candidates

    if span.end == end < len(data) or (rule.kind == GENERIC and _follows_a_closing_tag(data, span, secret_span)):
        return None
    secret = data[secret_span.start : secret_span.end]
    before, after = data[span.start : secret_span.start], data[secret_span.end : span.end]
    outcome, spoke = judge_again(Evidence(secret, before, after), (*DEFAULTS[rule.kind], *rule.proofs))
    if outcome is Outcome.REFUTED:
        return None
    confidence = {Outcome.PROVEN: Confidence.PROVEN, Outcome.DOUBTFUL: Confidence.LOW}.get(outcome, rule.confidence)
    return Match(rule, span, secret_span, Secret(secret), Secret(before + b"\0" + after), confidence, spoke)
