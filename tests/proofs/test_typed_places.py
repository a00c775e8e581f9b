"""What the place of a value says of it: fragments of keys, headers, URLs, tokens of manuals."""

from __future__ import annotations

import base64

import pytest

from leaksweep.proofs import PROOFS
from leaksweep.proofs.evidence import Evidence, Outcome
from support.fakes import fake

P, D, R = Outcome.PLAUSIBLE, Outcome.DOUBTFUL, Outcome.REFUTED


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("{base64:64}", P),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw{base64:28}", P),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj", R),
        ("ThisIsTheBase64EncodedPrivateKeyOfYourApplicationServer", R),
        ("{pad:A:64}", R),
        ("{digits:64}", R),
    ],
)
def test_a_fragment_of_a_private_key(line: str, outcome: Outcome) -> None:
    secret = b"-----BEGIN PRIVATE KEY-----\n" + fake(line, line)
    assert PROOFS["pem-fragment"](Evidence(secret)) is outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("deploy:{base62:16}", P),
        ("admin:password123", D),
        ("svc:token", D),
        ("user:password", R),
        ("Aladdin:opensesame", R),
        ("nobody:", R),
        ("no colon", R),
    ],
)
def test_a_basic_header(text: str, outcome: Outcome) -> None:
    secret = base64.b64encode(fake(text, text))
    assert PROOFS["user-password-base64"](Evidence(secret)) is outcome


@pytest.mark.parametrize(
    ("password", "outcome"),
    [("{base62:10}", P), ("s3cret", R), ("mypassword", R), ("ocarinaflute", P), ("hostname", R)],
)
def test_a_url_of_any_scheme(password: str, outcome: Outcome) -> None:
    assert PROOFS["service-url"](Evidence(fake(password, password), b"smb://ops:")) is outcome


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ("sub=1234567890,name=John Doe,iat=1516239022", R),
        ("sub=1234567890,name=John Doe,admin=null,iat=1516239022", R),
        ("sub=1234567890,name=John Doe,iss=login.acme.example", P),
        ("sub=hex*24,exp=1790000000", P),
    ],
)
def test_only_the_token_of_every_manual_is_left_out(claims: str, outcome: Outcome) -> None:
    assert PROOFS["jwt"](Evidence(fake(f"{{jwt:{claims}}}", "jwt"))) is outcome
