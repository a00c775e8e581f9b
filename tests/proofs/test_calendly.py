"""Calendly's personal access tokens."""

from __future__ import annotations

from leaksweep.proofs import Evidence, Outcome
from leaksweep.proofs.calendly import token
from support.fakes import fake


def test_only_tokens_of_calendly_pass() -> None:
    assert token(Evidence(fake("{jwt:iss=https://auth.calendly.com,jti=hex*32}"))) is Outcome.PLAUSIBLE
    assert token(Evidence(fake("{jwt:iss=https://auth.example,jti=hex*32}"))) is Outcome.REFUTED
    assert token(Evidence(b"eyJ")) is Outcome.REFUTED
