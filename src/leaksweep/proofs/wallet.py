"""Seed phrases of BIP-39, and wallets whose keys everyone knows."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from leaksweep.proofs.evidence import Evidence, Outcome

WORDS = Path(__file__).with_name("bip39-english.txt")  #: the 2048 words of BIP-39, in order

# The start of SHA-256 of keys and phrases that Hardhat, Anvil, Ganache, Truffle and BIP-39 itself publish: twenty
# accounts of "test … junk", ten each of Ganache's two, the key 1, then the phrases.
_PUBLISHED = frozenset(
    bytes.fromhex(line)[at : at + 8]
    for line in (
        "bc1a50966c9e64868335c55334821eefb26ab6529d20ebeb64034b44c579b3354d3e46eec8244d1d",
        "0aedba9d586f34f928e543d3753fc9d1f070994a8599478538e69fdd19aefeb4967f21586cdf1248",
        "0b33e0132123e78d84bc109b3d59b01785bde548053aab4bf1513114f60e5e955330d388af894c9e",
        "a2e06155cb1a424f4a67d7a0d8a16d6db08bdfde9930d920cf1fc66f853151a4100546a8b020a55a",
        "578592185588730b30e55f5463e22af070b801afae94d2e60bc9fde2b028e3b0f51c2c795f782308",
        "6dea34b661141091faeb1dab5a326eef196fbadca8b7eea6ecd5e9d0b08a8a9f3fd5610ee03a3503",
        "f24167accb5d690f07f935b61d37e0e5e4f1734df0250d547d1b5fc23861032833f532fd39fa0d77",
        "728383dec6323112664b73b16aa57748e4639de7f01667f698a38f6dad3f47afc15f3d9dfdc98389",
        "c386d8e8d07342f2f79cd64f9cea23789c5d0a6656e5d3f3b83e96417f61cb14ecb0e7ba498c5920",
        "3a64bcd9cea43c0a",
    )
    for at in range(0, len(line) // 2, 8)
)


@cache
def words() -> dict[bytes, int]:
    """The numbers of the words."""
    return {word: number for number, word in enumerate(WORDS.read_bytes().split())}


def last_word(numbers: list[int], free: int) -> int:
    """The number of the word that completes ``numbers``: ``free`` fills the bits that the checksum leaves it."""
    count = len(numbers) + 1
    checked = count // 3  # bits of the checksum
    entropy = 0
    for number in numbers:
        entropy = entropy << 11 | number
    entropy = entropy << (11 - checked) | free
    digest = hashlib.sha256(entropy.to_bytes(checked * 4, "big")).digest()
    return free << checked | digest[0] >> (8 - checked)


def bip39(evidence: Evidence) -> Outcome:
    """Refute what has other words than BIP-39's, or repeats them; the last word carries a checksum of all."""
    text = evidence.secret.split(b" ")
    numbers = [words().get(word, -1) for word in text]
    if -1 in numbers or len(numbers) not in (12, 15, 18, 21, 24) or len(set(numbers)) * 3 < len(numbers) * 2:
        return Outcome.REFUTED
    right = last_word(numbers[:-1], numbers[-1] >> len(numbers) // 3) == numbers[-1]
    return Outcome.PROVEN if right else Outcome.DOUBTFUL


def published_wallet(evidence: Evidence) -> Outcome:
    """Refute keys and phrases of test chains: their makers publish them."""
    value = evidence.secret.lower().removeprefix(b"0x")
    return Outcome.REFUTED if hashlib.sha256(value).digest()[:8] in _PUBLISHED else Outcome.PLAUSIBLE
