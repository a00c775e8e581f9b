"""All proofs, and all that reads keys and tokens, over any bytes: an outcome or nothing, never an error.

The input is tried as it is, as the body of keys in PEM, and, parted at ``\0``, as the parts of a token.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from leaksweep.engine.halves import Text, texts_at, witnesses
from leaksweep.engine.patterns import HALVES
from leaksweep.proofs import PROOFS, Evidence, Outcome, judge, private, public, ssh, token
from leaksweep.proofs.curves import Unsolved, solve
from leaksweep.proofs.der import BrokenError

WORDS = (
    *(b"\x30\x82", b"\x02\x01\0", b"\x04\x20", b"\x06\x03\x2b\x65\x70", b"\x03\x21\0", b"\xa0\x03\x02\x01\x02"),
    *(public.RSA, public.EC, public.DSA, public.P256, public.P384, public.SECP256K1, ssh.MAGIC),
    *(b"\0\0\0\x07ssh-rsa", b"\0\0\0\x0bssh-ed25519", b"ssh-ed25519-cert-v01@openssh.com", b"\0\0\0\x04none"),
    *(b'{"alg":"HS256"}', b'{"iss":"', b'"exp":', b'"sub":"system:serviceaccount:', b"Proc-Type", b"Comment: "),
    *(
        b"-----BEGIN PRIVATE KEY-----",
        b"-----END PRIVATE KEY-----",
        b"PuTTY",
        b"Encryption: none\n",
        b"Public-Lines: 1",
    ),
)
LENGTH = 2048
_KEYS = tuple(name for name in PROOFS if name.startswith(("pem", "pgp")))
_STRUCTURES = ("json-base64", "json-base64-likely", "macaroon", "tink", "user-password-base64", "workos", "grafana")
_TOKENS = tuple(name for name in PROOFS if name.startswith("jwt"))
_HEADERS = (b"PRIVATE KEY", b"EC PRIVATE KEY", b"OPENSSH PRIVATE KEY", b"PGP PRIVATE KEY BLOCK", b"CERTIFICATE")


def run(data: bytes) -> None:
    """Ask every proof, and read every form."""
    cut = data.split(b"\0", 2)
    before, after = (cut[1], cut[2]) if len(cut) == 3 else (b"password = ", b"")
    _judged(Evidence(cut[0], before, after), PROOFS)
    _judged(Evidence(base64.b64encode(data), before, after), _STRUCTURES)
    _judged(Evidence(b"x-" + base64.b64encode(data), before, after), ("macaroon",))
    armoured = list(_armoured(data))
    _judged(Evidence(armoured[len(data) % len(armoured)], before, after), _KEYS)
    for secret in armoured:
        _keys(secret)
    for secret in (data, _token(cut)):
        _judged(Evidence(secret, before, after), _TOKENS)
        _keys(secret)
        _tokens(secret)
    for witness in (public.read(data), ssh.read(data)):
        if witness is not None:
            assert len(witness.key) == 16
            assert witness.subject.isprintable()
            assert witness.until.isprintable()


def _judged(evidence: Evidence, names: Iterable[str]) -> None:
    for name in names:
        outcome, spoke = judge(evidence, (name,))
        assert isinstance(outcome, Outcome)
        assert bool(spoke) == (outcome is not Outcome.PLAUSIBLE)


def _armoured(data: bytes) -> Iterator[bytes]:
    """The input as each kind of key in PEM."""
    body = base64.encodebytes(data)
    for header in _HEADERS:
        yield b"-----BEGIN %s-----\n%s-----END %s-----" % (header, body, header)
    yield b"LS0tLS1CRUdJTiB" + base64.b64encode(data)


def _token(parts: list[bytes]) -> bytes:
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


def _keys(secret: bytes) -> None:
    half = private.half(secret)
    if isinstance(half, Unsolved):
        try:
            half = solve(half)
        except BrokenError:
            half = None
    assert half is None or len(half) == 16
    for pattern in range(len(HALVES)):
        for witness in witnesses(Text(pattern, secret)):
            assert witness.subject.isprintable()
        list(texts_at(secret, [(pattern, at) for at in (0, len(secret) // 2, len(secret))]))


def _tokens(secret: bytes) -> None:
    read = token.read(secret)
    if read is None:
        return
    list(token.signed_by([("t", read)], b"key"))
    told = list(token.claims(read))
    assert all(text.isprintable() for text in told)
    signature = binascii.b2a_base64(read.signature).decode()
    assert len(signature) < 12 or not any(signature in text for text in told)
