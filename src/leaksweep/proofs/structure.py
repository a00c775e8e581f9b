"""Tokens that are an encoding of something: it must decode to what the type says."""

from __future__ import annotations

import base64
import binascii
import json

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.pattern import lazily
from leaksweep.proofs.placeholder import default_password, placeholder

_EMAIL = lazily(rb'"client_email"\s*:\s*"[^"@\s]+@([^"@\s]+)\.iam\.gserviceaccount\.com"')
_TUTORIAL_USERS = b"|user|username|your_username|name|login|me|aladdin|foo|test|guest|userid|usr|u|a".split(b"|")
_PROJECT = lazily(rb'"project_id"\s*:\s*"([^"\s]+)"')


def user_password_base64(evidence: Evidence) -> Outcome:
    """Basic authentication: base64 of printable ``user:password``; doubtful where everybody has that password."""
    text = _decode(evidence.secret)
    if text is None or not text.isascii() or not text.decode("ascii").isprintable():
        return Outcome.REFUTED
    user, colon, password = text.partition(b":")
    if not colon or not password or placeholder(Evidence(password)) is Outcome.REFUTED:
        return Outcome.REFUTED
    if default_password(Evidence(password)) is not Outcome.REFUTED:
        return Outcome.PLAUSIBLE
    return Outcome.REFUTED if user.lower().strip(b"0123456789") in _TUTORIAL_USERS else Outcome.DOUBTFUL


def json_base64(evidence: Evidence) -> Outcome:
    """The part from ``eyJ`` on is base64 of a JSON object (Grafana and others)."""
    text = _decode(evidence.secret[max(0, evidence.secret.find(b"eyJ")) :])
    try:
        return Outcome.PROVEN if isinstance(json.loads(text or b""), dict) else Outcome.REFUTED
    except (ValueError, RecursionError):
        return Outcome.REFUTED


def macaroon(evidence: Evidence) -> Outcome:
    """The part after the first ``-`` is a version 2 macaroon: PyPI's tokens."""
    data = _decode(evidence.secret.partition(b"-")[2])
    if data is None:
        return Outcome.DOUBTFUL
    return Outcome.PROVEN if data[:2] == b"\x02\x01" and len(data) > 32 else Outcome.DOUBTFUL


def service_account(evidence: Evidence) -> Outcome:
    """Google's key files: the account's address names the project; a file that was put together names another."""
    text = evidence.before + evidence.after
    email, project = _EMAIL().search(text), _PROJECT().search(text)
    if email is None or project is None:
        return Outcome.PLAUSIBLE
    # "acme.example:shop", a project of a domain, is written "shop.acme.example" in addresses.
    name = b".".join(reversed(project[1].split(b":")))
    return Outcome.PROVEN if email[1] == name else Outcome.DOUBTFUL


def _decode(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        try:
            return base64.b64decode(text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4), validate=True)
        except binascii.Error:
            return None
