"""The packs of a repository, read without git: where each object is, and which is made from which.

A pack keeps most versions of a file as what differs from another version, some ten times smaller than git prints them.
The formats are those of gitformat-pack(5). Whatever is not as that page says is a ``ValueError``, and is left to git.
"""

from __future__ import annotations

import os
import struct
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from isal import isal_zlib

COMMIT, TREE, BLOB, TAG, DELTA = 1, 2, 3, 4, 6  #: kinds of objects; a delta is made from what stands before it
_TORN: Any = isal_zlib.error
OBJECTS = 4_000_000  #: of a pack that is read here: the index is sorted in memory
_INDEX, _PACK = b"\xfftOc\0\0\0\2", b"PACK\0\0\0\2"
_FANOUT = 1024  #: bytes
_LARGE = 1 << 31  #: of an offset: it stands in the table of large ones
_HEAD = 32  #: bytes that hold the head of an object
_AHEAD = 4 * 1024  #: bytes that are read for an object: what follows it is often wanted next
_PIECE = 4 * 1024 * 1024  #: bytes that are read at once


class Pack:
    """One pack. Its objects are numbered in the order of the file. It holds that open; ``close`` it.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no pack, or of a kind that only git reads.
    """

    def __init__(self, index: str, width: int) -> None:
        with open(index, "rb") as file:
            data = file.read(names := 8 + _FANOUT)
            count = int.from_bytes(data[_FANOUT + 4 :], "big")
            places = names + (width + 4) * count
            large, rest = divmod(os.fstat(file.fileno()).st_size - places - 4 * count - 2 * width, 8)
            if data[:8] != _INDEX or count > OBJECTS or not 0 <= large <= count or rest:
                raise ValueError("not an index of version 2, or too large a one")
            data += file.read(places + 4 * count + 8 * large - names)
        if len(data) < places + 4 * count + 8 * large:
            raise ValueError("a torn index")
        self._names, self.width = data[names : names + width * count], width
        offsets = _offsets(data, places, count, large)
        self._numbers = array("I", sorted(range(count), key=offsets.__getitem__))  # of each in the order of ids
        self.starts = array("Q", sorted(offsets))  #: where each object begins
        self._file = os.open(f"{index.removesuffix('idx')}pack", os.O_RDONLY | os.O_CLOEXEC)
        self.starts.append(max(0, os.fstat(self._file).st_size - width))  # of what follows the last
        self._read, self._first = b"", 0
        head = os.pread(self._file, 12, 0)
        if head[:8] != _PACK or int.from_bytes(head[8:], "big") != count or self.starts[-1] < max(self.starts):
            self.close()
            raise ValueError("not the pack of this index")

    def __len__(self) -> int:
        return len(self._numbers)

    def name(self, index: int) -> bytes:
        """The id of an object."""
        at = self._numbers[index] * self.width
        return self._names[at : at + self.width]

    def heads(self) -> tuple[bytearray, array[int]]:
        """The kind of each object, and the number of the one that it is made from, or -1; a kind of 0 is not known."""
        kinds, bases = bytearray(len(self)), array("i", [-1]) * len(self)
        starts = self.starts
        data, first, last = b"", 0, 0
        for index in range(len(self)):  # every object of every pack comes by here
            at = starts[index]
            if at + _HEAD > last:
                data, first = os.pread(self._file, _PIECE, at) + bytes(_HEAD), at
                last = at + len(data) - _HEAD if len(data) == _PIECE + _HEAD else starts[-1] + _HEAD
            here = at - first
            byte = data[here]
            kind = byte >> 4 & 7
            if kind == DELTA:
                while byte & 128:
                    here += 1
                    byte = data[here]
                here += 1
                byte = data[here]
                back = byte & 127
                while byte & 128:
                    here += 1
                    byte = data[here]
                    back = back + 1 << 7 | byte & 127
                base = bases[index] = bisect_left(starts, at - back, 0, index) if back <= at else index
                kind = kinds[base] if starts[base] == at - back < at else 0
            kinds[index] = kind
        return kinds, bases

    def body(self, index: int, most: int) -> bytes:
        """What stands in the pack of an object: its content, or its delta.

        Raises:
            ValueError: it is torn, or of more than ``most`` bytes.
        """
        start = self.starts[index]
        if self.starts[index + 1] - start > most + _HEAD + most // 1000:
            raise ValueError("too large")
        end = self.starts[index + 1]
        if start < self._first or end > self._first + len(self._read):
            self._read, self._first = os.pread(self._file, max(end - start, _AHEAD), start), start
        data = self._read[start - self._first : end - self._first]
        try:
            size, here = _head(data)
            stream = isal_zlib.decompressobj()
            found: bytes = stream.decompress(data[here:], size + 1) if size <= most else b""
        except (IndexError, _TORN):
            raise ValueError("a torn object") from None
        if len(found) != size or not stream.eof:
            raise ValueError("an object of another size")
        return found

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


class Store(NamedTuple):
    """All objects of a repository: its packs, and the ids of those that are files of their own."""

    packs: tuple[Pack, ...]
    loose: frozenset[bytes]

    def close(self) -> None:
        """Let go of all files."""
        for pack in self.packs:
            pack.close()


def store(objects: str, width: int) -> Store | None:
    """What is below a folder of objects whose ids have ``width`` bytes; None if only git can read all of it."""
    opened: list[Pack] = []
    try:
        folders = os.listdir(objects)
        if os.path.lexists(os.path.join(objects, "info", "alternates")):
            return None
        indexes = sorted(name for name in os.listdir(os.path.join(objects, "pack")) if name.endswith(".idx"))
        opened.extend(Pack(os.path.join(objects, "pack", name), width) for name in indexes)
        names = (two + name for two in folders if len(two) == 2 for name in os.listdir(os.path.join(objects, two)))
        loose = frozenset(bytes.fromhex(name) for name in names if len(name) == 2 * width)
    except (OSError, ValueError):  # git will say what is wrong
        Store(tuple(opened), frozenset()).close()
        return None
    return Store(tuple(opened), loose)


def _head(data: bytes) -> tuple[int, int]:
    """The size of what an object's compressed data holds, and where that begins."""
    byte = data[0]
    here, size, shift, delta = 1, byte & 15, 4, byte >> 4 & 7 == DELTA
    while byte & 128:
        byte = data[here]
        here += 1
        size |= (byte & 127) << shift
        shift += 7
    while delta:
        delta = data[here] & 128 != 0
        here += 1
    return size, here


def _offsets(data: bytes, places: int, count: int, many: int) -> Sequence[int]:
    """Where the objects begin, in the order of their ids; ``many`` offsets stand in the table of large ones."""
    small = struct.unpack_from(f">{count}I", data, places)
    if max(small, default=0) < _LARGE:
        return small
    large = struct.unpack_from(f">{many}Q", data, places + 4 * count)
    if max(small) - _LARGE >= many:
        raise ValueError("a torn index")
    return [at if at < _LARGE else large[at - _LARGE] for at in small]
