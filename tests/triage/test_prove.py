"""One secret proves another, offline; the notes say which and hold nothing of either."""

from __future__ import annotations

import base64
import random
import time
from itertools import permutations
from typing import Any

import pytest

from leaksweep.engine import Engine
from leaksweep.model import Blob, Companion, Confidence, File, Finding, Severity
from leaksweep.proofs import token
from leaksweep.proofs.aws import account
from leaksweep.proofs.token import WEAK_KEYS
from leaksweep.redact import Secret
from leaksweep.triage import triage
from leaksweep.triage.prove import prove
from support.fakes import fake, signed
from support.results import finding

KEY = fake("{base62:36}", "key")
FAR = 4102444800  # 2100-01-01
PASSWORD = "hunter2"


def found(number: int, secret: bytes, **changes: Any) -> Finding:
    return finding(number, secret=Secret(secret), confidence=Confidence.MEDIUM, **changes)


def proved(*findings: Finding) -> list[Finding]:
    return list(prove(findings))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_key_that_signed_a_token_proves_both(algorithm: str) -> None:
    jwt, key, other = proved(
        found(1, signed(KEY, algorithm)), found(2, KEY), found(3, fake("{base62:36}", "other"))
    )  # fmt: skip
    assert (Confidence.PROVEN, Confidence.PROVEN) == (jwt.confidence, key.confidence)
    assert (f"alg {algorithm}", f"signed with {key.rule.id} {key.id}") == jwt.proofs
    assert (f"signs JSON Web Token {jwt.id}",) == key.proofs
    assert (Confidence.MEDIUM, ()) == (other.confidence, other.proofs)


@pytest.mark.parametrize("size", [1, 63, 64, 65, 127, 128, 129, 1000])
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_key_of_any_length_fits(algorithm: str, size: int) -> None:
    key = fake(f"{{base62:{size}}}")
    jwt, _ = proved(found(1, signed(key, algorithm)), found(2, key))
    assert Confidence.PROVEN is jwt.confidence


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, lambda k: base64.b64encode(k)[:-1]])
def test_a_key_that_stands_encoded_is_tried_decoded(encode: object) -> None:
    raw = random.Random(7).randbytes(35)
    jwt, key = proved(found(1, signed(raw)), found(2, encode(raw)))  # type: ignore[operator]
    assert Confidence.PROVEN is jwt.confidence is key.confidence


def test_a_companion_is_tried_too() -> None:
    companion = Companion("acme-api-secret", Secret(KEY))
    jwt, pair = proved(found(1, signed(KEY)), found(2, fake("{base62:22}"), companions=(companion,)))
    assert f"signed with acme-api-secret {pair.id}" in jwt.proofs
    assert Confidence.PROVEN is pair.confidence


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA", "none", "None", "HS1"])
def test_no_key_is_tried_on_what_no_hmac_signed(algorithm: str) -> None:
    jwt, key = proved(found(1, signed(KEY, algorithm)), found(2, KEY))
    assert (Confidence.MEDIUM, Confidence.MEDIUM) == (jwt.confidence, key.confidence)
    assert not [note for note in jwt.proofs if "signed with" in note]


def test_a_name_of_an_algorithm_that_is_none_is_not_repeated() -> None:
    (jwt,) = proved(found(1, signed(KEY, "hunter2")))
    assert () == jwt.proofs


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
def test_a_token_that_is_not_signed_is_told(algorithm: str) -> None:
    (jwt,) = proved(found(1, signed(b"", algorithm)))
    assert ("alg none: it is not signed, so anyone can make such a token",) == jwt.proofs


@pytest.mark.parametrize("key", WEAK_KEYS)
def test_a_weak_key_is_told_and_not_named(key: bytes) -> None:
    (jwt,) = proved(found(1, signed(key)))
    assert Confidence.PROVEN is jwt.confidence
    assert ("alg HS256", "signed with a key that everyone tries: anyone can make such a token") == jwt.proofs


def test_a_weak_key_that_was_found_is_named_by_its_id() -> None:
    jwt, key = proved(found(1, signed(b"changeme")), found(2, b"changeme"))
    assert f"signed with {key.rule.id} {key.id}" in jwt.proofs
    assert Confidence.PROVEN is key.confidence


def test_a_key_names_some_of_its_tokens() -> None:
    *_, key = proved(*(found(n, signed(KEY, n=n)) for n in range(1, 6)), found(9, KEY))
    ids = ", ".join(found(n, b"").id for n in (1, 2, 3))
    assert (f"signs JSON Web Token {ids} and 2 more",) == key.proofs


def test_one_key_at_two_findings_proves_both() -> None:
    jwt, one, two = proved(found(1, signed(KEY)), found(2, KEY), found(3, KEY))
    assert one.proofs == two.proofs == (f"signs JSON Web Token {jwt.id}",)
    assert 1 == sum(note.startswith("signed with") for note in jwt.proofs)


def test_the_order_of_findings_changes_nothing() -> None:
    findings = [found(1, signed(KEY)), found(2, KEY), found(3, signed(KEY, n=1)), found(4, base64.b64encode(KEY))]
    results = {tuple(sorted(prove(order), key=lambda f: f.id)) for order in permutations(findings)}
    assert 1 == len(results)


def test_nothing_of_a_secret_stands_in_a_note() -> None:
    raw = signed(KEY, iss=fake("{base64url:22}").decode(), sub="hunter2", exp=FAR)
    for one in proved(
        found(1, raw), found(2, KEY), found(3, signed(b"changeme", iss="https://user:" + "hunter2" + "@a.b/"))
    ):
        notes = "\n".join(one.proofs)
        for part in (*raw.split(b"."), KEY, b"hunter2", b"changeme", fake("{base64url:22}")):
            assert part.decode() not in notes


