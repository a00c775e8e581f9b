"""Objects' contents from ``git cat-file``, many at a time: a process for each worker, so inflating is done in parallel.

An *entry* is the line by which git announces an object, ``<id> <type> <size>``, as both the inventory and the answer
have it: a content is there if its entry stands before it, byte by byte.
"""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksweep.errors import ScanError
from leaksweep.model import WINDOW, Blob, Known
from leaksweep.targets.git.causes import incomplete
from leaksweep.targets.git.repository import Process, Repository
from leaksweep.unpack.magic import HEAD, HELD, is_packed
from leaksweep.unpack.windows import windows

FORMAT = "%(objectname) %(objecttype) %(objectsize)"
BATCH_BYTES = 2 * 1024 * 1024
BATCH_BLOBS = 512  #: their ids fit a pipe's 64 KiB, so that asking never waits for an answer
CHUNK = 1024 * 1024


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


class Origin(NamedTuple):
    """What a blob of git's is called until it is placed."""

    id: str
    kind: str


def inventory(repository: Repository) -> Iterator[Entry]:
    """Every object that is here but trees, in the order of the packs: deltas next to what they are made from.

    Raises:
        ScanError: git could not list them.
    """
    arguments = ("--batch-all-objects", f"--batch-check={FORMAT}", "--buffer", "--unordered")
    with repository.open("cat-file", *arguments) as process:
        for line in lines(process):
            if b" tree " not in line:
                yield Entry(line, int(line[line.rindex(b" ") + 1 :]))
        process.finish()


def entries(repository: Repository, ids: Iterable[bytes]) -> Iterator[Entry]:
    """The entries of these objects but trees.

    Raises:
        ScanError: one is not here.
    """
    asked = b"".join(b"%s\n" % i for i in ids)
    for line in repository.run("cat-file", f"--batch-check={FORMAT}", "--buffer", stdin=asked).splitlines():
        if line.endswith(b" missing"):
            raise incomplete(repository.path, f"the object {line.decode('ascii', 'replace').split()[0]} is missing")
        if b" tree " not in line:
            yield Entry(line, int(line[line.rindex(b" ") + 1 :]))


def lines(process: Process) -> Iterator[bytes]:
    """The lines that a process prints, without their ends."""
    stream, rest = process.popen.stdout, b""
    assert stream
    while chunk := stream.read(CHUNK):
        complete = (rest + chunk).split(b"\n")
        rest = complete.pop()
        yield from complete


def gathered(found: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Entries in batches of a worker's size; a large one stands alone."""
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


class Readers:
    """As many ``git cat-file`` processes as are in use at once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._free: list[Process] = []
        self._all: list[Process] = []
        # Where it takes commands, it answers a whole batch at once; git before 2.36 answers object by object.
        self._commands = repository.says("cat-file", "--batch-command", "--buffer") is not None
        self._end = weakref.finalize(self, _close, self._all)

    def close(self) -> None:
        """End all of them."""
        self._end()

    def blobs(self, batch: Sequence[Entry]) -> Iterator[Blob | Known]:
        """The contents of a batch.

        Raises:
            ScanError: one of them did not come, or not whole.
        """
        process = self._free.pop() if self._free else self._start()
        self._ask(process, batch)
        read = 0
        for blob in _large(process, batch[0]) if batch[0].size > WINDOW else _small(process, batch):
            read += len(blob.data) - blob.overlap
            yield blob
        yield Known(0, sum(entry.size for entry in batch) - read)  # the heads of commits and tags
        self._free.append(process)

    def _start(self) -> Process:
        how = ("--batch-command", "--buffer") if self._commands else ("--batch",)
        process = self._repository.open("cat-file", *how, stdin=subprocess.PIPE)
        self._all.append(process)
        with contextlib.suppress(OSError):  # a user may not have so much of pipes
            assert process.popen.stdout
            fcntl.fcntl(process.popen.stdout, fcntl.F_SETPIPE_SZ, CHUNK)
        return process

    def _ask(self, process: Process, batch: Sequence[Entry]) -> None:
        each, end = (b"contents %s\n", b"flush\n") if self._commands else (b"%s\n", b"")
        assert process.popen.stdin
        try:
            process.popen.stdin.write(b"".join(each % entry.id for entry in batch) + end)
        except BrokenPipeError:
            process.popen.wait()
            raise process.failure() from None


def _close(processes: list[Process]) -> None:
    while processes:
        processes.pop().close()


def _small(process: Process, batch: Sequence[Entry]) -> Iterator[Blob]:
    """The contents of many small objects, read at once."""
    answer = _read(process, sum(len(entry.line) + entry.size + 2 for entry in batch))
    at = 0
    for entry in batch:
        if not answer.startswith(entry.line, at):
            raise _unexpected(process, entry)
        start = at + len(entry.line) + 1
        at = start + entry.size + 1
        yield _blob(entry, answer[start : at - 1])


def _blob(entry: Entry, data: bytes) -> Blob:
    """A blob of a content; of a commit or a tag, its message."""
    name, kind, _ = entry.line.decode().split()
    if kind != "blob" and b"\nmergetag " not in data[: data.find(b"\n\n")]:  # which holds a tag with its message
        data = data.partition(b"\n\n")[2]
    return Blob(Origin(name, kind), data)


def _large(process: Process, entry: Entry) -> Iterator[Blob]:
    """The content of a large object, in windows."""
    if _read(process, len(entry.line) + 1)[:-1] != entry.line:
        raise _unexpected(process, entry)
    origin = Origin(entry.id.decode(), entry.kind.decode())
    head = _read(process, HEAD)
    if entry.size <= HELD and is_packed(head):
        yield Blob(origin, head + _read(process, entry.size - HEAD))
    else:
        yield from windows(origin, _pieces(process, head, entry.size))
    _read(process, 1)


def _pieces(process: Process, head: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    yield 0, head + _read(process, WINDOW - HEAD)
    for offset in range(WINDOW, size, WINDOW):
        yield offset, _read(process, min(WINDOW, size - offset))


def _read(process: Process, count: int) -> bytes:
    """Exactly ``count`` bytes of what the process prints."""
    stream = process.popen.stdout
    assert stream
    found = stream.read(count)
    if len(found) < count:
        parts = [found]
        while found and (count := count - len(found)):
            parts.append(found := stream.read(count))
        if not found:
            process.popen.wait()
            raise process.failure()
        return b"".join(parts)
    return bytes(found)


def _unexpected(process: Process, entry: Entry) -> ScanError:
    return incomplete(process.path, f"git did not give the object {entry.id.decode()}")
