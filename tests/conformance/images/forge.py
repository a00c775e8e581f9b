"""Bytes made by hand: planted tokens, tar members of every format, compressed layers. The same in each run."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import string
import zipfile
import zlib

BLOCK = 512
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def token(seed: str) -> bytes:
    """A GitHub token with a valid checksum that GitHub never issued, so no repository holds one that looks alive."""
    body = "".join(_BASE62[byte % 62] for byte in hashlib.sha256(seed.encode()).digest()[:30])
    value = zlib.crc32(body.encode())
    check = "".join(_BASE62[value // 62**i % 62] for i in reversed(range(6)))
    return f"ghp_{body}{check}".encode()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


# ---------------------------------------------------------------- tar


def header(
    name: bytes, size: int, kind: bytes = b"0", link: bytes = b"", *, fields: dict[int, bytes] | None = None
) -> bytes:
    """One tar header; ``fields`` overrules bytes from an offset on. The checksum is right."""
    raw = bytearray(BLOCK)
    values = {0: name[:100], 100: b"0000644\0", 108: b"0000000\0", 116: b"0000000\0", 124: b"%011o\0" % size}
    values |= {136: b"00000000000\0", 156: kind, 157: link[:100], 257: b"ustar\x0000", **(fields or {})}
    for at, value in values.items():
        raw[at : at + len(value)] = value
    raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + sum(raw[156:]) + 8 * 32)
    return bytes(raw)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def file(name: str, data: bytes, **fields: bytes) -> bytes:
    """A regular file; a name that no header holds goes into a PAX record."""
    raw = os.fsencode(name)
    return (pax(path=raw) if len(raw) > 100 else b"") + header(raw, len(data)) + padded(data)


def folder(name: str) -> bytes:
    return header(os.fsencode(name.rstrip("/") + "/"), 0, b"5", fields={100: b"0000755\0"})


def symbolic(name: str, target: str) -> bytes:
    return header(os.fsencode(name), 0, b"2", os.fsencode(target))


def hard(name: str, target: str) -> bytes:
    return header(os.fsencode(name), 0, b"1", os.fsencode(target))


def device(name: str, kind: bytes) -> bytes:
    """A character device (``3``), the null device, or a fifo (``6``)."""
    return header(os.fsencode(name), 0, kind, fields={329: b"0000001\0", 337: b"0000003\0"} if kind == b"3" else None)


def pax(kind: bytes = b"x", records: list[tuple[bytes, bytes]] | None = None, **more: bytes) -> bytes:
    """An extension header with these records, in order."""
    data = b"".join(_record(key, value) for key, value in [*(records or []), *((k.encode(), more[k]) for k in more)])
    return header(b"PaxHeaders/x", len(data), kind) + padded(data)


def _record(key: bytes, value: bytes) -> bytes:
    length = len(key) + len(value) + 3
    while length != len(b"%d %s=%s\n" % (length, key, value)):
        length += 1
    return b"%d %s=%s\n" % (length, key, value)


def gnu_long(name: str, data: bytes) -> bytes:
    """A file whose name stands in a member before it, as GNU tar writes it."""
    raw = os.fsencode(name) + b"\0"
    gnu = {257: b"ustar  \0"}
    return header(b"././@LongLink", len(raw), b"L", fields=gnu) + padded(raw) + header(raw, len(data)) + padded(data)


def base256(name: str, data: bytes) -> bytes:
    """A file whose size is a binary number, as GNU tar writes those of 8 GiB and more."""
    return header(os.fsencode(name), len(data), fields={124: b"\x80" + len(data).to_bytes(11, "big")}) + padded(data)


HOLE = 64 * 1024  #: where the second piece of a sparse file begins


def sparse(name: str, data: bytes, version: str) -> bytes:
    """A file of one empty line, a hole and ``data``, by one of GNU tar's four ways of writing it."""
    raw = os.fsencode(name)
    pieces = [(0, padded(b"\n")), (HOLE, data)]
    stored = b"".join(piece for _, piece in pieces)
    real = HOLE + len(data)
    if version == "gnu":
        pairs = b"".join(b"%011o\0%011o\0" % (at, len(piece)) for at, piece in pieces)
        fields = {257: b"ustar  \0", 386: pairs, 483: b"%011o\0" % real}
        return header(raw, len(stored), b"S", fields=fields) + padded(stored)
    numbers = [b"%d" % number for at, piece in pieces for number in (at, len(piece))]
    count = b"%d" % len(pieces)
    if version == "0.0":
        pairs_ = [(b"GNU.sparse." + key, n) for key, n in zip((b"offset", b"numbytes") * 2, numbers, strict=True)]
        records = [(b"GNU.sparse.size", b"%d" % real), (b"GNU.sparse.numblocks", count), *pairs_]
    elif version == "0.1":
        records = [(b"GNU.sparse.name", raw), (b"GNU.sparse.size", b"%d" % real), (b"GNU.sparse.numblocks", count)]
        records.append((b"GNU.sparse.map", b",".join(numbers)))
        raw = b"GNUSparseFile.0/x"
    else:
        records = [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.name", raw)]
        records.append((b"GNU.sparse.realsize", b"%d" % real))
        stored = padded(b"\n".join([count, *numbers]) + b"\n") + stored
        raw = b"GNUSparseFile.0/x"
    return pax(records=records) + header(raw, len(stored)) + padded(stored)


def tar(*members: bytes, end: int = 2 * BLOCK) -> bytes:
    return b"".join(members) + bytes(end)


# ---------------------------------------------------------------- compression


def gz(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def zstd(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=3).compress(data)


def skippable(data: bytes, number: int = 0) -> bytes:
    return bytes([0x50 + number]) + b"\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


def zstd_chunked(data: bytes) -> bytes:
    """Frames of a few hundred bytes, then a table of contents and a footer in skippable frames (containers/storage)."""
    frames = b"".join(zstd(data[at : at + 700]) for at in range(0, len(data), 700))
    contents = zstd(b'{"version":1,"entries":[]}')
    places = (len(frames) + 8, len(contents), 26, 1, 0, 0, 0)
    footer = b"".join(place.to_bytes(8, "little") for place in places) + b"GNUlInUx"
    return frames + skippable(contents) + skippable(footer)


def archive(method: int = zipfile.ZIP_DEFLATED, /, **members: bytes) -> bytes:
    """A zip archive, each member at 1980-01-01."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in members.items():
            packed.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()
