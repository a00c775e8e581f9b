"""Hyperscan finds what RE2 finds, in texts made from the patterns: an example shows one form, a pattern has many."""

from __future__ import annotations

from random import Random

import pytest

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.coarse import ByRule
from leaksweep.engine.patterns import HALVES, spans
from leaksweep.engine.prefilter import Hyperscan, Maker, Plain
from leaksweep.model import Blob, Rule, Span
from leaksweep.tally import Tally
from support.generated import generated

TEXTS = 12  #: of each pattern
BEFORE = (b"", b" ", b"\n" * 3, b"x\n" * 20, b" " * 40, b"  x=" * 30, b"\xff\xff " * 100)
AFTER = (b"", b"\n", b'"\n', b" ", b"' xyz\n" * 40)


@pytest.fixture(scope="module")
def all_at_once(rules: tuple[Rule, ...]) -> ByRule:
    return ByRule(rules, Cache.default(), Hyperscan)


def test_no_form_of_a_pattern_is_missed(rules: tuple[Rule, ...], all_at_once: ByRule) -> None:
    """Where the pattern matches, the prefilter says its end, or one within where the rule gives a part to look for."""
    missed, matched = set(), 0
    for number, (pattern, part) in enumerate([*((r.pattern, r.prefilter) for r in rules), *((h, "") for h in HALVES)]):
        random = Random(pattern)
        for _ in range(TEXTS):
            data = random.choice(BEFORE) + generated(pattern, random) + random.choice(AFTER)
            wanted = [span for span, _ in spans(pattern, data, Span(0, len(data)))]
            matched += bool(wanted)
            ends = {end for index, end in all_at_once.ends(data) if index == number}
            if not all(ends & set(range(span.start if part else span.end, span.end + 1)) for span in wanted):
                missed.add((rules[number].id if number < len(rules) else "half", data))
    assert missed == set()
    assert matched > 0.9 * TEXTS * len(rules)


@pytest.mark.parametrize("text", [b"ch://a:a@a", b"clickhouse://a:a@a", b"chs+http://a:a@a"])
@pytest.mark.parametrize("before", [0, 1, 22, 23, 24, 40, 4000])
def test_two_letters_right_before_a_literal_are_seen_anywhere(text: bytes, before: int) -> None:
    pattern = r"\b(?i:(?:clickhouses?|chs?)(?:\+[a-z]{2,12})?)://[a-z]{0,128}:(?P<secret>[a-z]{1,256})@[a-z]"
    data = b"a" * before + b" " + text
    assert {(0, len(data))} <= set(Hyperscan([pattern], Cache(None)).ends(data))


ANCHORED = (
    r"^(?P<secret>[a-f]{20})\b",
    r"\A(?P<secret>[a-f]{20})\s?\z",
    r"(?P<secret>[a-f]{20})$",
    r"(?P<secret>[a-f]{20})\z",
)


@pytest.mark.parametrize("maker", [Hyperscan, Plain])
@pytest.mark.parametrize("pattern", ANCHORED)
def test_where_a_content_begins_and_ends_is_known_among_many_small_ones(
    rules: tuple[Rule, ...], pattern: str, maker: Maker
) -> None:
    rule = rules[0]._replace(id="acme-key", pattern=pattern, width=30, kind="pattern", proofs=(), pair="")
    engine = Engine([rule], Cache(None), using=maker, encoded=False)
    whole, inner = b"abcdef" * 3 + b"ab", b"x" + b"abcdef" * 3 + b"abx"
    tally = Tally()
    tally.search([Blob(n, whole if n % 2 else inner) for n in range(9)], engine)
    assert {1, 3, 5, 7} == {sighting.origin for sighting in tally.sightings}
