"""Calendly's personal access tokens: JSON Web Tokens that name their issuer."""

from __future__ import annotations

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.jwt import decode


def token(evidence: Evidence) -> Outcome:
    """Only tokens that Calendly issued."""
    decoded = decode(evidence.secret)
    issued = decoded and decoded[1].get("iss") == "https://auth.calendly.com"
    return Outcome.PLAUSIBLE if issued else Outcome.REFUTED
