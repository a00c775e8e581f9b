"""Wallets: known answers of the standards, and one wrong letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.proofs import wallet
from leaksweep.proofs.evidence import Evidence, Outcome
from support.fakes import fake


@given(st.binary(max_size=200))
def test_any_bytes_get_an_outcome(data: bytes) -> None:
    assert isinstance(wallet.base58check(Evidence(data)), Outcome)
    assert isinstance(wallet.bip39(Evidence(data)), Outcome)


@given(st.lists(st.sampled_from(wallet.english()), max_size=26))
def test_any_words_get_an_outcome(words: list[bytes]) -> None:
    assert isinstance(wallet.bip39(Evidence(b" ".join(words))), Outcome)


def test_base58_of_the_genesis_address() -> None:
    address = b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"  # an address, known to everybody; no key
    assert wallet.base58(address[:-1] + b"0") is None
    assert wallet.base58check(Evidence(address)) is Outcome.PROVEN
    assert wallet.base58check(Evidence(address[:-1] + b"b")) is Outcome.REFUTED


def test_the_checksum_of_the_standards_vectors() -> None:
    number = {word: n for n, word in enumerate(wallet.english())}
    assert len(number) == 2048
    for words in (
        ["abandon"] * 11 + ["about"],
        ["zoo"] * 11 + ["wrong"],
        ["abandon"] * 23 + ["art"],
        ["zoo"] * 23 + ["vote"],
    ):
        assert wallet.checksum_holds([number[word.encode()] for word in words])
        assert wallet.bip39(Evidence(" ".join(words).encode())) is Outcome.REFUTED  # everybody knows them


@pytest.mark.parametrize("words", [12, 15, 18, 21, 24])
def test_a_phrase_is_proven_and_a_changed_one_is_not(words: int) -> None:
    phrase = fake(f"{{bip39:{words}}}", f"phrase/{words}").split()
    assert wallet.bip39(Evidence(b"  ".join(phrase))) is Outcome.PROVEN
    others = [wallet.bip39(Evidence(b" ".join([word, *phrase[1:]]))) for word in wallet.english()[:200]]
    assert others.count(Outcome.PROVEN) < 40
    assert wallet.bip39(Evidence(b" ".join(phrase[1:]))) is Outcome.REFUTED
