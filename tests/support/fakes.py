"""Fake secrets, made by the rules' own templates: nothing in this repository looks alive."""

from __future__ import annotations

import base64
import hmac
import json

from leaksweep.rules.expand import expand


def fake(template: str, seed: str = "test") -> bytes:
    """The expanded text of a template, the same for the same seed."""
    return expand(template, seed).text


def github(seed: str = "test") -> bytes:
    """A GitHub personal access token with a valid checksum."""
    return fake("{crc32:ghp_:30}", seed)


def signed(key: bytes, algorithm: str = "HS256", **claims: object) -> bytes:
    """A JSON Web Token that this key signed; for algorithms other than HMACs the signature is random."""
    parts = ({"alg": algorithm, "typ": "JWT"}, claims or {"sub": "app"})
    message = b".".join(_b64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}.get(algorithm)
    signature = _b64url(hmac.digest(key, message, digest)) if digest else fake("{base64url:86}", algorithm)
    return message + b"." + signature


def _b64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
