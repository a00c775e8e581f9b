"""How registries ask who you are: Basic, or a bearer token from a server of tokens."""

from __future__ import annotations

import base64
import re
from urllib.parse import urlencode

from leaksweep.targets.image.access import Credentials

_TOKEN = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))|(\w+)')


def challenges(header: str) -> dict[str, dict[str, str]]:
    """``WWW-Authenticate`` -> parameters by scheme, both in lower case.

    >>> challenges('Bearer realm="https://a/token",service="a"')
    {'bearer': {'realm': 'https://a/token', 'service': 'a'}}
    """
    found: dict[str, dict[str, str]] = {}
    parameters: dict[str, str] = {}
    for key, quoted, bare, scheme in _TOKEN.findall(header):
        if scheme:
            parameters = found.setdefault(scheme.lower(), {})
        else:
            parameters[key.lower()] = quoted or bare
    return found


def basic(credentials: Credentials) -> str:
    """The ``Authorization`` of a user and a password."""
    pair = credentials.user.encode() + b":" + credentials.password.reveal()
    return f"Basic {base64.b64encode(pair).decode()}"


def token_url(realm: str, service: str, scope: str) -> str:
    """The URL of a token for reading; a query that the realm has is kept."""
    query = urlencode({"service": service, "scope": scope} if service else {"scope": scope})
    return f"{realm}{'&' if '?' in realm else '?'}{query}"


def refresh_form(credentials: Credentials, service: str, scope: str) -> dict[str, str]:
    """The form that exchanges an identity token for one to read with."""
    return {
        "grant_type": "refresh_token",
        "client_id": "leaksweep",
        "service": service,
        "scope": scope,
        "refresh_token": credentials.password.reveal().decode(),
    }
