"""A layer's bytes, compressed or not: an error or every file, however the bytes arrive, and a record that is kept.

Of a layer that was read, some files are read again, each from where it began: the same.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterator
from itertools import cycle

import zstandard

from fuzz.harness import _tars
from leaksweep.errors import ScanError
from leaksweep.model import Blob
from leaksweep.targets.image.changes import Changes, gone
from leaksweep.targets.image.layers import Again, layer
from leaksweep.targets.image.places import InLayer
from leaksweep.unpack.compression import is_compressed
from leaksweep.unpack.streams import Pieces

WORDS, repair = _tars.WORDS, _tars.repair
LENGTH = 8192
SIZES = (1, 7, 512, 3)  #: bytes that arrive at once
_Files = list[tuple[InLayer, int, bytes]]


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
        changes.names(origin.path or "")
    members = [file for file in whole if file[0].path is not None]
    if some := sorted({origin.at for origin, _, _ in members})[len(data) % 2 :: 2]:
        only = [Again(at, frozenset({""})) for at in some]
        assert _read([data], Changes(), only) == [file for file in members if file[0].at in some]
    again = Changes.load(changes.dump())
    assert again.dump() == changes.dump()
    paths = {origin.path or "" for origin, _, _ in whole}
    assert all(gone(path, [changes, Changes()]) is None for path in paths)


def _read(pieces: list[bytes], changes: Changes, only: Collection[Again] = ()) -> _Files | None:
    found: _Files = []
    try:
        for blob in (b for batch in layer("layer 1", "key", Pieces(iter(pieces)), changes, only=only) for b in batch):
            assert isinstance(blob, Blob)  # nothing here is too large for memory
            assert isinstance(blob.origin, InLayer)
            found.append((blob.origin, blob.offset, blob.data))
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
