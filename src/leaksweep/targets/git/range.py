"""A range of commits, ``BASE..HEAD``: what the commits that HEAD has and BASE has not brought, merges included."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from leaksweep.errors import UsageError
from leaksweep.targets.git.causes import cut_range, no_commit
from leaksweep.targets.git.inventory import Entry, entries
from leaksweep.targets.git.places import Asked
from leaksweep.targets.git.repository import Repository
from leaksweep.targets.git.target import Objects
from leaksweep.targets.git.walk import Walk


class Range(NamedTuple):
    """The two ends, as git understands them."""

    base: str
    head: str

    def __str__(self) -> str:
        return f"{self.base}..{self.head}"


def parse_range(text: str) -> Range:
    """``"main..topic"`` -> ``Range``; an empty end after the dots is HEAD. Three dots mean the same, as for a diff.

    Raises:
        UsageError: it is no range.
    """
    base, dots, head = text.partition("..")
    head = head.removeprefix(".")
    if not dots or not base or base.startswith("-") or head.startswith("-"):
        raise UsageError(f"--range {text}: this is no range of commits", "write it as BASE..HEAD")
    return Range(base, head or "HEAD")


def commit_range(path: str, wanted: Range, *, authors: bool = False) -> Objects:
    """The contents and messages that are new in a range.

    Raises:
        ScanError: there is no repository, it may not be read, or not all of the range is here.
    """
    repository = Repository(path)
    base, head = (_commit(repository, name) for name in wanted)
    asked = Asked((head,), "range", authors=authors, refs=False)
    target = brought(repository, str(wanted), asked, (head, f"^{base}"))
    target.name = f"{wanted} of {path}"
    return target


def brought(repository: Repository, name: str, asked: Asked, revisions: Sequence[str]) -> Objects:
    """What these revisions brought: ids, and ``^`` before those that have what does not count.

    Raises:
        ScanError: when it is scanned, not all of it is here.
    """

    def new(walk: Walk) -> Iterator[Entry]:
        walk.wait()
        ids = dict.fromkeys(walk.ids())
        if repository.shallow and not _shallow(repository).isdisjoint(ids):
            raise cut_range(repository.path, name)
        return entries(repository, ids)

    target = Objects(name, repository, new, asked)
    target.revisions = tuple(revisions)
    return target


def _commit(repository: Repository, name: str) -> str:
    commit = repository.says("rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}")
    if not commit:
        raise no_commit(repository.path, name)
    return commit


def _shallow(repository: Repository) -> set[bytes]:
    """The commits whose parents are not here."""
    file = repository.says("rev-parse", "--path-format=absolute", "--git-path", "shallow") or ""
    with open(os.fsencode(file), "rb") as lines:
        return {line.strip() for line in lines}
