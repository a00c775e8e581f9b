"""Confluent Cloud's API secrets."""

from __future__ import annotations

from leaksweep.proofs import Evidence, Outcome
from leaksweep.proofs.confluent import secret, tail
from support.fakes import fake


def test_the_tail_is_the_crc_32_of_the_body() -> None:
    assert tail(b"123456789") == b"Jjn0yw"  # the check value of CRC-32 is cbf43926


def test_a_right_tail_proves_and_a_wrong_one_says_nothing() -> None:
    right = fake("{confluent:54}")
    assert len(right) == 64
    assert secret(Evidence(right)) is Outcome.PROVEN
    assert secret(Evidence(right[:-1] + (b"A" if right[-1:] != b"A" else b"Q"))) is Outcome.PLAUSIBLE
