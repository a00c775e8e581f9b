"""Archives and compressed contents: bounded, in order, and nothing that the standard library unpacks is left out.

A first letter ``g``, ``z``, ``s`` or ``t`` has the rest packed, so that what is inside is reached too. After an
``r`` it is as it stands: so kept inputs that cannot be unpacked whole are no gaps in a scan of this repository.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Mapping

from fuzz.harness import _tars
from leaksweep.model import Blob, Unopened
from leaksweep.unpack.contents import DEPTH, LEAST, contents, large
from leaksweep.unpack.magic import HEAD, ZIP, Gap, ends_as_zip, is_packed
from leaksweep.unpack.parts import Part, windowed
from leaksweep.unpack.tar import is_tar

WORDS = (
    *_tars.WORDS,
    *(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0"),
    *(b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"),
)
repair = _tars.repair
LENGTH = 8192


def run(data: bytes) -> None:
    """Unpack, and hold it against what the standard library says."""
    kind, inner = data[:1], data[1:]
    pack = _PACKERS.get(kind)
    if pack is not None:
        data = pack(inner)
    found = list(contents(data))
    _in_order(found)
    if kind in b"gs" and not (len(inner) >= HEAD and is_tar(inner[:HEAD])):
        _holds(found, [inner])
    elif kind in b"tz":
        _holds(found, _members(inner) if kind == b"z" else [inner])
    items = list(windowed("x", found))
    size = sum(len(item.data) for item in items if isinstance(item, Blob))
    assert size >= sum(len(part.data) for part in found if isinstance(part, Part))
    _passes(data, items)
    if data.startswith(b"\x1f\x8b\x08") and is_packed(data[:HEAD]):
        _holds_gzip(data, found)
    if data.startswith(b"PK\x03\x04"):
        _holds_zip(data, found)


def _passes(data: bytes, items: list[Blob | Unopened]) -> None:
    """As it passes, it gives the same, and always its own bytes. Zip archives are read in another way, and how much
    comes before damage differs.
    """
    step = len(data) // 3 + 1
    passed = list(large("x", len(data), ((at, data[at : at + step]) for at in range(0, len(data), step))))
    own = [item for item in passed if isinstance(item, Blob) and item.own]
    assert b"".join(item.data[item.overlap :] for item in own) == data
    whole = not any(isinstance(item, Unopened) for item in (*items, *passed))
    if whole and len(data) > step and not data.startswith(ZIP) and not ends_as_zip(data):
        assert [item for item in passed if item not in own] == items


def _in_order(found: list[Part | Gap]) -> None:
    """The pieces of a content follow each other; all together are bounded."""
    expected: tuple[str, int] | None = None
    for item in found:
        if isinstance(item, Gap):
            assert item.why
            expected = None
            continue
        assert item.data
        assert expected is None or expected == (item.path, item.offset)
        expected = (item.path, item.offset + len(item.data)) if item.more else None
    assert expected is None
    assert sum(len(item.data) for item in found if isinstance(item, Part)) <= DEPTH * LEAST * 2


def _holds(found: list[Part | Gap], wanted: list[bytes]) -> None:
    """All that was packed is there as it was, whatever it is itself."""
    seen = {item.data for item in found if isinstance(item, Part)}  # so small a content is in one piece
    assert all(not content or content in seen for content in wanted), (wanted, found)


def _holds_gzip(data: bytes, found: list[Part | Gap]) -> None:
    try:
        plain = gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return
    if plain and not (len(plain) >= HEAD and is_packed(plain[:HEAD])):
        assert any(isinstance(item, Part) and item.data in plain for item in found), found
        first = [item for item in found if isinstance(item, Part) and "!/" not in item.path]
        assert b"".join(part.data for part in first) == plain or any(isinstance(item, Gap) for item in found)


def _holds_zip(data: bytes, found: list[Part | Gap]) -> None:
    """Every member that the standard library can read came out, if with more behind it, or there is a gap."""
    if any(isinstance(item, Gap) for item in found):
        return
    seen = {part.data for part in found if isinstance(part, Part)}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [archive.read(info) for info in archive.infolist() if not info.is_dir()]
    except Exception:
        return  # a broken one: what there is of it is judged by _in_order
    assert all(any(content.startswith(member) for content in seen) for member in members if member)


def _members(data: bytes) -> list[bytes]:
    return data.split(b"\0\0", 8)


def _zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(_members(data)):
            archive.writestr(f"{number}", member)
    return file.getvalue()


def _tarred(data: bytes) -> bytes:
    return _tars.member(b"inner", data) + bytes(1024)


def _zstd(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


_PACKERS: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"r": lambda data: data,
    b"g": lambda data: gzip.compress(data, 1, mtime=0),
    b"z": _zipped,
    b"s": _zstd,
    b"t": _tarred,
}
