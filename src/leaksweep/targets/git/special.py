"""What git would wait for, or read without end: a pipe or a device where a repository keeps its files.

No clone brings one, but a folder that came in an archive may.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from leaksweep.errors import ScanError, UsageError
from leaksweep.inputs import read

_READ = ("objects", "refs", "reftable", "logs", "info")  #: the folders of a repository that git reads to its depth
_FILE = 4096  #: bytes of a file that names another folder


def refuse(path: str, folder: str) -> None:
    """Make sure that git comes to an end in the repository that ``folder`` is in.

    Raises:
        ScanError: a pipe or a device is where it reads; ``path`` is what the user calls the folder.
    """
    for place in _folders(os.path.realpath(folder)):
        for file in _special(place):
            raise ScanError(f"{path}: {file} is a pipe or a device, which git would read for ever", "remove it")


def _folders(at: str) -> Iterator[str]:
    """The repository's own folder, what it is called in, and what it shares with other work trees."""
    found = _found(at)
    if found is None:
        return
    if not os.path.isdir(found):
        yield found
        target = named(found, b"gitdir: ")
        found = target and os.path.join(os.path.dirname(found), target)
    if os.path.isdir(found):
        yield found
        if shared := named(os.path.join(found, "commondir"), b""):
            yield os.path.join(found, shared)


def _found(at: str) -> str | None:
    """The ``.git`` of this folder or of the next one above that has one; a bare repository is its own."""
    while True:
        inside = os.path.join(at, ".git")
        if os.path.lexists(inside):
            return inside
        if os.path.isdir(os.path.join(at, "objects")) and os.path.lexists(os.path.join(at, "HEAD")):
            return at
        if at == os.path.dirname(at):
            return None
        at = os.path.dirname(at)


def named(file: str, head: bytes) -> str:
    """The folder that a file names, if it is one that does."""
    try:
        text = read(file, trusted=True, largest=_FILE)
    except UsageError:  # git will say so
        return ""
    return os.fsdecode(text.removeprefix(head).rstrip(b"\r\n")) if text.startswith(head) else ""


def _special(place: str) -> Iterator[str]:
    folders = [place] if os.path.isdir(place) else []
    if not folders and _endless(place):
        yield place
    while folders:
        top = folders.pop()
        try:
            entries = list(os.scandir(top))
        except OSError:  # git will say so
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders += [entry.path] if top != place or entry.name in _READ else []
            elif not entry.is_file(follow_symlinks=False) and _endless(entry.path):
                yield entry.path


def _endless(file: str) -> bool:
    try:
        mode = os.stat(file).st_mode
    except OSError:  # a link to nothing
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode)
