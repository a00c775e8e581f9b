"""JSON Web Tokens, decoded offline (RFC 7519)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any

from leaksweep.proofs.evidence import Evidence, Outcome

_ZOOM_KEY = r"[A-Za-z0-9_-]{22}"
_ZOOM_CLAIMS = frozenset(("aud", "iss", "exp", "iat"))
_TUTORIAL_CLAIMS = frozenset(("sub", "name", "iat", "exp", "admin"))
_ZOOM_SDK_CLAIMS = frozenset(("appKey", "sdkKey", "app_key", "tokenExp"))


def decode(token: bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Header and claims of a token, or None where it is not one."""
    try:
        header, claims = (json.loads(_unpadded(part)) for part in token.split(b".")[:2])
    except (ValueError, binascii.Error, RecursionError):
        return None
    if isinstance(header, dict) and isinstance(claims, dict) and "alg" in header:
        return header, claims
    return None


def well_formed(evidence: Evidence) -> Outcome:
    """Refute what does not decode to a header with an algorithm and a set of claims, and the tutorials' token."""
    decoded = decode(evidence.secret)
    return Outcome.REFUTED if decoded is None or _is_tutorial(decoded[1]) else Outcome.PLAUSIBLE


def _is_tutorial(claims: dict[str, Any]) -> bool:
    """The claims of the token that debuggers and manuals show, and nothing of one's own."""
    return claims.get("name") == "John Doe" and claims.keys() <= _TUTORIAL_CLAIMS


def supabase(evidence: Evidence) -> Outcome:
    """Only Supabase's ``service_role`` key; its ``anon`` twin is meant to be public."""
    return _claims(
        evidence, lambda claims: claims.get("role") == "service_role" and "supabase" in str(claims.get("iss"))
    )


def kubernetes(evidence: Evidence) -> Outcome:
    """Only tokens of Kubernetes service accounts."""
    return _claims(evidence, lambda claims: str(claims.get("sub")).startswith("system:serviceaccount:"))


def jfrog(evidence: Evidence) -> Outcome:
    """Only access tokens that a JFrog platform issued."""
    return _claims(evidence, lambda claims: str(claims.get("iss")).startswith(("jfac@", "jffe@", "jfrt@")))


def entra(evidence: Evidence) -> Outcome:
    """Only tokens that Microsoft Entra ID issued."""
    issuers = ("https://login.microsoftonline.com/", "https://sts.windows.net/")
    return _claims(evidence, lambda claims: str(claims.get("iss")).startswith(issuers))


def _claims(evidence: Evidence, right: Callable[[dict[str, Any]], bool]) -> Outcome:
    decoded = decode(evidence.secret)
    return Outcome.PLAUSIBLE if decoded and right(decoded[1]) else Outcome.REFUTED


def zoom(evidence: Evidence) -> Outcome:
    """Only Zoom's tokens: an issuer of 22 characters with nothing but times, or the claims of its SDKs."""
    decoded = decode(evidence.secret)
    if decoded is None:
        return Outcome.REFUTED
    claims = decoded[1]
    issuer = claims.get("iss")
    api = (
        isinstance(issuer, str)
        and re.fullmatch(_ZOOM_KEY, issuer)
        and "exp" in claims
        and claims.keys() <= _ZOOM_CLAIMS
    )
    named = "zoom" in str(issuer).lower() or "zoom" in str(claims.get("aud")).lower()
    return Outcome.PLAUSIBLE if api or named or _ZOOM_SDK_CLAIMS & claims.keys() else Outcome.REFUTED


def _unpadded(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
