"""Tokens that are an encoding of something: it must decode to what the type says."""

from __future__ import annotations

import base64
import binascii
import json

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.pattern import lazily
from leaksweep.proofs.placeholder import default_password, placeholder

_EMAIL = lazily(rb'"client_email"\s*:\s*"[^"@\s]+@([^"@\s]+)\.iam\.gserviceaccount\.com"')
_MACAROON = b"\x02\x01"  #: version 2, then the field of the place
_SECTION_END, _NAME, _SIGNED = 0, 2, 6  #: types of fields, with those of a place (1) and of a third party's key (4)
_FIELDS = (1, _NAME, 4, _SIGNED)
_LONGEST_FIELD, _SIGNATURE, _UUID = 0x7F, 32, 36  #: bytes
_OWN_KEY = lazily(rb'\{"k":"([^"]+)')
_UUID_START = lazily(rb"[0-9a-f]{8}-")
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


def json_base64_likely(evidence: Evidence) -> Outcome:
    """As ``json_base64``, where the prefix alone tells: what does not decode is only doubtful."""
    return Outcome.PROVEN if json_base64(evidence) is Outcome.PROVEN else Outcome.DOUBTFUL


def grafana(evidence: Evidence) -> Outcome:
    """Grafana's keys are base64 of JSON with a key of their own: no placeholder, and no UUID (Power BI's links)."""
    text = evidence.secret[max(0, evidence.secret.find(b"eyJ")) :]
    own = _OWN_KEY().match(_decode(text[: len(text) // 4 * 4]) or b"")
    if own and (_UUID_START().match(own[1]) or placeholder(Evidence(own[1])) is Outcome.REFUTED):
        return Outcome.REFUTED
    return json_base64_likely(evidence)


def tink(evidence: Evidence) -> Outcome:
    """A keyset of Google's Tink: base64 that names types of keys; not one that holds public keys alone."""
    text = _decode(evidence.secret)
    if text is None:
        return Outcome.DOUBTFUL
    public = b"PublicKey" in text and b"PrivateKey" not in text
    return Outcome.REFUTED if public else Outcome.PROVEN if b"google.crypto.tink" in text else Outcome.DOUBTFUL


def macaroon(evidence: Evidence) -> Outcome:
    """The part after the first ``-`` is a version 2 macaroon: PyPI's tokens. One that was cut off is none."""
    data = _decode(evidence.secret.partition(b"-")[2])
    if data is None or data[:2] != _MACAROON:
        return Outcome.DOUBTFUL
    ended = _macaroon_fields(data[1:])
    if ended is None:
        return Outcome.REFUTED
    return Outcome.PROVEN if ended and len(data) > _SIGNATURE else Outcome.DOUBTFUL


def _macaroon_fields(data: bytes) -> bool | None:
    """Whether the fields (type, length, bytes) end with a signature; None where they break off before it."""
    at, named = 0, False
    while at + 1 < len(data):
        kind, length = data[at], data[at + 1]
        if kind == _SECTION_END:
            at += 1
        elif kind not in _FIELDS or length > _LONGEST_FIELD:
            return False
        elif kind == _SIGNED:
            return length == _SIGNATURE and at + 2 + length == len(data)
        else:
            named |= kind == _NAME and length == _UUID
            at += 2 + length
    return None if named else False


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
