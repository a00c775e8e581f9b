"""Of versions of a content only what is new is asked about: a match that a change completes is not missed."""

from __future__ import annotations

from random import Random

import pytest

from leaksweep.cache import Cache
from leaksweep.engine import Changes, Engine
from leaksweep.engine.beginnings import beginning
from leaksweep.engine.changes import NARROW
from leaksweep.engine.patterns import spans
from leaksweep.model import Kept, Rule, Span
from leaksweep.redact import Secret
from support.generated import generated

TEXTS = 12  #: of each pattern
ROOMS = (8, 40, NARROW)


@pytest.fixture(scope="module")
def changes(rules: tuple[Rule, ...]) -> Changes:
    found = Engine(rules, Cache.default()).changes()
    assert found is not None
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_every_match_begins_as_is_said(rules: tuple[Rule, ...], room: int) -> None:
    wrong, matched = set(), 0
    for rule in rules:
        if rule.width <= room or not (begins := beginning(rule.pattern, room)):
            continue
        random = Random(rule.id)
        for _ in range(TEXTS if rule.width > NARROW else 2):
            data = b" \n" + generated(rule.pattern, random) + b"\n"
            for span, _ in spans(rule.pattern, data, Span(0, len(data))):
                matched += 1
                # A boundary at its end may be wider than the match: the content goes on as it does.
                first = next(spans(begins, data, Span(span.start, len(data))), None)
                if first is None or first[0].start != span.start or (len(first[0]) > 2 and width(first[0]) > room):
                    wrong.add((rule.id, begins))
    assert wrong == set()
    assert matched > 1000


def width(span: Span) -> int:
    return span.end - span.start


def test_all_wide_rules_begin_in_a_way_that_can_be_looked_for(rules: tuple[Rule, ...]) -> None:
    wide = [rule for rule in rules if rule.width > NARROW]
    assert len(wide) > 100
    assert all(beginning(rule.pattern, NARROW) for rule in wide)


@pytest.mark.parametrize(
    ("pattern", "room", "begins"),
    [
        (r"ab[0-9]{4,900}c", 20, "ab[0-9]{4}"),
        (r"(?i:ab|c{2,3})[0-9]{40}", 20, "(?i:ab|c{2,3})[0-9]{17}"),
        (r"(?P<secret>ab_[0-9]{40,}|cd)(?:x|$)", 10, "(?:ab_[0-9]{7}|cd)"),
        (r"[a-z]{0,900}ab", 10, ""),
        (r"ab(?:[0-9]{2}x){3,900}", 10, "ab(?:[0-9]{2}x)"),
        (r"a|[0-9]{0,900}b", 10, ""),
        (r"\bab[^\]x]{2}\.{3}", 100, r"\bab[^\]x]{2}\.{3}"),
        (r"(?s:.){0,80}?ab", 10, ""),
        (r"ab\x00\x7f{900}", 4, r"ab\x00\x7f{1}"),
        (r"(?i)ab[0-9]{900}", 10, ""),
        (r"\Qab\E[0-9]{900}", 10, ""),
        (r"ab[[:digit:]]{900}", 10, ""),
    ],
)
def test_beginnings(pattern: str, room: int, begins: str) -> None:
    assert beginning(pattern, room) == begins


def test_what_a_change_completes_is_in_the_part_round_it(rules: tuple[Rule, ...], changes: Changes) -> None:
    """Of each rule a match, cut at some place and put together again: the parts round the cut, or the half, tell."""
    missed, tried = set(), 0
    filler = b"plain words and nothing else\n" * 60
    for rule in rules:
        random = Random(rule.id)
        whole = filler + b"\n" + generated(rule.pattern, random) + b"\n" + filler
        found = [span for span, _ in spans(rule.pattern, whole, Span(0, len(whole)))]
        if not found or rule.pattern.startswith((r"\A", "^")):
            continue
        cut = random.randrange(found[0].start, found[0].end)
        before = whole[:cut] + whole[cut + random.randrange(1, 9) :]
        tried += 1
        part = whole[max(0, cut - changes.around) : cut + 8 + changes.around]
        if not (changes.ask([before]) or changes.ask([part])):
            missed.add(rule.id)
    assert missed == set()
    assert tried > 0.9 * len(rules)


def test_of_known_values_and_of_rules_without_a_beginning_nothing_is_told(rules: tuple[Rule, ...]) -> None:
    cache, rule = Cache(None), rules[0]
    assert Engine([rule], cache).changes() is not None
    wide = rule._replace(pattern=r"[a-z]{0,900}(?P<secret>ab)", width=902)
    assert Engine([rule, wide], cache).changes() is None
    assert Engine([rule], cache, kept=[Kept("file:x", Secret(b"a value that is kept"))]).changes() is None
