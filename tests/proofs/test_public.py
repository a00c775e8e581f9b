"""A private key and its public half have one hash, whatever form each is in; bytes that mean harm are just no key."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.proofs import der, private, public, ssh
from leaksweep.proofs.curves import CURVES, Unsolved, solve
from leaksweep.proofs.der import BrokenError
from leaksweep.proofs.names import common_name, until
from support import keypairs as made
from support.keypairs import half, openssl, sighted

KINDS: dict[str, Callable[[], bytes]] = {
    "rsa": made.rsa,
    "rsa-pss": lambda: made.key("RSA-PSS", "rsa_keygen_bits:1024"),
    "P-256": made.ec,
    "P-384": lambda: made.ec("P-384"),
    "P-521": lambda: made.ec("P-521"),
    "secp256k1": lambda: made.ec("secp256k1"),
    "brainpool": lambda: made.ec("brainpoolP256r1"),
    "dsa": made.dsa,
    "ed25519": made.ed25519,
}
ALL = pytest.mark.parametrize("kind", KINDS)


def only(text: bytes) -> bytes:
    """The key of the one witness in a text."""
    (found,) = sighted(text)
    return found.witness.key


# ---------------------------------------------------------------- forms that belong together


@ALL
def test_a_key_has_the_hash_of_its_public_key_and_of_its_certificate(kind: str) -> None:
    key = KINDS[kind]()
    assert half(key) == only(made.public(key)) == only(made.certificate(key))


def test_no_two_of_them_have_the_same() -> None:
    assert len(KINDS) == len({half(make()) for make in KINDS.values()} - {None})


@pytest.mark.parametrize("kind", ["rsa", "P-256", "P-384", "P-521", "secp256k1", "dsa"])
def test_the_traditional_form_has_the_hash_of_the_new(kind: str) -> None:
    key = KINDS[kind]()
    traditional = openssl("pkey", "-traditional", stdin=key)
    assert b"BEGIN PRIVATE KEY" not in traditional
    assert half(key) == half(traditional)


@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "secp256k1"])
def test_a_point_is_computed_where_the_file_has_none(kind: str) -> None:
    key = KINDS[kind]()
    for bare in (openssl("ec", "-no_public", stdin=key), openssl("pkey", "-ec_conv_form", "compressed", stdin=key)):
        assert half(key) == half(bare)
    assert isinstance(private.half(openssl("ec", "-no_public", stdin=key)), Unsolved)


def test_a_compressed_point_is_the_same_point() -> None:
    key = made.ec()
    compressed = made.public(key, "-ec_conv_form", "compressed")
    assert len(compressed) < len(made.public(key))
    assert only(made.public(key)) == only(compressed)


def test_ed25519_with_its_public_key_is_not_computed() -> None:
    key = made.der(made.ed25519())
    point = made.der(made.public(made.ed25519()))[-32:]
    second = b"\x30" + bytes([len(key) - 2 + 35]) + b"\x02\x01\x01" + key[5:] + b"\x81\x21\x00" + point
    assert public.ed25519(point) == private.half(b"-----BEGIN PRIVATE KEY-----" + base64.b64encode(second))
    assert public.ed25519(point) == half(made.ed25519())


def test_other_armours_of_the_public_half() -> None:
    key = made.rsa()
    trusted = openssl("x509", "-trustout", "-addtrust", "serverAuth", stdin=made.certificate(key))
    assert b"BEGIN TRUSTED CERTIFICATE" in trusted
    assert half(key) == only(trusted)
    pkcs1 = openssl("rsa", "-RSAPublicKey_out", stdin=key)
    assert b"BEGIN RSA PUBLIC KEY" in pkcs1
    assert half(key) == only(pkcs1)
    assert half(key) == only(made.certificate(key).replace(b"CERTIFICATE", b"X509 CERTIFICATE"))


@pytest.mark.parametrize(
    ("kind", "options"),
    [("rsa", ("-b", "1024")), ("dsa", ()), ("ed25519", ()), *(("ecdsa", ("-b", b)) for b in ("256", "384", "521"))],
)
def test_openssh(kind: str, options: tuple[str, ...]) -> None:
    key, line = made.ssh(kind, *options)
    assert b"BEGIN OPENSSH PRIVATE KEY" in key
    assert half(key) == only(line) == only(b'from="10.0.0.0/8" ' + line) == only(b"host.example,10.0.0.1 " + line)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_openssh_and_pem_have_the_same_hash(kind: str) -> None:
    key, line = made.ssh(kind, "-m", "PEM")
    assert b"OPENSSH" not in key
    assert half(key) == only(line) == only(made.public(key))


def test_an_openssh_certificate_names_its_key(tmp_path: Path) -> None:
    for kind in ("rsa", "ed25519", "ecdsa"):
        key, line = made.ssh(kind)
        (tmp_path / "ca").write_bytes(made.ssh("ed25519", "-m", "RFC4716")[0])
        (tmp_path / "ca").chmod(0o600)
        (tmp_path / "id.pub").write_bytes(line)
        made.keygen(
            "-s", str(tmp_path / "ca"), "-I", "al\x1bice", "-n", "root", "-V", "-1w:+4w", str(tmp_path / "id.pub")
        )
        (found,) = sighted((tmp_path / "id-cert.pub").read_bytes())
        assert ("SSH certificate", "al\\x1bice") == found.witness[1:3]
        assert half(key) == found.witness.key
        assert 26 <= (datetime.fromisoformat(found.witness.until).date() - datetime.now(UTC).date()).days <= 29


def test_an_ssh2_public_key(tmp_path: Path) -> None:
    key, line = made.ssh()
    (tmp_path / "id.pub").write_bytes(line)
    text = made.keygen("-e", "-f", str(tmp_path / "id.pub"))
    assert text.startswith(b"---- BEGIN SSH2 PUBLIC KEY ----")
    assert half(key) == only(text)


def test_putty() -> None:
    key, line = made.ssh()
    lines = re.findall(rb".{1,64}", line.split()[1])
    head = [b"PuTTY-User-Key-File-3: ssh-ed25519", b"Encryption: none", b"Comment: me"]
    tail = [b"Private-Lines: 1", b"A" * 48, b"Private-MAC: " + b"0" * 64]
    putty = b"\n".join([*head, b"Public-Lines: %d" % len(lines), *lines, *tail])
    assert half(key) == half(putty)
    assert half(putty.replace(b"none", b"aes256-cbc")) is None


def test_keys_and_certificates_as_code_and_configuration_hold_them() -> None:
    key, certificate = made.rsa(), made.certificate(made.rsa())
    quoted = b'"' + b'\\n" +\n  "'.join(certificate.splitlines()) + b'"'
    for text in (json.dumps(certificate.decode()).encode(), quoted, certificate.replace(b"\n", b"\r\n    ")):
        assert half(key) == only(text)
    assert half(key) == half(json.dumps(key.decode()).encode()) == half(base64.b64encode(made.der(key)))
    assert half(key) == half(base64.b64encode(key)) == only(b"tls.crt: " + base64.b64encode(certificate))


def test_a_bundle_in_base64_is_read_to_its_end() -> None:
    keys = [made.rsa(), made.ec(), made.ed25519()]
    bundle = base64.b64encode(b"".join(made.certificate(key) for key in keys))
    assert {half(key) for key in keys} == {found.witness.key for found in sighted(b'{"ca": "' + bundle + b'"}')}


# ---------------------------------------------------------------- what is told of a certificate


def test_the_last_common_name_and_the_last_day() -> None:
    (found,) = sighted(made.certificate(made.ed25519(), "/CN=first/O=Acme/CN=sch\u00f6n.example", 400))
    assert ("certificate", "sch\u00f6n.example") == found.witness[1:3]
    assert str((datetime.now(UTC) + timedelta(400)).date()) == found.witness.until
    (nameless,) = sighted(made.certificate(made.ed25519(), "/O=Acme"))
    assert "" == nameless.witness.subject


def test_a_hostile_name_is_printable_and_short() -> None:
    (found,) = sighted(made.certificate(made.ed25519(), "/CN=a\n::error::b\x1b[31m"))
    assert "a\\x0a::error::b\\x1b[31m" == found.witness.subject
    attribute = b"\x06\x03\x55\x04\x03\x0c\x82\x03\xe8" + b"x" * 1000
    name = b"\x31\x82\x03\xf5\x30\x82\x03\xf1" + attribute
    assert "x" * 63 + "…" == common_name(name)


@pytest.mark.parametrize(
    ("kind", "text", "day"),
    [
        (0x17, b"491231235959Z", "2049-12-31"),
        (0x17, b"500101000000Z", "1950-01-01"),
        (0x18, b"99991231235959Z", "9999-12-31"),
        (0x18, b"20301301000000Z", ""),
        (0x17, b"3001310000", ""),
        (0x16, b"300131000000Z", ""),
        (0x17, b"\xff01310000Z", ""),
    ],
)
def test_the_end_of_validity(kind: int, text: bytes, day: str) -> None:
    begin = b"\x17\x0d200101000000Z"
    assert day == until(begin + bytes([kind, len(text)]) + text)


# ---------------------------------------------------------------- what is no key


def test_an_encrypted_key_has_no_half() -> None:
    key = made.rsa()
    assert half(openssl("pkcs8", "-topk8", "-passout", "pass:x", stdin=key)) is None
    assert half(openssl("rsa", "-traditional", "-aes128", "-passout", "pass:x", stdin=key)) is None
    assert half(made.ssh("ed25519", "-N", "hunter2")[0]) is None


def test_a_modulus_that_is_not_the_product_of_the_factors_is_no_half() -> None:
    mine, other = (
        made.der(openssl("pkey", "-traditional", stdin=key))
        for key in (made.rsa(), made.key("RSA", "rsa_keygen_bits:1025"))
    )
    fields, foreign = (der.values(der.one(data)) for data in (mine, other))
    fields[1] = foreign[1]
    body = b"".join(bytes([tag]) + _length(value) + value for tag, value in fields)
    assert half(base64.b64encode(b"\x30" + _length(body) + body)) is None


def _length(value: bytes) -> bytes:
    return bytes([len(value)]) if len(value) < 128 else b"\x82" + len(value).to_bytes(2, "big")


@pytest.mark.parametrize("secret", [b"", b"hunter2", b"MII", b"MC4CAQAw", b"LS0tLS1CRUdJTi", b"PuTTY", b"MI\xff" * 99])
def test_what_is_no_key_has_no_half(secret: bytes) -> None:
    assert half(secret) is None


@pytest.mark.parametrize("kind", [*CURVES, public.DSA, b"?"])
def test_a_number_beyond_its_group_is_no_key(kind: bytes) -> None:
    for key in (b"", b"\0" * 32, b"\xff" * 70):
        with pytest.raises(BrokenError):
            solve(Unsolved(kind, key, (23, 11, 2) if kind == public.DSA else ()))


def test_an_unsolved_key_does_not_print() -> None:
    assert "Unsolved()" == repr(private.half(made.ed25519()))


@cache
def _samples() -> list[bytes]:
    keys = [made.rsa(), made.ec(), made.dsa(), made.ed25519()]
    lines = [base64.b64decode(made.ssh(kind)[1].split()[1]) for kind in ("rsa", "ed25519", "ecdsa")]
    forms = [keys, map(made.public, keys), map(made.certificate, keys)]
    return [*(made.der(pem) for form in forms for pem in form), *lines, made.der(made.ssh()[0])]


@settings(max_examples=400, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_mangled_bytes_never_raise(choose: random.Random, changes: int) -> None:
    data = bytearray(choose.choice(_samples()))
    for _ in range(changes):
        at = choose.randrange(len(data))
        how = choose.randrange(3)
        data[at : at + how] = choose.choice([b"", b"\x80", b"\xff", b"\x30\x84\xff\xff\xff\xff", choose.randbytes(2)])
    _read(bytes(data) or b"\0")


@given(st.binary(max_size=200))
def test_any_bytes_never_raise(data: bytes) -> None:
    for head in (b"", b"\x30\x80", b"\x30\x82", ssh.MAGIC, b"\0\0\0\x07ssh-rsa"):
        _read(head + data)


def _read(data: bytes) -> None:
    public.read(data)
    ssh.read(data)
    common_name(data)
    until(data)
    for text in (b"-----BEGIN PRIVATE KEY-----" + base64.b64encode(data), base64.b64encode(data), data):
        found = private.half(text)
        if isinstance(found, Unsolved):
            try:
                solve(found)
            except BrokenError:
                continue


def test_values_in_each_other_cost_no_depth() -> None:
    data = b""
    for _ in range(2000):
        data = b"\x30" + (bytes([len(data)]) if len(data) < 128 else b"\x83" + len(data).to_bytes(3, "big")) + data
    started = perf_counter()
    assert public.read(data) is None
    assert half(base64.b64encode(data)) is None
    assert perf_counter() - started < 1
