"""Seed phrases and keys of wallets."""

from __future__ import annotations

import pytest

from leaksweep.proofs import Evidence, Outcome
from leaksweep.proofs.wallet import bip39, published_wallet, words
from support.fakes import fake

# Vectors of BIP-39 (Trezor's list): their checksums are right, and everyone knows them.
VECTORS = [
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
    "scheme spot photo card baby mountain device kick cradle pact join borrow",
    "hamster diagram private dutch cause delay private meat slide toddler razor book "
    "happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
]


@pytest.mark.parametrize("phrase", VECTORS)
def test_vectors_of_the_standard_pass(phrase: str) -> None:
    assert bip39(Evidence(phrase.encode())) is Outcome.PROVEN


@pytest.mark.parametrize("count", [12, 15, 18, 21, 24])
def test_made_up_phrases_pass(count: int) -> None:
    assert bip39(Evidence(fake(f"{{bip39:{count}}}"))) is Outcome.PROVEN


def test_a_wrong_last_word_is_doubtful() -> None:
    assert bip39(Evidence(VECTORS[1].encode().replace(b"picnic", b"piano"))) is Outcome.DOUBTFUL


@pytest.mark.parametrize(
    "phrase",
    [
        "they wrote down every word with care and then lost the paper",
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
        "ozone drill grab fiber curtain grace pudding thank cruise elder eight",
        "",
    ],
)
def test_other_text_is_refuted(phrase: str) -> None:
    assert bip39(Evidence(phrase.encode())) is Outcome.REFUTED


def test_there_are_2048_words() -> None:
    assert len(words()) == 2048


@pytest.mark.parametrize("phrase", ["test " * 11 + "junk", VECTORS[0]])
def test_phrases_of_test_chains_are_refuted(phrase: str) -> None:
    assert published_wallet(Evidence(phrase.encode())) is Outcome.REFUTED


def test_keys_of_test_chains_are_refuted() -> None:
    one = f"{1:064x}"
    assert published_wallet(Evidence(one.encode())) is Outcome.REFUTED
    assert published_wallet(Evidence(b"0x" + one.encode())) is Outcome.REFUTED
    assert published_wallet(Evidence(fake("{hex:64}"))) is Outcome.PLAUSIBLE
