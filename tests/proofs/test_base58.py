"""Base58Check: a known answer, and one wrong letter."""

from __future__ import annotations

from leaksweep.proofs.base58 import base58, base58check
from leaksweep.proofs.evidence import Evidence, Outcome


def test_base58_of_the_genesis_address() -> None:
    address = b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"  # an address, known to everybody; no key
    assert base58(address[:-1] + b"0") is None
    assert base58check(Evidence(address)) is Outcome.PROVEN
    assert base58check(Evidence(address[:-1] + b"b")) is Outcome.REFUTED
