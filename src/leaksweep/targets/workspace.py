"""The workspace: every regular file below a folder, whatever ``.gitignore`` says, except git's own.

Symbolic links are never followed, so a scan cannot be led out of the folder or round in circles. Files of any size
are read, large ones in overlapping windows and without the holes of sparse ones.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Hashable, Iterator
from itertools import chain, islice

from leaksweep.cache import Cache
from leaksweep.cleanset import CleanSet, git_id
from leaksweep.errors import UsageError
from leaksweep.model import WINDOW, Account, Blob, Count, File, Known, Place, Skipped, Unopened
from leaksweep.targets import Batch, Item
from leaksweep.unpack.magic import HEAD, is_held

FEW = 4 * 1024 * 1024  #: bytes of files that are searched whatever is known
BATCH = 64  #: files that are listed before they are read
_SLACK = 4096  #: bytes read beyond the size a file claims: pseudo files claim none, and a file may just have grown
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Workspace:
    """A folder, or one file. What is ``apart``, by its real path, is not read: it is ours."""

    run = "workspace"
    stage = None

    def __init__(self, path: str, apart: Collection[str] = ()) -> None:
        self.name = path
        self._root = os.path.realpath(path)
        self._apart = {os.path.relpath(own, self._root) for own in apart}
        if not os.path.exists(self._root):
            raise UsageError(f"{path}: there is no such file or folder", "give the path of a folder to scan")
        self._is_file = not os.path.isdir(self._root)
        self._base = _base(os.path.dirname(self._root) if self._is_file else self._root)
        self._listed = 0  # files
        self._clean = CleanSet.nowhere()
        self._read_bytes = 0

    def remember(self, cache: Cache, digest: str) -> None:
        """Leave out what a scan of the history knows to be clean."""
        self._clean = CleanSet(cache, digest)

    def batches(self) -> Iterator[Batch]:
        """Files in batches; they are opened and read when a batch is consumed."""
        found = iter([os.path.basename(self._root)]) if self._is_file else self._walk()
        while batch := list(islice(found, BATCH)):
            self._listed += sum(isinstance(path, str) for path in batch)
            yield self._read(batch)

    def locate(self, origins: Collection[Hashable]) -> dict[Hashable, tuple[Place, ...]]:
        """The origin of a file is its path below the scanned folder; reports want it from the repository's root."""
        return {origin: (File(f"{self._base}{origin}"),) for origin in origins}

    def account(self, blobs: int, size: int) -> Account:
        """The files that were listed."""
        return Account((Count("files", self._listed, blobs), Count("bytes", size, size)))

    def _walk(self) -> Iterator[str | Skipped]:
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(os.path.join(self._root, folder)) as entries:
                    for entry in sorted(entries, key=lambda e: e.name):
                        path = f"{folder}{entry.name}"
                        if entry.name == ".git" or path in self._apart:
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(path + "/")
                        elif entry.is_file(follow_symlinks=False):
                            yield path
            except OSError as error:
                yield Skipped(folder or ".", _why(error))

    def _read(self, batch: list[str | Skipped]) -> Iterator[Item]:
        base = os.path.dirname(self._root) if self._is_file else self._root
        for path in batch:
            if isinstance(path, Skipped):
                yield path
                continue
            try:
                yield from map(self._unless_known, _blobs(f"{base}/{path}", path))
            except NoFileError:
                yield Skipped(path, "was a file when its folder was listed, and is none any more")
            except OSError as error:
                yield Skipped(path, _why(error))

    def _unless_known(self, blob: Blob | Unopened) -> Item:
        """What is to be searched: not a file that is in the history as it is, and clean there."""
        if isinstance(blob, Unopened) or not blob.own or not blob.last or blob.offset:
            return blob
        self._read_bytes += len(blob.data)
        if self._read_bytes < FEW:  # to know what is clean takes time, too
            return blob
        known = len(self._clean) and git_id(blob.data) in self._clean
        return Known(1, len(blob.data)) if known else blob


def below_root(path: str) -> str:
    """A path as reports have it: from where the program runs, if it is below that, else its last name."""
    absolute = os.path.realpath(path)
    return f"{_base(os.path.dirname(absolute))}{os.path.basename(absolute)}"


def _base(root: str) -> str:
    """What stands before a path in reports: a scan of ``sub`` in the current folder reports ``sub/file``.

    The file system's root is no repository: a container that scans ``/src`` from there reports ``file``.
    """
    here = os.path.realpath(os.curdir)
    below = here not in (root, "/") and os.path.commonpath((root, here)) == here
    return os.path.relpath(root, here) + "/" if below else ""


class NoFileError(Exception):
    """What was listed as a file is none."""


def _blobs(absolute: str, path: str) -> Iterator[Blob | Unopened]:
    handle = os.open(absolute, _FLAGS)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NoFileError
        if status.st_size > WINDOW and not is_held(status.st_size, os.pread(handle, HEAD, 0)):
            pieces = iter(_extents(handle, status.st_size))
            first = next(pieces, (0, b""))  # nothing, of a file that is all hole
            from leaksweep.unpack.contents import large  # few folders have such

            yield from large(path, status.st_size, chain([first], pieces))
        else:
            data = os.read(handle, status.st_size + _SLACK)
            while 0 < len(data) < status.st_size and (more := os.read(handle, WINDOW)):
                data += more
            yield Blob(path, data)
    finally:
        os.close(handle)


def _extents(handle: int, size: int) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) pieces of a large file, without its holes. A file that grows meanwhile is read to ``size``."""
    offset = 0
    while offset < size:
        try:
            offset = os.lseek(handle, offset, os.SEEK_DATA)
            hole = os.lseek(handle, offset, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole up to the end
                return
            hole = size  # a file system that knows no holes
        while offset < min(hole, size):
            piece = os.pread(handle, min(WINDOW, hole - offset), offset)
            if not piece:
                return
            yield offset, piece
            offset += len(piece)


def _why(error: OSError) -> str:
    return f"cannot be read: {error.strerror or type(error).__name__}"
