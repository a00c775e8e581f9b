"""How rare a string is: words, runs and joints cost little, what is random costs its length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.proofs import keyboard, rarity
from support.fakes import fake


@given(st.binary(max_size=400))
def test_any_bytes_have_bits(data: bytes) -> None:
    assert 0 <= rarity.bits(data) <= 10 * len(data) + 1


@given(st.binary(max_size=60), st.integers(0, 70))
def test_any_bytes_have_runs(data: bytes, start: int) -> None:
    assert 0 <= keyboard.run(data, start) <= max(0, len(data) - start)


@pytest.mark.parametrize(
    "words",
    [
        b"password123",
        b"S3cr3tP@ssw0rd!",
        b"getUserAccessTokenV2",
        b"TokenIdentifierExpression2",
        b"my-secret-database-password",
        b"qwertyuiop123456",
        b"ChangeMe2024!",
        b"aaaaaaaaaaaaaaaaaaaa",
    ],
)
def test_words_and_runs_are_cheap(words: bytes) -> None:
    assert rarity.bits(words) < 1.9 * len(words)


@pytest.mark.parametrize(
    ("template", "rate"), [("{base62:32}", 4.4), ("{hex:40}", 2.7), ("{base64:43}=", 4.0), ("{alnum:24}", 3.6)]
)
def test_random_strings_are_dear(template: str, rate: float) -> None:
    rates = sorted(rarity.bits(value) / len(value) for value in (fake(template, f"rarity/{n}") for n in range(200)))
    assert rates[10] > rate  # but for one in twenty


@pytest.mark.parametrize(
    ("text", "length"),
    [(b"qwerty", 6), (b"4321", 4), (b"1qaz2wsx", 8), (b"zyxw", 4), (b"QWErty", 6), (b"q9", 0), (b"", 0), (b"1379", 0)],
)
def test_runs_of_keys(text: bytes, length: int) -> None:
    assert keyboard.run(text, 0) == length


def test_a_longer_string_is_not_cheaper() -> None:
    value = fake("{base62:400}", "long")
    assert rarity.bits(value) > rarity.bits(value[:160]) > rarity.bits(value[:20])
