"""From "rule r may end at e" to exact matches: each rule's own pattern in RE2, on a window before the reported ends, or
round them where the prefilter looked for a part of the match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leaksweep.engine.patterns import spans
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
            yield from _confirmed(rule, blob, window, after)


def _confirmed(rule: Rule, blob: Blob, window: Span, after: int) -> Iterator[Match]:
    """The matches of a rule in a window, which goes on ``after`` the ends that were reported."""
    walk = spans(rule.pattern, blob.data, window)
    found = next(walk, None)
    while found:
        span, secret_span = found
        cut = after and span.end == window.end < len(blob.data)
        refuted = cut or (rule.kind == GENERIC and _follows_a_closing_tag(blob.data, span, secret_span))
        match = None if refuted else _judged(rule, blob.data, span, secret_span)
        if match and _owned(blob, span):
            yield match
        try:
            found = walk.send(not match and not cut)
        except StopIteration:
            return


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


def _judged(rule: Rule, data: bytes, span: Span, secret_span: Span) -> Match | None:
    from leaksweep.proofs import DEFAULTS, Evidence, Outcome, judge_again  # only where there are candidates

    secret = data[secret_span.start : secret_span.end]
    before, after = data[span.start : secret_span.start], data[secret_span.end : span.end]
    outcome, spoke = judge_again(Evidence(secret, before, after), (*DEFAULTS[rule.kind], *rule.proofs))
    if outcome is Outcome.REFUTED:
        return None
    confidence = {Outcome.PROVEN: Confidence.PROVEN, Outcome.DOUBTFUL: Confidence.LOW}.get(outcome, rule.confidence)
    return Match(rule, span, secret_span, Secret(secret), Secret(before + b"\0" + after), confidence, spoke)
