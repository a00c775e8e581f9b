"""The contents of a pack as families: one that stands there as it is, and all that is made from it, step by step."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import compress
from typing import NamedTuple

from leaksweep.model import WINDOW
from leaksweep.targets.git.deltas import Parts, Runs, made, parts
from leaksweep.targets.git.objects import message
from leaksweep.targets.git.packs import BLOB, COMMIT, TAG, TREE, Pack

LARGEST = WINDOW  #: bytes of a content that is read here
HELD = 64 * 1024 * 1024  #: bytes of the contents, each made from the one before, of which one more is made
_IS_TEXT = bytes(kind in (BLOB, COMMIT, TAG) for kind in range(256))
_IS_NO_TREE = bytes(kind != TREE for kind in range(256))
STEPS = 1000  #: of a delta, and one for each of its bytes in the pack: what compresses well may hold millions


class Version(NamedTuple):
    """A content; where it is made from another one, that and the ``parts`` in which there may be something new."""

    number: int  #: of its object in the pack
    kind: int
    size: int  #: bytes of the object
    text: bytes  #: its content; of a commit or a tag, its message
    base: int = -1  #: the number of the other one; -1: it is asked about as a whole
    runs: Runs = []  # noqa: RUF012 - nobody adds to it: what it has from the other one
    parts: Parts = []  # noqa: RUF012 - nobody adds to it


class Families:
    """Commits, tags and blobs of a pack. Of what is new, ``around`` bytes on each side belong to it."""

    def __init__(self, pack: Pack, around: int) -> None:
        self._pack = pack
        self._around = around
        self._kinds, bases = pack.heads()
        self._next = array("q", [-1]) * len(pack)  # of those that are made from the same one
        self._first = array("q", [-1]) * len(pack)  # of those that are made from it
        self.roots = array("q")  #: the numbers of those that are made from nothing
        for index in compress(range(len(pack)), self._kinds.translate(_IS_TEXT)):
            if (base := bases[index]) < 0:
                self.roots.append(index)
            else:
                self._next[index], self._first[base] = self._first[base], index

    def members(self) -> Iterator[int]:
        """The numbers of all objects but trees; one whose kind is not known may be one."""
        return compress(range(len(self._kinds)), self._kinds.translate(_IS_NO_TREE))

    def of(self, roots: Iterable[int]) -> Iterator[Version]:
        """All members of these families, each after what it is made from. What is too large or not as git writes it is
        left out, with all that is made from it; so is what takes too many steps to be made.
        """
        for root in roots:
            yield from self._family(root)

    def _family(self, root: int) -> Iterator[Version]:
        # Of each one on the way its number, its content, and the next that is made from it.
        path: list[tuple[int, bytes, int]] = [(-1, b"", root)]
        held = 0
        while path:
            base, before, index = path.pop()
            if index < 0:
                held -= len(before)
                continue
            path.append((base, before, self._next[index]))
            try:
                content, version = self._version(index, base, before)
            except (OSError, ValueError):
                continue
            yield version
            if (first := self._first[index]) >= 0 and held + len(content) <= HELD:
                held += len(content)
                path.append((index, content, first))

    def _version(self, index: int, base: int, before: bytes) -> tuple[bytes, Version]:
        content = self._pack.body(index, LARGEST)
        runs: Runs = []
        if base >= 0:
            steps = STEPS + self._pack.starts[index + 1] - self._pack.starts[index]
            content, runs = made(content, before, LARGEST, steps)
        size = len(content)
        if self._kinds[index] != BLOB:
            return content, Version(index, self._kinds[index], size, message(content))
        differs = parts(runs, len(before), size, self._around) if runs else []
        if not runs or 2 * sum([end - start for start, end in differs]) > size:
            return content, Version(index, BLOB, size, content)
        return content, Version(index, BLOB, size, content, base, runs, differs)
