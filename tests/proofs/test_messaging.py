"""Checksums of NATS seeds and Matrix tokens."""

from __future__ import annotations

import zlib

import pytest

from leaksweep.proofs import PROOFS, Evidence, Outcome
from support.fakes import fake


@pytest.mark.parametrize("kind", "OAUNCX")
def test_a_seed_names_its_kind_and_passes(kind: str) -> None:
    seed = fake("{nkey:" + kind + "}")
    assert seed[:2] == b"S" + kind.encode()
    assert PROOFS["nkey"](Evidence(seed)) is Outcome.PROVEN


def test_one_wrong_letter_refutes_a_seed() -> None:
    seed = fake("{nkey:U}")
    wrong = seed[:30] + (b"A" if seed[30:31] != b"A" else b"B") + seed[31:]
    assert PROOFS["nkey"](Evidence(wrong)) is Outcome.REFUTED
    assert PROOFS["nkey"](Evidence(b"SU1189")) is Outcome.REFUTED


def test_synapse_counts_everything_before_the_last_mark() -> None:
    """The generator and the proof agree with a CRC32 that is written out here digit by digit."""
    token = fake("{synapse:acme}")
    head, _, tail = token.rpartition(b"_")
    value = 0
    for digit in tail:
        value = value * 62 + b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".index(digit)
    assert head.startswith(b"syt_YWNtZQ_")
    assert value == zlib.crc32(head)
    assert PROOFS["synapse"](Evidence(token)) is Outcome.PROVEN


def test_another_home_server_s_token_is_only_plausible() -> None:
    assert PROOFS["synapse"](Evidence(fake("syt_{base64:8}_{alpha:20}_{base62:6}"))) is Outcome.PLAUSIBLE
