"""Which objects there are, and in which batches they are read.

An *entry* is the line by which git announces an object, ``<id> <type> <size>``, in its list as in its answer.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from leaksweep.model import WINDOW
from leaksweep.redact import printable
from leaksweep.targets.git.causes import incomplete
from leaksweep.targets.git.repository import Process, Repository, scratch

FORMAT = "%(objectname) %(objecttype) %(objectsize)"
BATCH_BYTES = 2 * 1024 * 1024
BATCH_BLOBS = 384  #: those of two batches fit a pipe's 64 KiB, so that asking never waits for an answer
CHUNK = 1024 * 1024  #: bytes of a list that are read at once


class Entry(NamedTuple):
    """An object: its id, its type and its size, with the line that says so."""

    line: bytes
    size: int

    @property
    def id(self) -> bytes:
        """Its id in hexadecimal digits."""
        return self.line[: self.line.index(b" ")]

    @property
    def kind(self) -> bytes:
        """``blob``, ``commit``, ``tag`` or ``tree``."""
        return self.line.split(b" ")[1]


def inventory(repository: Repository) -> Iterator[Entry]:
    """Every object that is here but trees, in the order of the packs: deltas next to what they are made from.

    Raises:
        ScanError: git could not list them.
    """
    arguments = ("--batch-all-objects", f"--batch-check={FORMAT}", "--buffer", "--unordered")
    with repository.open("cat-file", *arguments) as process:
        for line in lines(process):
            if b" tree " not in line:
                yield _entry(repository, line)
        process.finish()


class Listing:
    """The entries of some objects, for which git looks until they are wanted."""

    def __init__(self, repository: Repository, ids: Iterable[bytes]) -> None:
        self._repository = repository
        self._printed = scratch()
        with scratch() as asked:
            asked.write(b"".join(b"%s\n" % i for i in ids))
            asked.seek(0)
            arguments = ("cat-file", f"--batch-check={FORMAT}", "--buffer")
            self._process = repository.open(*arguments, stdin=asked, stdout=self._printed)
        weakref.finalize(self, self._process.close)

    def entries(self) -> Iterator[Entry]:
        """All but trees, once.

        Raises:
            ScanError: one is not here.
        """
        with self._printed, self._process as process:
            process.finish()
            self._printed.seek(0)
            for line in self._printed.read().splitlines():
                if b" tree " not in line:
                    yield _entry(self._repository, line)


def entries(repository: Repository, ids: Iterable[bytes]) -> Iterator[Entry]:
    """The entries of these objects but trees.

    Raises:
        ScanError: one is not here.
    """
    yield from Listing(repository, ids).entries()


def _entry(repository: Repository, line: bytes) -> Entry:
    """The entry of a line of git's; one that says that an object is missing may mean that it is damaged."""
    size = line[line.rfind(b" ") + 1 :]
    if size.isdigit() and line.count(b" ") == 2 and line.isascii():
        return Entry(line, int(size))
    name = printable(line.decode("ascii", "replace").split(" ")[0])
    raise incomplete(repository.path, f"the object {name} is missing or damaged")


def lines(process: Process) -> Iterator[bytes]:
    """The lines that a process prints, without their ends; a last one without an end too, since it may be torn."""
    stream, rest = process.popen.stdout, b""
    assert stream
    while chunk := stream.read(CHUNK):
        complete = (rest + chunk).split(b"\n")
        rest = complete.pop()
        yield from complete
    if rest:
        yield rest


def gathered(found: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Entries in batches of some size; a large one stands alone."""
    batch: list[Entry] = []
    size = 0
    for entry in found:
        if entry.size > WINDOW:
            yield [entry]
            continue
        batch.append(entry)
        size += entry.size
        if size >= BATCH_BYTES or len(batch) >= BATCH_BLOBS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
