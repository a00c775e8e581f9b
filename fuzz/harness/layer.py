"""A layer's bytes, compressed or not: an error or every file, however the bytes arrive, and a record that is kept."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import cycle

import zstandard

from fuzz.harness import _tars
from leaksweep.errors import ScanError
from leaksweep.targets.image.changes import Changes, gone
from leaksweep.targets.image.layers import layer
from leaksweep.targets.image.places import InLayer
from leaksweep.unpack.compression import is_compressed
from leaksweep.unpack.streams import Pieces

WORDS, repair = _tars.WORDS, _tars.repair
LENGTH = 8192
SIZES = (1, 7, 512, 3)  #: bytes that arrive at once
_Files = list[tuple[object, int, bytes]]


def run(data: bytes) -> None:
    """Read a layer that arrives whole, and one that arrives in pieces."""
    changes = Changes()
    whole = _read([data] if data else [], changes)
    assert whole == _read(_pieces(data), Changes())
    if not is_compressed(data[:6]):
        packed = gzip.compress(data, 1, mtime=0) if len(data) % 2 else zstandard.compress(data)
        assert whole == _read([packed], Changes())
    if whole is None:
        return
    for origin, _, _ in whole:
        assert isinstance(origin, InLayer)
        changes.names(origin.path or "")
    again = Changes.load(changes.dump())
    assert again.dump() == changes.dump()
    paths = {origin.path or "" for origin, _, _ in whole if isinstance(origin, InLayer)}
    assert all(gone(path, [changes, Changes()]) is None for path in paths)


def _read(pieces: list[bytes], changes: Changes) -> _Files | None:
    found: _Files = []
    try:
        for batch in layer("layer 1", "key", Pieces(iter(pieces)), changes):
            found.extend((blob.origin, blob.offset, blob.data) for blob in batch)
    except ScanError:
        return None
    return found


def _pieces(data: bytes) -> list[bytes]:
    return list(_cut(data))


def _cut(data: bytes) -> Iterator[bytes]:
    at = 0
    for size in cycle(SIZES):
        if at >= len(data):
            return
        yield data[at : at + size]
        at += size
