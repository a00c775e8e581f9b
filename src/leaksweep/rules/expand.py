"""Example templates -> concrete fake secrets, the same ones each time.

So no token that looks alive is ever committed, and rules with checksums still get examples that pass them. A template
is plain text with generators in braces; braces that are no generator stay as they are (JSON, ``${VAR}``):

    {base62:36}  {hex:40}  {upper:16}  ...   random characters of a set, as many as said (see CHARSETS)
    {uuid}                                   a random UUID
    {crc32:ghp_:30}                          prefix, random base62, then their GitHub/npm style CRC32 in six base62
    {jwt:iss=base64url*22,exp=1496091964}    a JWT with these claims, HS256; values: set*length, a number, null, text
    {pem:RSA PRIVATE KEY:600}                a PEM block of that many bytes of well-formed DER
    {b64:user:base62*20}                     base64 of "user:" and random characters
    {pad:A:500}                              one text over and over, up to that many characters

The secret that the rule must report stands between ``⟦`` and ``⟧``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leaksweep.proofs.checksum import crc32_base62

HEX = "0123456789abcdef"
CHARSETS: dict[str, str] = {
    "base62": string.ascii_letters + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "base58": "".join(c for c in string.digits + string.ascii_letters if c not in "0OIl"),
    "base32": string.ascii_uppercase + "234567",
    "hex": HEX,
    "HEX": HEX.upper(),
    "digits": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "alpha": string.ascii_letters,
    "alnum": string.ascii_lowercase + string.digits,
    "ALNUM": string.ascii_uppercase + string.digits,
    "word": string.ascii_letters + string.digits + "_",
}
_GENERATOR = re.compile(r"\{([A-Za-z0-9]+)(?::((?:[^{}]|\{[a-zA-Z0-9]+:[^{}]*\})*))?\}")


@dataclass(frozen=True, slots=True)
class Expanded:
    """A template's text with every generator replaced; ``secret`` is None where no secret is marked."""

    text: bytes
    secret: bytes | None


class _Random:
    """A deterministic stream, the same under every Python: SHA-256 over a seed and a counter."""

    def __init__(self, seed: str) -> None:
        self._bytes = self._stream(seed)

    @staticmethod
    def _stream(seed: str) -> Iterator[int]:
        counter = 0
        while True:
            yield from hashlib.sha256(f"{seed}/{counter}".encode()).digest()
            counter += 1

    def pick(self, alphabet: str, count: int) -> str:
        return "".join(alphabet[(next(self._bytes) * 256 + next(self._bytes)) % len(alphabet)] for _ in range(count))

    def raw(self, count: int) -> bytes:
        return bytes(next(self._bytes) for _ in range(count))


def expand(template: str, seed: str) -> Expanded:
    """``template`` with its generators run; ``seed`` is the rule's id and the example's number."""
    random = _Random(seed)

    def run(found: re.Match[str]) -> str:
        name, argument = found[1], found[2]
        if name in CHARSETS and argument and argument.isdigit():
            return random.pick(CHARSETS[name], int(argument))
        if name in GENERATORS and (argument is not None or name == "uuid"):
            return GENERATORS[name](random, argument or "")
        return found[0]

    text = _GENERATOR.sub(run, template)
    before, mark, rest = text.partition("⟦")
    if not mark:
        return Expanded(text.encode(), None)
    secret, _, after = rest.partition("⟧")
    return Expanded((before + secret + after).encode(), secret.encode())


def _values(random: _Random, text: str) -> str:
    """``set*length`` anywhere in ``text`` becomes random characters."""
    known = "|".join(CHARSETS)
    return re.sub(rf"\b({known})\*(\d+)", lambda m: random.pick(CHARSETS[m[1]], int(m[2])), text)


def _uuid(random: _Random, _: str) -> str:
    parts = [random.pick(HEX, n) for n in (8, 4, 3, 3, 12)]
    return f"{parts[0]}-{parts[1]}-4{parts[2]}-{random.pick('89ab', 1)}{parts[3]}-{parts[4]}"


def _crc32(random: _Random, argument: str) -> str:
    prefix, _, length = argument.rpartition(":")
    body = random.pick(CHARSETS["base62"], int(length))
    return prefix + body + crc32_base62(body.encode()).decode()


def _jwt(random: _Random, argument: str) -> str:
    claims: dict[str, object] = {}
    for pair in argument.split(","):
        key, _, value = pair.partition("=")
        expanded = _values(random, value)
        claims[key] = int(expanded) if expanded.isdigit() else None if expanded == "null" else expanded
    head, body = (_b64url(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{head}.{body}.{_b64url(random.raw(32))}"


def _pem(random: _Random, argument: str) -> str:
    label, _, size = argument.rpartition(":")
    inside = b"\x02\x01\x00" + random.raw(int(size) - 7)
    der = b"\x30\x82" + len(inside).to_bytes(2, "big") + inside
    body = base64.b64encode(der).decode()
    lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"


def _b64(random: _Random, argument: str) -> str:
    return base64.b64encode(_values(random, argument).encode()).decode()


def _pad(_: _Random, argument: str) -> str:
    text, _, length = argument.rpartition(":")
    return (text * int(length))[: int(length)]


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


GENERATORS: dict[str, Callable[[_Random, str], str]] = {
    "uuid": _uuid,
    "crc32": _crc32,
    "jwt": _jwt,
    "pem": _pem,
    "b64": _b64,
    "pad": _pad,
}
