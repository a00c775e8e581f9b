"""What the next commit brings: the contents in the index that HEAD does not have at their paths, never the work tree.

Of a merge, only what no side of it has: the rest was committed before.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Hashable, Iterator

from leaksweep.model import Account, Count, File, Place
from leaksweep.targets import Batch
from leaksweep.targets.git.inventory import entries, gathered
from leaksweep.targets.git.objects import Contents, Origin
from leaksweep.targets.git.repository import Repository

_DIFF = ("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff", "--diff-filter=AMT")
_SUBMODULE = b"160000"


class Staged:
    """The staged contents, each once, whatever number of paths have it."""

    name = "what is staged"
    run = "workspace"
    stage = None

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._paths: dict[str, list[str]] = {}
        self._size = 0  # bytes that are listed

    def batches(self) -> Iterator[Batch]:
        """Contents in batches; they are read when a batch is consumed."""
        for path, content in sorted(self._changed()):
            self._paths.setdefault(content, []).append(path)
        contents = Contents(self._repository)
        listed = list(entries(self._repository, [content.encode() for content in self._paths]))
        self._size = sum(entry.size for entry in listed)
        yield from contents.blobs(gathered(listed))

    def locate(self, origins: Collection[Hashable]) -> dict[Hashable, tuple[Place, ...]]:
        """Files of the work tree, from its top: that is where they are to be mended."""
        found = (origin for origin in origins if isinstance(origin, Origin))
        return {origin: tuple(File(path) for path in self._paths[origin.id]) for origin in found}

    def account(self, blobs: int, size: int) -> Account:
        """The contents that are staged."""
        return Account((Count("objects", len(self._paths), blobs), Count("bytes", self._size, size)))

    def _changed(self) -> set[tuple[str, str]]:
        """(path, content) of what no parent of the next commit has there."""
        return set.intersection(*(set(_against(self._repository, parent)) for parent in _parents(self._repository)))


def _parents(repository: Repository) -> list[str]:
    """The parents of the next commit: HEAD, and the other sides of a merge; the empty tree for the first commit."""
    if not (head := repository.says("rev-parse", "--quiet", "--verify", "HEAD^{commit}")):
        return [repository.run("hash-object", "-t", "tree", "--stdin", stdin=b"").decode().strip()]
    merged = repository.says("rev-parse", "--path-format=absolute", "--git-path", "MERGE_HEAD") or ""
    try:
        with open(os.fsencode(merged), "rb") as file:
            return [head, *file.read().decode("ascii", "replace").split()]
    except FileNotFoundError:
        return [head]


def _against(repository: Repository, tree: str) -> Iterator[tuple[str, str]]:
    parts = iter(repository.run(*_DIFF, tree, "--").split(b"\0"))
    for part in parts:
        if not part:
            return
        _, mode, _, content, _ = part.split(b" ")
        path = os.fsdecode(next(parts))
        if mode != _SUBMODULE:
            yield path, content.decode()
