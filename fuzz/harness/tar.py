"""The tar reader: no error but damage, and no member hidden that Python's tarfile sees."""

from __future__ import annotations

import tarfile
import warnings
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import NamedTuple

from fuzz.harness import _tars
from leaksweep.unpack.streams import Buffer, DamageError
from leaksweep.unpack.tar import Member, Tar

WORDS, repair = _tars.WORDS, _tars.repair
LENGTH = 8192


class File(NamedTuple):
    """A regular file of an archive."""

    name: str
    content: bytes


def run(data: bytes) -> None:
    """Read an archive by both readers."""
    found: list[tuple[Member, bytes]] = []
    try:
        found.extend(_members(data))
    except DamageError:
        return  # so nobody takes it for read
    assert len(found) <= len(data) // 512
    # Unlike Go, tarfile applies global headers to members, knows Solaris' ones, takes some maps for data, and the name
    # that a sparse file would have where there is no map.
    alike = all(member.type not in "gX" and member.segments is None for member, _ in found)
    alike = alike and b"GNU.sparse.name" not in data and not _long_name_differs(data)
    if alike and not _begins_empty(data) and not _extended_twice(data):
        _compare([File(m.name, c) for m, c in found if m.type in "07"], list(_reference(data)))


def _members(data: bytes) -> Iterator[tuple[Member, bytes]]:
    archive = Tar(Buffer(BytesIO(data)))
    while member := archive.next():
        pieces = list(archive.pieces(member))
        content = b"".join(piece for _, piece in pieces)
        assert member.segments is not None or len(content) == member.size
        assert len(content) <= len(data)
        ends = [offset + len(piece) for offset, piece in pieces]
        assert all(end <= offset for end, (offset, _) in zip(ends, islice(pieces, 1, None), strict=False))
        yield member, content


def _reference(data: bytes) -> Iterator[File]:
    """The regular files that tarfile sees, up to where it gives up."""
    try:
        with warnings.catch_warnings(action="ignore"), tarfile.open(fileobj=BytesIO(data), mode="r:") as archive:
            for info in archive:
                file = info.type in (b"0", b"\0", b"7") and not info.name.endswith("/")  # which Go takes for a folder
                if info.sparse is not None:  # it reads some more maps than Go does
                    return
                if file and info.size <= len(data):
                    content = archive.extractfile(info)
                    assert content
                    yield File(info.name, content.read())
    except (tarfile.TarError, ValueError, OverflowError, KeyError, IndexError, RecursionError, EOFError):
        return


def _begins_empty(data: bytes) -> bool:
    """Whether a size stands behind NULs, which Go skips, and tarfile takes for its end."""
    fields = (data[at + 124 : at + 136] for at in range(0, len(data), 512))
    return any(field.lstrip(b" ")[:1] == b"\0" and field.strip(b"\0 ") for field in fields)


def _long_name_differs(data: bytes) -> bool:
    """Whether a GNU long name is empty, which Go passes over, or without a NUL: tarfile reads on in its padding."""
    for start, size in _extensions(data, b"LK"):
        name, padding = data[start : start + size], data[start + size : start + _blocks(size)]
        if name[:1] in (b"", b"\0") or (b"\0" not in name and padding[:1] not in (b"", b"\0")):
            return True
    return False


def _extended_twice(data: bytes) -> bool:
    """Whether a member has two extended headers, of which Go takes the last and tarfile the first."""
    extended = dict(_extensions(data, b"x"))
    return any(start + _blocks(size) + 512 in extended for start, size in extended.items())


def _extensions(data: bytes, types: bytes) -> Iterator[tuple[int, int]]:
    """(where its content starts, its size) of each block that is of one of the types, if it is a header."""
    for at in range(0, len(data) - 512, 512):
        if data[at + 156] in types:
            field = data[at + 124 : at + 136]
            digits = bytes(byte for byte in field if byte in b"01234567")
            yield at + 512, int.from_bytes(field[1:]) if field[0] & 0x80 else int(digits or b"0", 8)


def _blocks(size: int) -> int:
    return -(-size // 512) * 512


def _compare(ours: list[File], theirs: list[File]) -> None:
    """tarfile's files are the first of ours: it takes damage for the end."""
    for own, other in zip(ours, theirs, strict=False):
        assert own.content == other.content, (own, other)
        assert other.name.endswith(own.name.rstrip("/")), (own.name, other.name)
    assert len(theirs) <= len(ours), (ours, theirs)
