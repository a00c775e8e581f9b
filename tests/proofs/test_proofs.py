"""Each proof says yes to the real thing, no to its look-alike, and never crashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.engine import Engine
from leaksweep.model import Blob
from leaksweep.proofs import PROOFS, Evidence, Outcome, judge
from leaksweep.proofs.checksum import crc32_base62
from support.fakes import fake

P, Q, D, R = Outcome.PROVEN, Outcome.PLAUSIBLE, Outcome.DOUBTFUL, Outcome.REFUTED


@pytest.mark.parametrize("name", sorted(PROOFS))
@given(secret=st.binary(max_size=300), before=st.binary(max_size=40))
def test_any_bytes_get_an_outcome(name: str, secret: bytes, before: bytes) -> None:
    assert isinstance(PROOFS[name](Evidence(secret, before)), Outcome)


@pytest.mark.parametrize(
    ("name", "template", "outcome"),
    [
        ("crc32-base62", "{crc32:ghp_:30}", P),
        ("crc32-base62", "ghp_{base62:36}", D),
        ("pem", "{pem:RSA PRIVATE KEY:600}", P),
        ("pem", "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----", R),
        ("jwt", "{jwt:sub=x,exp=1}", Q),
        ("jwt", "eyJ{base64url:20}.eyJ{base64url:30}.{base64url:43}", R),
        ("jwt-zoom", "{jwt:aud=null,iss=base64url*22,exp=1496091964}", Q),
        ("jwt-zoom", "{jwt:sub=1234567890,iat=1516239022}", R),
        ("random", "{hex:40}", Q),
        ("random", "{base62:36}", Q),
        ("random", "aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb", R),
        ("random", "thisIsJustAnIdentifierOfSomeLength", R),
        ("placeholder", "{base62:36}", Q),
        ("placeholder", "YOUR_API_KEY", R),
        ("placeholder", "${SECRET}", R),
        ("placeholder", "{{ .Values.token }}", R),
        ("placeholder", "1234567890abcdefghij", R),
        ("user-password-base64", "{b64:deploy:base62*20}", Q),
        ("user-password-base64", "{base64:24}", R),
    ],
)
def test_known_answers(name: str, template: str, outcome: Outcome) -> None:
    assert outcome is PROOFS[name](Evidence(fake(template)))


def test_github_s_checksum_of_an_empty_body() -> None:
    """CRC32 of nothing is zero: six zeros in base 62; and of ``123456789`` the published check value CBF43926."""
    assert b"000000" == crc32_base62(b"")
    value = 0
    for digit in crc32_base62(b"123456789"):
        value = value * 62 + b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".index(digit)
    assert 0xCBF43926 == value


@pytest.mark.parametrize(
    "before",
    [b"zoom commit: ", b"clockwork sha1 = ", b'"integrity": "zoom ', b'zoom",\n "id": "', b"zoom\n  id       "],
)
def test_a_value_named_as_a_digest_is_refuted(before: bytes) -> None:
    assert R is PROOFS["digest-name"](Evidence(fake("{hex:40}"), before))


@pytest.mark.parametrize(
    ("project", "email", "outcome"),
    [
        ("acme", "app@acme.iam.gserviceaccount.com", P),
        ("acme.example:shop", "app@shop.acme.example.iam.gserviceaccount.com", P),
        ("acme", "app@other.iam.gserviceaccount.com", D),
        ("acme", "acme@appspot.gserviceaccount.com", Q),
        ("acme", "", Q),
        ("", "app@acme.iam.gserviceaccount.com", Q),
    ],
)
def test_a_service_account_is_of_its_project(project: str, email: str, outcome: Outcome) -> None:
    before = f'"project_id": "{project}", "private_key": "'.encode() if project else b""
    after = f'\\n", "client_email": "{email}"'.encode() if email else b""
    assert outcome is PROOFS["google-service-account"](Evidence(fake("{pemflat:PRIVATE KEY:1200}"), before, after))


def test_a_whole_service_account_file_says_so(engine: Engine) -> None:
    key = fake("{pemflat:PRIVATE KEY:1200}")
    text = b'{"type": "service_account", "project_id": "acme", "private_key": "' + key + b'\\n", "client_email": "'
    (match,) = engine.matches(Blob("x", text + b'app@acme.iam.gserviceaccount.com", "client_id": "1"}'))
    assert ("google-service-account-key", key) == (match.rule.id, match.secret.reveal())
    assert ("pem passed", "google-service-account passed") == match.proofs


def test_refuted_ends_it_and_proven_beats_doubtful() -> None:
    token = fake("{crc32:ghp_:30}")
    assert (P, ("crc32-base62 passed",)) == judge(Evidence(token), ["placeholder", "crc32-base62"])
    assert (R, ("placeholder",)) == judge(Evidence(b"YOUR_API_KEY"), ["placeholder", "crc32-base62"])


def test_evidence_does_not_print_the_secret() -> None:
    assert "hunter2" not in repr(Evidence(b"hunter2"))
