"""Objects' contents from ``git cat-file``, many at a time.

A content is there if its entry, as the inventory has it, stands before it, byte by byte.
"""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksweep.errors import ScanError
from leaksweep.model import WINDOW, Blob, Known, Unopened
from leaksweep.targets.git.causes import incomplete
from leaksweep.targets.git.inventory import Entry
from leaksweep.targets.git.repository import Process, Repository
from leaksweep.unpack.magic import HEAD, is_held

_END = 0x0A  # of a line
PIPE = 1024 * 1024  #: bytes that git may be ahead of its reader


class Origin(NamedTuple):
    """What a blob of git's is called until it is placed."""

    id: str
    kind: str


class Contents:
    """One ``git cat-file`` process, once something is asked for."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._process: Process | None = None
        self._opened = contextlib.ExitStack()
        self._end = weakref.finalize(self, self._opened.close)
        # Where it takes commands, it answers a whole batch at once; git before 2.36 answers object by object.
        self._commands = repository.says("cat-file", "--batch-command", "--buffer") is not None

    def close(self) -> None:
        """End it."""
        self._end()

    def blobs(self, batches: Iterable[Sequence[Entry]]) -> Iterator[Iterator[Blob | Unopened | Known]]:
        """The contents of each batch, to be consumed before the next one. git is asked for the next one before.

        Raises:
            ScanError: one of them did not come, or not whole.
        """
        asked: Sequence[Entry] = ()
        for batch in batches:
            process = self._process = self._process or self._start()
            self._ask(process, batch)
            if asked:
                yield self._answer(process, asked)
            asked = batch
        if asked and self._process:
            yield self._answer(self._process, asked)

    def _answer(self, process: Process, batch: Sequence[Entry]) -> Iterator[Blob | Unopened | Known]:
        read = 0
        for blob in _large(process, batch[0]) if batch[0].size > WINDOW else _small(process, batch):
            read += len(blob.data) - blob.overlap if isinstance(blob, Blob) and blob.own else 0
            yield blob
        yield Known(0, sum(entry.size for entry in batch) - read)  # the heads of commits and tags

    def _start(self) -> Process:
        how = ("--batch-command", "--buffer") if self._commands else ("--batch",)
        process = self._opened.enter_context(self._repository.open("cat-file", *how, stdin=subprocess.PIPE))
        with contextlib.suppress(OSError):  # a user may not have so much of pipes
            assert process.popen.stdout
            fcntl.fcntl(process.popen.stdout, fcntl.F_SETPIPE_SZ, PIPE)
        return process

    def _ask(self, process: Process, batch: Sequence[Entry]) -> None:
        each, end = (b"contents %s\n", b"flush\n") if self._commands else (b"%s\n", b"")
        assert process.popen.stdin
        try:
            process.popen.stdin.write(b"".join(each % entry.id for entry in batch) + end)
        except BrokenPipeError:
            process.popen.wait()
            raise process.failure() from None


def _small(process: Process, batch: Sequence[Entry]) -> Iterator[Blob]:
    """The contents of many small objects, read at once."""
    answer = _read(process, sum(len(entry.line) + entry.size + 2 for entry in batch))
    at = 0
    for entry in batch:
        start = at + len(entry.line) + 1
        if not answer.startswith(entry.line, at) or answer[start - 1] != _END:
            raise _unexpected(process, entry)
        at = start + entry.size + 1
        yield _blob(entry, answer[start : at - 1])


def _blob(entry: Entry, data: bytes) -> Blob:
    """A blob of a content; of a commit or a tag, its message."""
    name, kind, _ = entry.line.decode().split(" ")
    return Blob(Origin(name, kind), data if kind == "blob" else message(data))


def message(data: bytes) -> bytes:
    """The message of a commit or a tag; a ``mergetag`` in its head holds a tag with its message, so then all of it."""
    return data if b"\nmergetag " in data[: data.find(b"\n\n")] else data.partition(b"\n\n")[2]


def _large(process: Process, entry: Entry) -> Iterator[Blob | Unopened]:
    """The content of a large object, in windows, with what is packed inside it."""
    if _read(process, len(entry.line) + 1) != entry.line + b"\n":
        raise _unexpected(process, entry)
    origin = Origin(entry.id.decode(), entry.kind.decode())
    head = _read(process, HEAD)
    if is_held(entry.size, head):
        yield Blob(origin, head + _read(process, entry.size - HEAD))
    else:
        from leaksweep.unpack.contents import large  # few histories have such

        yield from large(origin, entry.size, _pieces(process, head, entry.size))
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
