r"""Packs: heads, sizes and deltas made up, wrong or torn; what is read is what the format says, or it is left out.

The input is a list of objects, ``\xff\xfe`` between them. Of each, the first byte says what kind it is and what is
wrong with it, the second how far back its base is, the rest is its content or its delta.
"""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from pathlib import Path

from leaksweep.targets.git.packs import BLOB, COMMIT, DELTA, TAG, TREE, store
from leaksweep.targets.git.versions import Families

WORDS = (b"\xff\xfe", b"\n\n", b"\x90\x05", b"\x91\0\x05", b"\xb0\1\1", b"\x05\x05", b"\x05\x0a", b"\x80\x80\x04")
LENGTH = 2048
KINDS = (BLOB, COMMIT, DELTA, DELTA, TAG, TREE, 7, 0)
AROUND = 3
_WRONG_SIZE, _TORN, _RAW = 8, 16, 32


def run(data: bytes) -> None:
    """Write the pack and its index, and read all of it."""
    objects = [(row[0], row[1], row[2:]) for row in data.split(b"\xff\xfe") if len(row) >= 2]
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        Path(folder, "pack").mkdir()
        _write(Path(folder, "pack"), objects)
        there = store(folder, 20)
        if there is None:
            return
        (pack,) = there.packs
        families = Families(pack, AROUND)
        for version in families.of(families.roots):
            content = _content(objects, version.number)
            if content is None and any(what & _RAW for what, _, _ in objects):
                continue  # what is not compressed may happen to be
            assert content is not None
            assert content.endswith(version.text)
            assert version.size == len(content)
            for start, end in version.parts:
                assert 0 <= start <= end <= len(content)
        there.close()


def _write(folder: Path, objects: list[tuple[int, int, bytes]]) -> None:
    pack, starts = bytearray(struct.pack(">4sII", b"PACK", 2, len(objects))), []
    for number, (what, back, body) in enumerate(objects):
        starts.append(len(pack))
        kind, size = KINDS[what % 8], len(body) + bool(what & _WRONG_SIZE)
        head = [kind << 4 | size & 15]
        size >>= 4
        while size:
            head[-1] |= 128
            head.append(size & 127)
            size >>= 7
        pack += bytes(head)
        if kind == DELTA:
            pack += _distance(len(pack) - len(head) - starts[max(0, number - 1 - back % 8)])
        deflated = body if what & _RAW else zlib.compress(body, 1)
        pack += deflated[:-3] if what & _TORN else deflated
    names = b"".join(struct.pack(">20s", b"%020d" % number) for number in range(len(objects)))
    places = b"".join(struct.pack(">I", start) for start in starts)
    fan = struct.pack(">256I", *[0] * 0x30, *[len(objects)] * 208)
    (folder / "pack-1.idx").write_bytes(b"\xfftOc\0\0\0\2" + fan + names + bytes(4 * len(objects)) + places + bytes(40))
    (folder / "pack-1.pack").write_bytes(pack + bytes(20))


def _distance(back: int) -> bytes:
    found = [back & 127]
    while back := back >> 7:
        back -= 1
        found.append(back & 127 | 128)
    return bytes(reversed(found))


def _content(objects: list[tuple[int, int, bytes]], number: int) -> bytes | None:
    """What an object is, as the format says; None if it is nothing."""
    what, back, body = objects[number]
    if what & (_WRONG_SIZE | _TORN | _RAW):
        return None
    if KINDS[what % 8] != DELTA:
        return body
    base = _content(objects, max(0, number - 1 - back % 8)) if number else None
    return None if base is None else _applied(body, base)


def _applied(delta: bytes, base: bytes) -> bytes | None:
    sizes, rest = [], delta
    for _ in range(2):
        size = shift = 0
        while True:
            size |= (rest[0] & 127) << shift
            shift += 7
            rest, more = rest[1:], rest[0] & 128
            if not more:
                break
        sizes.append(size)
    content = b""
    while rest:
        step, rest = rest[0], rest[1:]
        if not step & 128:
            content, rest = content + rest[:step], rest[step:]
            continue
        fields = []
        for bit in range(7):
            fields.append(rest[0] if step >> bit & 1 else 0)
            rest = rest[1:] if step >> bit & 1 else rest
        start, length = int.from_bytes(fields[:4], "little"), int.from_bytes(fields[4:], "little") or 65536
        content += base[start : start + length]
    return content
