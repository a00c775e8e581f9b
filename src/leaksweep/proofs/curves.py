"""Public halves from private numbers, where a key file holds only these: some milliseconds each, without a library.

Nothing here guards against timing: the key is no secret any more.
"""

from __future__ import annotations

import hashlib
from functools import reduce
from typing import NamedTuple

from leaksweep.proofs import public
from leaksweep.proofs.der import BrokenError

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_Y = 4 * pow(5, -1, _P) % _P
_Point = tuple[int, int, int]
_Extended = tuple[int, int, int, int]


class Unsolved(NamedTuple):
    """A private key whose public half has to be computed. It holds a secret: it never prints."""

    kind: bytes  #: the OID of the curve, or of DSA
    key: bytes
    group: tuple[int, ...] = ()  #: prime, order and base of DSA

    def __repr__(self) -> str:
        """Never the key: it may stand in a traceback."""
        return "Unsolved()"


class Curve(NamedTuple):
    """y² = x³ + ax + b modulo a prime, and its base point; b is not needed."""

    prime: int
    a: int
    base: tuple[int, int]
    order: int


def _nist(prime: int, x: str, y: str, order: str) -> Curve:
    return Curve(prime, -3, (int(x, 16), int(y, 16)), int(order, 16))


CURVES = {  #: SEC 2
    public.P256: _nist(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    ),
    public.P384: _nist(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ),
    public.P521: _nist(
        2**521 - 1,
        "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a42"
        "9bf97e7e31c2e5bd66",
        "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c"
        "24088be94769fd16650",
        "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899"
        "c47aebb6fb71e91386409",
    ),
    public.SECP256K1: Curve(
        2**256 - 2**32 - 977,
        0,
        (
            0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
            0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
        ),
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    ),
}


def on_p256(data: bytes) -> bool:
    """Whether these are the bytes of an uncompressed point of P-256: chance makes none."""
    if len(data) != 65 or data[0] != 4:
        return False
    curve = CURVES[public.P256]
    (x, y), at = curve.base, (int.from_bytes(data[1:33]), int.from_bytes(data[33:]))
    constant = y * y - x**3 - curve.a * x
    return (at[1] ** 2 - at[0] ** 3 - curve.a * at[0] - constant) % curve.prime == 0


def solve(half: Unsolved) -> bytes:
    """The hash of the public half; ``BrokenError`` where the key is none of its kind."""
    if half.kind == public.ED25519:
        return public.ed25519(_ed25519(half.key))
    number = int.from_bytes(half.key, "big")
    if half.kind == public.DSA:
        prime, order, base = half.group
        if not 0 < number < order < 2**512 < prime < 2**4096:
            raise BrokenError("number")
        return public.dsa(prime, order, base, pow(base, number, prime))
    if (curve := CURVES.get(half.kind)) is None or not 0 < number < curve.order:
        raise BrokenError("number")
    size = (curve.prime.bit_length() + 7) // 8
    x, y = (value.to_bytes(size, "big") for value in _multiple(number, curve))
    return public.ec(half.kind, b"\4" + x + y)


def _multiple(number: int, curve: Curve) -> tuple[int, int]:
    """The multiple of the base point: double and add, in Jacobian coordinates."""
    point: _Point = (*curve.base, 1)
    for bit in f"{number:b}"[1:]:
        point = _doubled(point, curve)
        point = _with_base(point, curve) if bit == "1" else point
    x, y, z = point
    inverse = pow(z, -1, curve.prime)
    return x * inverse**2 % curve.prime, y * inverse**3 % curve.prime


def _doubled(point: _Point, curve: Curve) -> _Point:
    (x, y, z), p = point, curve.prime
    yy = y * y % p
    s, m = 4 * x * yy % p, (3 * x * x + curve.a * pow(z, 4, p)) % p
    doubled = (m * m - 2 * s) % p
    return doubled, (m * (s - doubled) - 8 * yy * yy) % p, 2 * y * z % p


def _with_base(point: _Point, curve: Curve) -> _Point:
    """Plus the base point, which no multiple below the order but itself and its opposite equals in x."""
    (x, y, z), p = point, curve.prime
    zz = z * z % p
    h, r = (curve.base[0] * zz - x) % p, (curve.base[1] * zz * z - y) % p
    hh = h * h % p
    hhh, v = h * hh % p, x * hh % p
    total = (r * r - hhh - 2 * v) % p
    return total, (r * (v - total) - y * hhh) % p, z * h % p


def _ed25519(seed: bytes) -> bytes:
    """RFC 8032, 5.1.5."""
    digest = bytearray(hashlib.sha512(seed).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    base: _Extended = (_X, _Y, 1, _X * _Y % _P)
    bits = f"{int.from_bytes(digest, 'little'):b}"
    x, y, z, _ = reduce(lambda point, bit: _step(point, base, bit), bits, (0, 1, 1, 0))
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def _step(point: _Extended, base: _Extended, bit: str) -> _Extended:
    doubled = _sum(point, point)
    return _sum(doubled, base) if bit == "1" else doubled


def _sum(one: _Extended, other: _Extended) -> _Extended:
    """RFC 8032, 5.1.4, which holds for any two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P
