"""One walk over history, beside the scan: that everything is here, and which commit first had what.

``git rev-list --objects --in-commit-order --reverse`` prints each commit after its parents and, after it, the objects
that no commit before it has; ``--left-right`` puts a mark before commits. So the walk that proves a repository whole
says where each secret came in, too. Its output (some 60 bytes an object) goes to a temporary file and is searched once
the scan knows for what.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Collection, Iterator, Sequence
from typing import IO, NamedTuple

from leaksweep.targets.git.repository import Process, Repository, scratch

_OPTIONS = ("--topo-order", "--reverse", "--parents", "--left-right")
_OBJECTS = ("--objects", "--in-commit-order", "--missing=print")

_COMMIT, _MISSING = b">", b"?"  #: how lines begin that are not of objects which are here
_PIECE = 1024 * 1024  #: bytes that are counted in at once


class Step(NamedTuple):
    """A commit of the walk and what was asked for of its new objects: their ids, and what git calls them there.

    Before the first commit, ``id`` is empty.
    """

    id: str
    parents: Sequence[str]
    new: dict[str, str]


class Walk:
    """The walk over ``revisions``, which runs until it is asked; without ``objects``, over commits alone.

    Those are options of ``git rev-list``, and ids; with ``^`` before it, an id is that of what is left out.
    """

    def __init__(self, repository: Repository, *revisions: str, objects: bool = True) -> None:
        self._digits = repository.digits
        self.commits = 0  #: that it met; known once ``missing`` was asked
        self._file = scratch()
        options = [revision for revision in revisions if revision.startswith("--")]
        how = (*_OPTIONS, *(_OBJECTS if objects else ()), *options)
        with scratch() as ids:  # there may be more than a command line holds
            ids.write("".join(f"{revision}\n" for revision in revisions if revision not in options).encode())
            ids.seek(0)
            self._process = repository.open("rev-list", *how, "--stdin", stdin=ids, stdout=self._file)
        self._end = weakref.finalize(self, _close, self._process, self._file)

    def wait(self) -> None:
        """Wait for its end.

        Raises:
            ScanError: git could not walk to the end.
        """
        with self._process:
            self._process.finish()

    def missing(self) -> int:
        """How many objects are missing."""
        self.commits = self._count(_COMMIT)
        return self._count(_MISSING)  # a name cannot hold a line's end here

    def steps(self, wanted: Collection[str]) -> Iterator[Step]:
        """The commits, parents first, each with those of the ``wanted`` objects that it was the first to have."""
        ids = {name.encode() for name in wanted}
        commit, parents, new = "", list[str](), dict[str, str]()
        for line in self._lines():
            if line.startswith(_COMMIT):
                yield Step(commit, parents, new)
                commit, *parents = line[1:].decode("ascii", "surrogateescape").split() or [""]
                new = {}
            elif line[: self._digits] in ids:
                new[line[: self._digits].decode()] = os.fsdecode(line[self._digits + 1 : -1])
        yield Step(commit, parents, new)

    def ids(self) -> Iterator[bytes]:
        """Every object of the walk, commits too."""
        for line in self._lines():
            if line.startswith(_COMMIT):
                yield line[1 : 1 + self._digits]
            elif not line.startswith(_MISSING):
                yield line[: self._digits]

    def close(self) -> None:
        """Let go of the process and the file."""
        self._end()

    def _lines(self) -> Iterator[bytes]:
        """What was printed, line by line; asked for once at a time."""
        self._file.seek(0)
        return iter(self._file)

    def _count(self, start: bytes) -> int:
        """How many lines begin so."""
        line, text, found = b"\n" + start, b"\n", 0
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            text = text[1 - len(line) :] + piece
            found += text.count(line)
        return found


def _close(process: Process, file: IO[bytes]) -> None:
    process.close()
    file.close()
