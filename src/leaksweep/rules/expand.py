"""Example templates -> concrete fake secrets, the same ones each time.

So no token that looks alive is ever committed, and rules with checksums still get examples that pass them. A template
is plain text with generators in braces; braces that are no generator stay as they are (JSON, ``${VAR}``):

    {base62:36}  {hex:40}  {upper:16}  ...   random characters of a set, as many as said (see CHARSETS)
    {uuid}                                   a random UUID
    {crc32:ghp_:30}                          prefix, random base62, then their GitHub/npm style CRC32 in six base62
    {jwt:iss=base64url*22,exp=1496091964}    a JWT with these claims, HS256; values: set*length, a number, null, text
    {pem:RSA PRIVATE KEY:600}                a PEM block of that many bytes of well-formed DER
    {pemflat:…} {pemdeep:…}                  the same on one line with ``\\n`` escapes; or indented by four blanks
    {openssh:none} {openssh:aes256-ctr}      an OpenSSH key block, plain or encrypted
    {pgp:0} {pgp:254}                        an OpenPGP key block; the number is its S2K usage: 0 is plain
    {lines:300}                              base64 of that many random bytes, in lines of 64
    {b64:user:base62*20}                     base64 of "user:" and random characters
    {json64:k=base62*32,id=1}                base64 of a JSON object with these values
    {githubpat:}                             a fine-grained token of GitHub
    {routable:glpat-:30}                     a routable token of GitLab with a payload of that many characters
    {hexcrc:ATATT3xFfGF0:180} {hexcrcle:…}   prefix, random base62, CRC32 in hexadecimal (Atlassian's, Grafana's)
    {nkey:U}                                 a seed of a NATS user (O, A, N, C, X: the other kinds) with its CRC16
    {synapse:acme}                           an access token of this user on a Synapse home server, with its CRC32
    {hexcrcupper:ATTA:64}                    prefix, random small hexadecimal, CRC32 in capital hexadecimal (Trello's)
    {strkey:}                                a Stellar secret seed
    {workos:}                                base64 of a key id of WorkOS, a comma and a secret
    {zuplo:}                                 a consumer key of Zuplo: CRC32 of its middle part at the end
    {bech32:AGE-SECRET-KEY-:52}              prefix, 1, random data, checksum in Bech32 capitals
    {bip39:12}                               a seed phrase of that many words, with the right last one
    {confluent:54}                           cflt, that many random characters, their CRC32 in base64
    {b58check:80:32:01}                      base58check of leading bytes, that many random ones, trailing bytes
    {pad:A:500}                              one text over and over, up to that many characters

The secret that the rule must report stands between ``⟦`` and ``⟧``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import string
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leaksweep.proofs.base58 import BASE58, double_sha256
from leaksweep.proofs.branded import SEED
from leaksweep.proofs.checksum import BASE36, BECH32, bech32_polymod, crc16_xmodem, crc32_base62, sha256_base32
from leaksweep.proofs.confluent import tail
from leaksweep.proofs.keys import crc24
from leaksweep.proofs.messaging import NKEY_KINDS, NKEY_SEED
from leaksweep.proofs.wallet import last_word, words

HEX = "0123456789abcdef"
CHARSETS: dict[str, str] = {
    "base62": string.ascii_letters + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "base58": "".join(c for c in string.digits + string.ascii_letters if c not in "0OIl"),
    "base32": string.ascii_uppercase + "234567",
    "base32lower": string.ascii_lowercase + "234567",
    "zbase32": "ybndrfg8ejkmcpqxot1uwisza345h769",
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
MOST = 64 * 1024  #: characters that the generators of one template make
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
        self._left = MOST

    @staticmethod
    def _stream(seed: str) -> Iterator[int]:
        counter = 0
        while True:
            yield from hashlib.sha256(f"{seed}/{counter}".encode()).digest()
            counter += 1

    def spend(self, count: int) -> int:
        """``count``, if the template may have so many characters more; a ``ValueError`` otherwise."""
        if not 0 <= count <= self._left:
            raise ValueError(f"a template makes no more than {MOST:,} characters")
        self._left -= count
        return count

    def pick(self, alphabet: str, count: int) -> str:
        pairs = ((next(self._bytes), next(self._bytes)) for _ in range(self.spend(count)))
        return "".join(alphabet[(high * 256 + low) % len(alphabet)] for high, low in pairs)

    def raw(self, count: int) -> bytes:
        return bytes(next(self._bytes) for _ in range(self.spend(count)))


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


def _object(random: _Random, argument: str) -> dict[str, object]:
    claims: dict[str, object] = {}
    for pair in argument.split(","):
        key, _, value = pair.partition("=")
        expanded = _values(random, value)
        claims[key] = int(expanded) if expanded.isdigit() else None if expanded == "null" else expanded
    return claims


def _json64(random: _Random, argument: str) -> str:
    return base64.b64encode(json.dumps(_object(random, argument), separators=(",", ":")).encode()).decode()


def _jwt(random: _Random, argument: str) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, _object(random, argument))
    head, body = (_b64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{head}.{body}.{_b64url(random.raw(32))}"


def _pem(random: _Random, argument: str) -> str:
    label, _, size = argument.rpartition(":")
    inside = b"\x02\x01\x00" + random.raw(int(size) - 7)
    return _armour(label, b"\x30\x82" + len(inside).to_bytes(2, "big") + inside)


def _pem_flat(random: _Random, argument: str) -> str:
    return _pem(random, argument).replace("\n", "\\n")


def _pem_deep(random: _Random, argument: str) -> str:
    return _pem(random, argument).replace("\n", "\n    ")


def _openssh(random: _Random, cipher: str) -> str:
    name = len(cipher).to_bytes(4, "big") + cipher.encode()
    return _armour("OPENSSH PRIVATE KEY", b"openssh-key-v1\0" + name + random.raw(360))


def _pgp(random: _Random, usage: str) -> str:
    key = b"\x04" + random.raw(4) + b"\x01\x04\x00" + random.raw(128) + b"\x00\x11\x01\x00\x01"  # RSA: 1024 bits, 65537
    key += bytes([int(usage)]) + random.raw(300)
    packet = b"\x95" + len(key).to_bytes(2, "big") + key
    checksum = base64.b64encode(crc24(packet)).decode()
    return _armour("PGP PRIVATE KEY BLOCK", packet, "\n\n").replace("\n-----END", f"\n={checksum}\n-----END")


def _armour(label: str, data: bytes, gap: str = "\n") -> str:
    return f"-----BEGIN {label}-----{gap}{_wrapped(data)}\n-----END {label}-----"


def _lines(random: _Random, size: str) -> str:
    return _wrapped(random.raw(int(size)))


def _wrapped(data: bytes) -> str:
    body = base64.b64encode(data).decode()
    return "\n".join(body[i : i + 64] for i in range(0, len(body), 64))


def _github_pat(random: _Random, _: str) -> str:
    head = f"github_pat_{random.pick(CHARSETS['base62'], 22)}_{random.pick(CHARSETS['base62'], 43)}"
    return head + sha256_base32(head.encode()).decode()[:8] + random.pick(CHARSETS["base62"], 8)


def _routable(random: _Random, argument: str) -> str:
    prefix, _, length = argument.rpartition(":")
    head = f"{prefix}{random.pick(CHARSETS['base64url'], int(length))}.01.{_base36(int(length), 2)}"
    return head + _base36(zlib.crc32(head.encode()), 7)


def _base36(value: int, width: int) -> str:
    return "".join(chr(BASE36[value // 36**i % 36]) for i in reversed(range(width)))


def _hex_crc(random: _Random, argument: str) -> str:
    prefix, _, length = argument.rpartition(":")
    head = prefix + random.pick(CHARSETS["base62"], int(length))
    return f"{head}{'=' if length != '24' else ''}{zlib.crc32(head.encode()):08X}"


def _hex_crc_little(random: _Random, argument: str) -> str:
    prefix, _, length = argument.rpartition(":")
    head = prefix + random.pick(CHARSETS["base62"], int(length))
    return f"{head}_{zlib.crc32(head.encode()).to_bytes(4, 'little').hex()}"


def _hex_crc_upper(random: _Random, argument: str) -> str:
    prefix, _, length = argument.rpartition(":")
    head = prefix + random.pick(HEX, int(length))
    return f"{head}{zlib.crc32(head.encode()):08X}"


def _strkey(random: _Random, _: str) -> str:
    raw = bytes([SEED]) + random.raw(32)
    return base64.b32encode(raw + crc16_xmodem(raw)).decode()


def _workos(random: _Random, _: str) -> str:
    body = f"key_01{random.pick(CHARSETS['ALNUM'], 24)},{random.pick(CHARSETS['base62'], 25)}"
    return base64.b64encode(body.encode()).decode()


def _zuplo(random: _Random, _: str) -> str:
    middle = random.pick(HEX, 32)
    return f"zpka_{middle}_{zlib.crc32(middle.encode()):08x}"


def _bech32(random: _Random, argument: str) -> str:
    prefix, _, length = argument.rpartition(":")
    values = [BECH32.index(ord(c)) for c in random.pick(BECH32.decode(), int(length))]
    remainder = bech32_polymod(prefix.lower().encode(), [*values, *[0] * 6]) ^ 1
    values += [remainder >> 5 * (5 - i) & 31 for i in range(6)]
    return f"{prefix}1{''.join(chr(BECH32[v]) for v in values).upper()}"


def _nkey(random: _Random, kind: str) -> str:
    number = NKEY_KINDS[kind]
    data = bytes([NKEY_SEED | number >> 5, (number & 31) << 3]) + random.raw(32)
    return base64.b32encode(data + crc16_xmodem(data)).decode().rstrip("=")


def _synapse(random: _Random, user: str) -> str:
    name = base64.b64encode(user.encode()).decode().rstrip("=")
    head = f"syt_{name}_{random.pick(CHARSETS['alpha'], 20)}"
    return f"{head}_{crc32_base62(head.encode()).decode()}"


def _bip39(random: _Random, count: str) -> str:
    known = [word.decode() for word in words()]
    numbers = [int.from_bytes(random.raw(2), "big") % 2048 for _ in range(int(count) - 1)]
    numbers.append(last_word(numbers, random.raw(1)[0] % 2 ** (11 - int(count) // 3)))
    return " ".join(known[number] for number in numbers)


def _confluent(random: _Random, length: str) -> str:
    body = random.pick(CHARSETS["base64"], int(length))
    return f"cflt{body}{tail(body.encode()).decode()}"


def _b64(random: _Random, argument: str) -> str:
    return base64.b64encode(_values(random, argument).encode()).decode()


def _base58check(random: _Random, argument: str) -> str:
    head, size, tail = argument.split(":")
    data = bytes.fromhex(head) + random.raw(int(size)) + bytes.fromhex(tail)
    data += double_sha256(data)[:4]
    value, digits = int.from_bytes(data, "big"), bytearray()
    while value:
        value, digit = divmod(value, 58)
        digits.append(BASE58[digit])
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + bytes(reversed(digits)).decode()


def _pad(random: _Random, argument: str) -> str:
    text, length = argument.rsplit(":", 1)
    count = random.spend(int(length))
    return (text * count)[:count]


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


GENERATORS: dict[str, Callable[[_Random, str], str]] = {
    "uuid": _uuid,
    "crc32": _crc32,
    "jwt": _jwt,
    "pem": _pem,
    "pemflat": _pem_flat,
    "pemdeep": _pem_deep,
    "openssh": _openssh,
    "pgp": _pgp,
    "lines": _lines,
    "b64": _b64,
    "json64": _json64,
    "githubpat": _github_pat,
    "routable": _routable,
    "hexcrc": _hex_crc,
    "hexcrcle": _hex_crc_little,
    "nkey": _nkey,
    "synapse": _synapse,
    "hexcrcupper": _hex_crc_upper,
    "strkey": _strkey,
    "workos": _workos,
    "bech32": _bech32,
    "zuplo": _zuplo,
    "bip39": _bip39,
    "confluent": _confluent,
    "b58check": _base58check,
    "pad": _pad,
}
