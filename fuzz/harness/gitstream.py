"""What git prints, torn, mixed up or made up: the list of objects, their contents, the walk and the refs.

The input is a list of objects, then, after ``\0``, the answer to the question for them. The answer is also read as a
walk and as a list of refs.
"""

from __future__ import annotations

import io
import types
from typing import Any, cast

from leaksweep.errors import ScanError
from leaksweep.model import Blob
from leaksweep.targets.git import inventory, objects, refs
from leaksweep.targets.git.repository import Process, Repository
from leaksweep.targets.git.walk import Walk

WORDS = (
    *(b" blob ", b" commit ", b" tag ", b" tree ", b" missing\n", b"\n\n", b"\nmergetag ", b"\0", b"\n", b"0" * 40),
    *(b"commit ", b"parents ", b"?", b"refs/heads/", b"refs/tags/", b"refs/notes/", b"\xe2\x80\xa8", b"\xc2\x85"),
)
LENGTH = 4096


class _Process:
    """A git that prints what the input says."""

    path = "repository"

    def __init__(self, printed: bytes) -> None:
        self.popen = types.SimpleNamespace(stdin=io.BytesIO(), stdout=io.BytesIO(printed), wait=lambda: 0)

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def finish(self) -> None:
        """It ended well."""

    def close(self) -> None:
        """It ended."""

    def failure(self) -> ScanError:
        """What a git that ended too early is."""
        return ScanError("git ended", "try again")


class _Repository:
    """A repository whose git prints the list, then the answer."""

    path = "repository"
    digits = 40

    def __init__(self, printed: bytes) -> None:
        self.printed = printed

    def open(self, *_: object, stdout: Any = None, **__: object) -> Process:
        if stdout is not None:
            stdout.write(self.printed)
        return cast("Process", _Process(self.printed))

    def run(self, *_: object, **__: object) -> bytes:
        return self.printed

    def says(self, *_: object) -> None:
        return None


def run(data: bytes) -> None:
    """Read the list, then the objects of it; then the walk and the refs."""
    listed, _, answer = data.partition(b"\0")
    try:
        entries = list(inventory.inventory(_repository(listed)))
        assert len(entries) + listed.count(b" tree ") >= listed.strip(b"\n").count(b"\n") + bool(listed)
        list(inventory.entries(_repository(listed), ()))
    except ScanError:
        entries = []
    for batch in inventory.gathered(entries):
        _contents(batch, answer)
    _walk(answer)
    _refs(answer)


def _repository(printed: bytes) -> Repository:
    return cast("Repository", _Repository(printed))


def _contents(batch: list[inventory.Entry], answer: bytes) -> None:
    """Every object is the bytes that stand behind its line, or there is an error."""
    contents = objects.Contents(_repository(answer))
    try:
        found = [item for items in contents.blobs([batch]) for item in items if isinstance(item, Blob)]
    except ScanError:
        return
    finally:
        contents.close()
    at = 0
    for entry, blob in zip(batch, found, strict=True):
        assert answer.startswith(entry.line + b"\n", at)
        content = answer[at + len(entry.line) + 1 :][: entry.size]
        assert len(content) == entry.size
        assert content.endswith(blob.data)
        assert entry.kind != b"blob" or content == blob.data
        at += len(entry.line) + entry.size + 2


def _walk(printed: bytes) -> None:
    walk = Walk(_repository(printed), "HEAD")
    try:
        walk.missing()
        ids = set(walk.ids())
        steps = list(walk.steps([i.decode("ascii", "replace") for i in ids]))
        assert len(steps) == walk.commits + 1
    finally:
        walk.close()


def _refs(printed: bytes) -> None:
    """Refs as git lists them: any name that it allows."""
    names = [name for name in printed.split(b"\n") if name and min(name) > 0x20 and 0x7F not in name]
    listed = b"".join(b"%040d  %s\n" % (number, name) for number, name in enumerate(names))
    assert [name.decode("utf-8", "surrogateescape") for name in names] == [
        r.name for r in refs.refs(_repository(listed))
    ]
