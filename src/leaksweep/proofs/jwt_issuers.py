"""JSON Web Tokens that tell by their claims which service issued them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.jwt import decode


def monday(evidence: Evidence) -> Outcome:
    """Only monday.com: token, account and user ids with a region."""
    return _claims(evidence, lambda claims: {"tid", "uid", "actid"} <= claims.keys())


def n8n(evidence: Evidence) -> Outcome:
    """Only keys of n8n's public API; those of the other form, with a prefix, are no JWT."""
    if evidence.secret.startswith(b"n8n_api_"):
        return Outcome.PLAUSIBLE
    return _claims(evidence, lambda claims: claims.get("iss") == "n8n")


def pinata(evidence: Evidence) -> Outcome:
    """Only Pinata: the key and its secret stand in the claims."""
    return _claims(evidence, lambda claims: "scopedKeySecret" in claims)


def redhat_offline(evidence: Evidence) -> Outcome:
    """Only offline tokens of Red Hat's single sign-on."""
    return _claims(
        evidence, lambda claims: claims.get("typ") == "Offline" and "sso.redhat.com" in str(claims.get("iss"))
    )


def _claims(evidence: Evidence, right: Callable[[dict[str, Any]], bool]) -> Outcome:
    decoded = decode(evidence.secret)
    return Outcome.PLAUSIBLE if decoded and right(decoded[1]) else Outcome.REFUTED
