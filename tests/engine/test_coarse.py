"""What stands for a pattern in the prefilter, and small contents that are searched as one."""

from __future__ import annotations

import re
import string
from random import Random
from zlib import adler32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.coarse import BETWEEN, coarse, holders, joined
from leaksweep.engine.prefilter import Hyperscan, Maker, Plain
from leaksweep.engine.runs import Run
from leaksweep.model import Blob, Rule
from leaksweep.proofs import Evidence, judge, judge_again
from leaksweep.unpack.tar import _sum

PART = "q_[a-z]{4}"


@pytest.fixture
def rule(rules: tuple[Rule, ...]) -> Rule:
    pattern = r"\b(?P<secret>[a-z]{3,9}q_[a-z]{20,30})(?:[^a-z]|\z)"
    return rules[0]._replace(
        id="acme-key", pattern=pattern, prefilter=PART, width=42, kind="pattern", proofs=(), pair="", files=()
    )


@pytest.mark.parametrize("maker", [Hyperscan, Plain])
def test_a_part_leads_to_the_whole_match(rule: Rule, maker: Maker) -> None:
    engine = Engine([rule], Cache(None), using=maker, encoded=False)
    token = b"acmeq_" + bytes(string.ascii_lowercase, "ascii")
    for before, after in ((b"", b""), (b"x " * 99, b" y" * 99), (b"= ", b"\n" + token + b";")):
        found = engine.matches(Blob("x", before + token + after))
        assert {token} == {match.secret.reveal() for match in found}


@pytest.mark.parametrize("length", range(20, 60))
def test_where_the_window_ends_is_no_end_of_a_match(rule: Rule, length: int) -> None:
    """A run that goes on is no match, though the text that is looked at ends within it."""
    engine = Engine([rule], Cache(None), encoded=False)
    data = b" aaaq_bbbb " + b"x" * (length - 10) + b" acmeq_" + b"k" * 200
    assert not engine.matches(Blob("x", data))


def test_every_rule_stands_in_the_prefilter(rules: tuple[Rule, ...]) -> None:
    patterns = coarse(rules)
    assert {index for _, index in patterns} == set(range(len(rules)))
    assert [index for _, index in patterns[: len(rules)]] == list(range(len(rules)))
    whole = [rules[index].id for _, index in patterns[len(rules) :]]
    assert whole == ["jenkins-master-key-file", "rails-master-key-file"]


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=9), st.data())
def test_an_end_in_a_content_or_its_mark_is_that_content_s(contents: list[bytes], draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, len(contents) - 1))
    start = len(BETWEEN) + sum(len(content) + len(BETWEEN) for content in contents[:index])
    end = start + draw.draw(st.integers(1, len(contents[index]) + len(BETWEEN)))
    assert joined(contents)[start:].startswith(contents[index] + BETWEEN)
    assert holders(contents, [end]) == [index]


@given(st.binary(max_size=6000), st.integers(0, 6000), st.integers(0, 6000), st.sampled_from([b"ab", b"\0", b"A-z"]))
def test_a_run_reaches_as_far_as_a_regular_expression_says(data: bytes, at: int, most: int, members: bytes) -> None:
    data = Random(len(data)).choice((data, members[:1] * len(data), data + members * 999))
    at = min(at, len(data))
    run, pattern = Run(members), re.compile(b"[" + re.escape(members) + b"]*")
    after, before = pattern.match(data[at : at + most]), pattern.match(data[max(0, at - most) : at][::-1])
    assert after and before
    assert (run.before(data, at, most), run.after(data, at, most)) == (before.end(), after.end())


@given(st.binary(min_size=512, max_size=512))
def test_the_sum_of_a_header_is_that_of_its_bytes(header: bytes) -> None:
    assert _sum(header) == sum(header)
    assert _sum(b"\xff" * 512) == 512 * 255 > 65521 > (adler32(b"\xff" * 256) & 0xFFFF)


@given(st.binary(max_size=600), st.binary(max_size=40))
def test_a_remembered_verdict_is_the_verdict(secret: bytes, before: bytes) -> None:
    for names in (("placeholder", "rare-token"), ("rare-password",)):
        evidence = Evidence(secret, before)
        assert judge_again(evidence, names) == judge(evidence, names) == judge_again(evidence, names)
