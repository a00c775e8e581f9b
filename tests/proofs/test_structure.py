"""Tokens that encode something: Grafana's keys, macaroons, keysets of Tink; and checksums of tokens that run on."""

from __future__ import annotations

import base64
import zlib

import pytest

from leaksweep.proofs import PROOFS, Evidence, Outcome
from support.fakes import fake

P, Q, D, R = Outcome.PROVEN, Outcome.PLAUSIBLE, Outcome.DOUBTFUL, Outcome.REFUTED
NAME = b"\x02\x08pypi.org"
UUID = b"\x02\x24" + b"0f2c4a1e-7b3d-4c58-9a61-d2e8f4b7c913"
SIGNATURE = b"\x00\x00\x06\x20" + bytes(range(100, 132))


def pypi(*parts: bytes) -> bytes:
    return b"pypi-" + base64.urlsafe_b64encode(b"\x02\x01\x08pypi.org" + b"".join(parts)).rstrip(b"=")


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        (pypi(UUID, b"\x00\x02\x03[1]", SIGNATURE), P),
        (pypi(UUID, b"\x00\x02\x17[1,[minima"), R),  # cut off in a caveat
        (pypi(UUID), R),
        (pypi(UUID, SIGNATURE, b"more"), D),
        (pypi(b"\x09\x01x"), D),  # no such field
        (b"pypi-AAAA", D),
    ],
)
def test_a_macaroon_that_was_cut_off_is_none(token: bytes, outcome: Outcome) -> None:
    assert PROOFS["macaroon"](Evidence(token)) is outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("{json64:k=base62*32,n=mykey,id=1}", P),
        ("eyJrIjoi{base62:70}", D),  # no JSON, but the prefix tells
        ("{json64:k=EXAMPLETESTTESTTEST,n=reader,id=1}", R),
        ("{json64:k=0f2c4a1e-7b3d-4c58-9a61-d2e8f4b7c913,t=hex*36,c=5}", R),  # the link of a Power BI report
    ],
)
def test_the_own_key_of_a_grafana_key_counts(text: str, outcome: Outcome) -> None:
    assert PROOFS["grafana"](Evidence(fake(text))) is outcome


def test_a_tink_keyset_of_public_keys_is_no_secret() -> None:
    kind = b"type.googleapis.com/google.crypto.tink."
    proof = PROOFS["tink"]
    assert proof(Evidence(base64.b64encode(kind + b"AesGcmKey"))) is P
    assert proof(Evidence(base64.b64encode(kind + b"EcdsaPrivateKey of EcdsaPublicKey"))) is P
    assert proof(Evidence(base64.b64encode(kind + b"EcdsaPublicKey"))) is R
    assert proof(Evidence(b"%")) is D


def test_a_token_that_runs_on_needs_its_checksum() -> None:
    right, wrong = fake("{crc32:ghp_:30}"), fake("ghp_{base62:36}")
    proof = PROOFS["crc32-base62-ended"]
    assert [proof(Evidence(right, after=after)) for after in (b"", b"\n", b"x", b"_")] == [P, P, P, P]
    assert [proof(Evidence(wrong, after=after)) for after in (b"", b"\n", b"x", b"_")] == [D, D, R, R]
    fine = fake("{githubpat:}")
    assert PROOFS["github-fine-grained-ended"](Evidence(fine, after=b"x")) is P
    assert PROOFS["github-fine-grained-ended"](Evidence(fine[:-16] + b"A" * 16, after=b"x")) is R


def test_elastic_cloud_keys_end_with_a_checksum() -> None:
    payload = fake("{base62:60}")
    right = b"essu_" + base64.b64encode(payload + zlib.crc32(payload).to_bytes(8, "big"))
    proof = PROOFS["elastic"]
    assert proof(Evidence(right)) is P
    assert proof(Evidence(right, after=b"x")) is P
    assert proof(Evidence(b"essu_" + base64.b64encode(payload + bytes(8)))) is D
    assert proof(Evidence(b"essu_" + base64.b64encode(payload + bytes(8)), after=b"x")) is R
    assert proof(Evidence(b"essu_A")) is D


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("AIzaSyabcdefghijklmnopqrstuvwxyz1234567", R),
        ("tss_AbCdEfGhIjKlMn", R),
        ("AIza{base64url:35}", Q),
        ("abc-defghi", Q),
    ],
)
def test_the_alphabet_in_order_is_no_key(text: str, outcome: Outcome) -> None:
    assert PROOFS["no-alphabet"](Evidence(fake(text))) is outcome
