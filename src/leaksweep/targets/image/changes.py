"""What a layer does to the files of those below it (the OCI image specification, "layer"): eight bytes a member.

The layers of an image come in any order, and only the few files that hold a secret need to be followed. So each layer
leaves hashes of the paths that it writes and removes, and the question is asked backwards: what became of this file?
"""

from __future__ import annotations

import posixpath
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from leaksweep.model import Gone
from leaksweep.unpack.tar import Member

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
LINKS = 100_000  #: hard links that one layer's record keeps; those beyond only make a file look removed
HARD_LINK, FOLDER = "1", "5"
_ARRAYS = ("_written", "_folders", "_removed", "_emptied")


class Changes:
    """The record of one layer. Members are added as they pass; it may be asked once all have."""

    def __init__(self) -> None:
        self._written = array("q")  # files, links, devices: whatever is no folder
        self._folders = array("q")
        self._removed = array("q")
        self._emptied = array("q")
        self._names: dict[str, list[str]] = {}  # file -> its other names
        self._links = 0
        self._sorted = False

    def add(self, member: Member) -> None:
        """Note a member of the layer."""
        path = inner(member.name)
        folder, _, name = path.rpartition("/")
        if name.startswith(WHITEOUT):
            if name == OPAQUE:
                self._emptied.append(_hash(folder))
            else:
                self._removed.append(_hash(_joined(folder, name.removeprefix(WHITEOUT))))
            return
        (self._folders if member.type == FOLDER else self._written).append(_hash(path))
        if member.type == HARD_LINK and self._links < LINKS:
            self._links += 1
            self._names.setdefault(inner(member.link), []).append(path)

    def names(self, path: str) -> set[str]:
        """All names that the content of ``path`` has in this layer."""
        found, pending = {path}, [path]
        while pending:
            new = set(self._names.get(pending.pop(), ())) - found
            found |= new
            pending.extend(new)
        return found

    def ends(self, path: str) -> str:
        """How this layer, above, ends ``path`` of a layer below: ``overwritten``, ``deleted`` or not at all."""
        self._sort()
        own = _hash(path)
        if _has(self._written, own) or _has(self._folders, own):
            return "overwritten"
        if _has(self._removed, own):
            return "deleted"
        gone = (_hash(above) for above in _above(path))
        if any(_has(some, above) for above in gone for some in (self._removed, self._emptied, self._written)):
            return "deleted"
        return ""

    def dump(self) -> dict[str, Any]:
        """The record as JSON has it, for another run."""
        self._sort()
        arrays = {name: b64encode(getattr(self, name).tobytes()).decode() for name in _ARRAYS}
        return {**arrays, "_names": self._names, "_links": self._links}

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> Changes:
        """The record that ``dump`` made."""
        made = cls()
        for name in _ARRAYS:
            getattr(made, name).frombytes(b64decode(dumped[name]))
        made._names, made._links, made._sorted = dict(dumped["_names"]), dumped["_links"], True
        return made

    def _sort(self) -> None:
        if not self._sorted:
            for name in _ARRAYS:
                setattr(self, name, array("q", sorted(getattr(self, name))))
            self._sorted = True


def gone(path: str, layers: Sequence[Changes]) -> Gone | None:
    """What became of a file of the first of these layers in those above it, or None where it is there to the end.

    ``layers`` are in the order of the image; the layer of ``Gone`` counts from the first, which is 0. A content with
    several names is gone when the last of them is.
    """
    ends = [_end(name, layers) for name in layers[0].names(inner(path))]
    return max((end for end in ends if end), key=lambda end: (end.layer, end.how)) if all(ends) else None


def inner(name: str) -> str:
    """A member's name as the path that it is unpacked to, below the root.

    >>> inner("./a//b/"), inner("/../a")
    ('a/b', 'a')
    """
    while name.startswith(("/", "./")):
        name = name.removeprefix("/").removeprefix("./")
    if name.endswith("/") or "//" in name or "./" in name or "/." in name:
        name = posixpath.normpath(f"/{name}").lstrip("/")
    return name


def _end(path: str, layers: Sequence[Changes]) -> Gone | None:
    for index in range(1, len(layers)):
        if how := layers[index].ends(path):
            return Gone(how, index)
    return None


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in, the root last."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _hash(path: str) -> int:
    """Eight bytes that are the same in every run."""
    digest = blake2b(path.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _has(some: array[int], wanted: int) -> bool:
    at = bisect_left(some, wanted)
    return at < len(some) and some[at] == wanted
