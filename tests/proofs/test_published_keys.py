"""Keys that everyone has, because a library brings them along for its self-tests, are nobody's secret."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from leaksweep.proofs import keys
from leaksweep.proofs.evidence import Evidence, Outcome

DER = b"\x30\x82\x01\x00" + bytes(range(256))  # a sequence of 256 bytes
LIST = Path(keys.__file__).with_name("data") / "published-keys.txt"


def armoured(der: bytes) -> Evidence:
    return Evidence(b"-----BEGIN RSA PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END RSA PRIVATE KEY-----")


def test_a_listed_key_is_refuted_whatever_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys.pem(armoured(DER)) is Outcome.PROVEN
    monkeypatch.setattr(keys, "_published", lambda: {hashlib.sha256(DER).hexdigest()})
    assert keys.pem(armoured(DER)) is Outcome.REFUTED
    one_line = armoured(DER).secret.replace(b"\n", b"\\n")
    assert keys.pem(Evidence(one_line)) is Outcome.REFUTED
    assert keys.pem(armoured(DER[:-1] + b"\0")) is Outcome.PROVEN


def test_the_list_is_of_digests_and_says_whose() -> None:
    lines = LIST.read_text("ascii").splitlines()
    assert all(line.startswith("# ") or len(bytes.fromhex(line)) == 32 for line in lines)
    assert len(set(lines)) == len(lines)
