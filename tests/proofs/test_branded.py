"""The checks of single providers' formats: the real thing, and what only looks like it."""

from __future__ import annotations

import pytest

from leaksweep.proofs import PROOFS, Evidence, Outcome
from leaksweep.proofs.checksum import crc16_xmodem
from leaksweep.rules.expand import expand

P, Q, D, R = Outcome.PROVEN, Outcome.PLAUSIBLE, Outcome.DOUBTFUL, Outcome.REFUTED


def test_crc16_has_the_check_value_of_its_catalogue() -> None:
    assert crc16_xmodem(b"123456789") == (0x31C3).to_bytes(2, "little")


@pytest.mark.parametrize(
    ("name", "template", "outcome"),
    [
        ("strkey-seed", "{strkey:}", P),
        ("strkey-seed", "SA{base32:54}", R),
        ("strkey-seed", "", R),
        ("strkey-seed", "not base32", R),
        ("jwt-temporal", "{jwt:iss=temporal.io,aud=temporal.io,key_id=base62*32}", Q),
        ("jwt-temporal", "{jwt:iss=https://login.acme.example}", R),
        ("jwt-temporal", "no token", R),
        ("workos", "sk_live_{workos:}", P),
        ("workos", "sk_live_a2V5Xz{base62:70}", D),
        ("workos", "sk_live_!", D),
    ],
)
def test_verdict(name: str, template: str, outcome: Outcome) -> None:
    assert PROOFS[name](Evidence(expand(template, "branded").text)) is outcome
