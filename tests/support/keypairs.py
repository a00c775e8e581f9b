"""Key pairs and certificates, made while the tests run: no key that looks alive is kept in this repository."""

from __future__ import annotations

import base64
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from leaksweep.cache import Cache
from leaksweep.engine import Engine, Notes, Witnesses
from leaksweep.engine.witness import Sighted
from leaksweep.model import Blob
from leaksweep.proofs import private
from leaksweep.proofs.curves import Unsolved, solve
from support.require import require_program


def openssl(*arguments: str, stdin: bytes = b"") -> bytes:
    """What the program writes."""
    call = [require_program("openssl"), *arguments]
    return subprocess.run(call, input=stdin, capture_output=True, check=True).stdout


@cache
def key(*algorithm: str) -> bytes:
    """A private key as PKCS #8: ``key("RSA", "rsa_keygen_bits:1024")``."""
    options = [part for option in algorithm[1:] for part in ("-pkeyopt", option)]
    return openssl("genpkey", "-algorithm", algorithm[0], *options)


def rsa() -> bytes:
    """An RSA key, short, since it is quickly made."""
    return key("RSA", "rsa_keygen_bits:1024")


def ec(curve: str = "P-256") -> bytes:
    """A key on a curve."""
    return key("EC", f"ec_paramgen_curve:{curve}", "ec_param_enc:named_curve")


def ed25519() -> bytes:
    """An Ed25519 key: it holds no public half."""
    return key("ED25519")


@cache
def dsa() -> bytes:
    """A DSA key: as PKCS #8 it holds no public half."""
    return openssl("pkcs8", "-topk8", "-nocrypt", stdin=openssl("dsaparam", "-genkey", "-noout", "1024"))


def public(private_key: bytes, *options: str) -> bytes:
    """Its public half in PEM."""
    return openssl("pkey", "-pubout", *options, stdin=private_key)


def certificate(private_key: bytes, subject: str = "/O=Acme/CN=example.org", days: int = 30) -> bytes:
    """A certificate that the key signed for itself."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "key.pem")
        file.write_bytes(private_key)
        options = ["-key", str(file), "-subj", subject, "-days", str(days), "-utf8"]
        return openssl("req", "-x509", "-new", "-sha256", *options)


@cache
def ssh(kind: str = "ed25519", *options: str) -> tuple[bytes, bytes]:
    """A private key file of OpenSSH, and its public line."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "id")
        keygen("-t", kind, "-N", "", "-C", "me@host", "-f", str(file), *options)
        return file.read_bytes(), file.with_suffix(".pub").read_bytes()


def keygen(*arguments: str) -> bytes:
    """What ``ssh-keygen`` writes; some kinds are not made by each version."""
    done = subprocess.run(
        [require_program("ssh-keygen"), "-q", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if b"unknown key type" in done.stderr or b"unsupported" in done.stderr.lower():
        pytest.skip(done.stderr.decode())
    assert 0 == done.returncode, done.stderr.decode()
    return done.stdout


def half(secret: bytes) -> bytes | None:
    """The hash of the public half of a private key, computed where it has to be."""
    found = private.half(secret)
    return solve(found) if isinstance(found, Unsolved) else found


def der(pem: bytes) -> bytes:
    """The bytes in an armour."""
    return base64.b64decode(b"".join(pem.split(b"-----")[2].split()))


@cache
def _engine() -> Engine:
    return Engine((), Cache(None), encoded=False)


def sighted(text: bytes, name: str = "x") -> list[Sighted]:
    """The public halves that the engine sees in a text."""
    witnesses = Witnesses()
    assert [] == list(_engine().scan(Blob(name, text), Notes(witnesses, [])))
    return sorted(witnesses.all(), key=lambda s: s.witness)
