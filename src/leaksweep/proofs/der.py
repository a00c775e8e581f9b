"""DER, as far as keys and certificates need it: strict, without recursion, and no length is trusted.

A value is (tag, contents). Everything that is not as it should be is ``BrokenError``.
"""

from __future__ import annotations

from collections.abc import Iterator

INTEGER, BIT_STRING, OCTET_STRING, OID, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x30, 0x31
MOST = 64  #: values that one sequence may hold: those of keys and certificates hold ten
WIDEST = 2048 + 1  #: bytes of a number: an RSA modulus of 16,384 bits


class BrokenError(ValueError):
    """The bytes are not what they should be."""


def read(data: bytes, at: int = 0) -> tuple[int, bytes, int]:
    """Tag and contents of the value that begins at ``at``, and where it ends."""
    head = data[at : at + 6]
    if len(head) < 2 or head[0] & 0x1F == 0x1F:
        raise BrokenError("no value")
    length, start = head[1], at + 2
    if length >= 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(head[2 : 2 + size], "big"), start + size
        if not 1 <= size <= 4 or length < 0x80 or head[2] == 0:
            raise BrokenError("length")
    if start + length > len(data):
        raise BrokenError("cut off")
    return head[0], data[start : start + length], start + length


def one(data: bytes, tag: int = SEQUENCE) -> bytes:
    """The contents of the one value that ``data`` is, of that kind."""
    kind, contents, end = read(data)
    if kind != tag or end != len(data):
        raise BrokenError("not this value alone")
    return contents


def values(contents: bytes) -> list[tuple[int, bytes]]:
    """The values that stand in ``contents``, one after the other to its end."""
    return list(_values(contents))


def _values(contents: bytes) -> Iterator[tuple[int, bytes]]:
    at, count = 0, 0
    while at < len(contents):
        tag, body, at = read(contents, at)
        count += 1
        if count > MOST:
            raise BrokenError("too many values")
        yield tag, body


def typed(contents: bytes, *tags: int) -> list[bytes]:
    """The same where the values must be of just these kinds."""
    found = values(contents)
    if tuple(tag for tag, _ in found) != tags:
        raise BrokenError("other values")
    return [body for _, body in found]


def number(body: bytes) -> int:
    """A number that is not negative."""
    if not 1 <= len(body) <= WIDEST or body[0] >= 0x80:
        raise BrokenError("number")
    return int.from_bytes(body, "big")


def numbers(contents: bytes, count: int) -> list[int]:
    """Just so many numbers."""
    return [number(body) for body in typed(contents, *[INTEGER] * count)]


def bits(body: bytes) -> bytes:
    """The bytes of a bit string that has whole ones."""
    if body[:1] != b"\0":
        raise BrokenError("bit string")
    return body[1:]