@pytest.mark.parametrize(
    ("claims", "notes"),
    [
        ({"exp": 1735689600}, ["exp 2025-01-01T00:00:00Z"]),
        ({"exp": 1735689600000}, ["exp 2025-01-01T00:00:00Z"]),
        ({"exp": 1735689600.5}, ["exp 2025-01-01T00:00:00Z"]),
        ({"exp": True}, []),
        ({"exp": "1735689600"}, []),
        ({"exp": -1}, []),
        ({"exp": float("inf")}, []),
        ({"exp": float("nan")}, []),
        ({"exp": 10**400}, []),
        ({"iss": "https://login.acme.example:8443/tenant/abc?x=y"}, ["iss https://login.acme.example:8443"]),
        ({"iss": "https://login.acme.example"}, ["iss https://login.acme.example"]),
        ({"iss": "https://user:pass@acme.example"}, []),
        ({"iss": "supabase"}, ["iss supabase"]),
        ({"iss": "kubernetes/serviceaccount"}, ["iss kubernetes/serviceaccount"]),
        ({"iss": "a\n::error::b"}, []),
        ({"iss": ["supabase"]}, []),
        ({"iss": "supabase\n"}, []),
    ],
)
def test_claims_that_may_be_told(claims: dict[str, Any], notes: list[str]) -> None:
    read = token.read(signed(KEY, **claims))
    assert read is not None
    assert ["alg HS256", *notes] == list(token.claims(read))
    assert repr(read).startswith("Token(")


@pytest.mark.parametrize(
    "secret", [b"", b"e", b"e..", b"eyJ.eyJ.eyJ", b"a.b.c", signed(KEY) + b".x.y", signed(KEY)[3:], b"e\xff.\xff.\xff"]
)
def test_what_is_no_token_is_none(secret: bytes) -> None:
    assert token.read(secret) is None


def test_work_is_bounded_and_what_was_left_out_is_told() -> None:
    findings = [found(n, fake("key.{base62:30}", str(n))) for n in range(1, 31)]
    findings += [found(31, signed(findings[0].secret.reveal())), found(32, signed(KEY, n=1))]
    first, *_, last = prove(findings, 2 * (len(WEAK_KEYS) + 10))
    assert Confidence.PROVEN is first.confidence
    assert f"signature tried with {len(WEAK_KEYS) + 10} of {len(WEAK_KEYS) + 32} keys" in last.proofs


def test_hundreds_of_tokens_and_secrets_are_tried_in_seconds() -> None:
    findings = [found(n, fake("key-{base62:30}", str(n))) for n in range(1, 400)]
    findings += [found(n, signed(KEY, n=n)) for n in range(1000, 1400)]
    begin = time.process_time()
    assert not [f for f in prove(findings) if f.confidence is Confidence.PROVEN]
    assert time.process_time() - begin < 15


def test_a_scan_says_so(engine: Engine) -> None:
    jwt = signed(KEY, iss=fake("{base62:22}", "iss").decode(), exp=1496091964)
    data = b"ZOOM_API_SECRET=" + KEY + b"\n" + b"#\n" * 400 + b"token: " + jwt + b"\n"
    sighted = [(s, (File("a.env"),)) for s in engine.scan(Blob("x", data))]
    by_rule = {f.rule.id: f for f in triage(sighted, b"key", Severity.LOW)}
    assert {"zoom-api-secret", "zoom-api-jwt"} == by_rule.keys()
    assert f"signs JSON Web Token {by_rule['zoom-api-jwt'].id}" in by_rule["zoom-api-secret"].proofs
    assert {Confidence.PROVEN} == {f.confidence for f in by_rule.values()}


# ---------------------------------------------------------------- AWS


def key_id(number: int, prefix: bytes = b"AKIA", noise: int = 0x55) -> bytes:
    """An id that carries an account, bit by bit: 1, the account in 40, 39 of noise, in letters of five bits each."""
    bits = f"1{number:040b}" + f"{noise:039b}"
    return prefix + bytes(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[int(bits[i : i + 5], 2)] for i in range(0, 80, 5))


@pytest.mark.parametrize("number", [0, 1, 123456789012, 999999999999, 29608264753])
@pytest.mark.parametrize("prefix", [b"AKIA", b"ASIA"])
@pytest.mark.parametrize("noise", [0, 0x55, 2**39 - 1])
def test_the_account_is_read_back(number: int, prefix: bytes, noise: int) -> None:
    assert f"{number:012}" == account(key_id(number, prefix, noise))


@pytest.mark.parametrize(
    "secret",
    [
        b"",
        b"AKIA" + fake("I{base32:15}"),
        b"ASIA" + fake("J{base32:15}"),
        b"AKIA" + fake("Q{base32:14}"),
        b"AIDA" + fake("Q{base32:15}"),
        b"AKIA" + fake("Q{base32:14}1"),
        key_id(10**12),
        key_id(1) + b"\n",
    ],
)
def test_an_id_that_tells_nothing_gives_nothing(secret: bytes) -> None:
    assert "" == account(secret)


def test_the_account_is_a_note_of_the_key_id_and_of_its_secret(engine: Engine) -> None:
    text = b"aws_access_key_id = " + key_id(123456789012) + b"\n"
    (alone,) = triage([(s, (File("a"),)) for s in engine.scan(Blob("x", text))], b"key", None)
    assert "account 123456789012" in alone.proofs
    text += b"aws_secret_access_key = " + fake("{base64:40}") + b"\n"
    (pair,) = triage([(s, (File("a"),)) for s in engine.scan(Blob("x", text))], b"key", None)
    assert "aws-secret-access-key" == pair.rule.id
    assert "account 123456789012" in pair.proofs
