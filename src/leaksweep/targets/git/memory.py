"""What the last run learned of a history: which contents matter, and their places.

Where everything that decides what is in it and what is told of it is the same (refs by name, all tips of refs, HEADs,
stashes and reflogs, the rules), neither the list of objects nor the walk is asked for again; where it went on, only
what is new is walked (``continued.py``). Contents that held something are read and judged anew, since no secret is
remembered. They are named by a commit and a path: a content's own id is a plain hash of it, and it may be a secret and
nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, NamedTuple

from leaksweep.cache import Cache
from leaksweep.errors import ScanError
from leaksweep.model import Commit, CommitFile, GitText, Held, Place
from leaksweep.targets.git.inventory import Entry, Listing
from leaksweep.targets.git.objects import Origin
from leaksweep.targets.git.places import Places
from leaksweep.targets.git.repository import Repository

VERSION = 3  #: of what is written
MOST = 100_000  #: contents with something in them; a history with more is walked each time

Inside = Mapping[Hashable, frozenset[str] | None]


class Tips(NamedTuple):
    """From where a history is walked: each ref as ``<id> <name>``, and commits, those of reflogs and HEADs too."""

    refs: tuple[str, ...]
    commits: tuple[str, ...]

    @classmethod
    def of(cls, repository: Repository) -> Tips:
        """Those of now."""
        refs = repository.run("for-each-ref", "--format=%(objectname) %(refname)")
        commits = repository.run("rev-list", "--no-walk=unsorted", "--all", "--reflog", "--")
        return cls(tuple(os.fsdecode(refs).split("\n")[:-1]), tuple(commits.decode().split()))

    @property
    def referred(self) -> set[str]:
        """The ids of what refs refer to."""
        return {ref.partition(" ")[0] for ref in self.refs}

    def names(self, content: str) -> list[str]:
        """What refers to an object directly."""
        return [ref for ref in self.refs if ref.startswith(content)]


class Learned(NamedTuple):
    """What is remembered: the contents that matter, where they are, what inside them matters (``""``: their own
    bytes; None: everything), how much there was in all, from which tips, and whether they are the same now.
    """

    entries: tuple[Entry, ...]
    places: Places
    inside: Inside
    listed: dict[str, int]
    commits: int
    tips: Tips
    same: bool


class Memory:
    """The memory of one history, by its folder, under one ``digest`` of rules and options; ``head`` is checked out."""

    def __init__(self, cache: Cache, digest: str, repository: Repository, head: str, *told: object) -> None:
        self._cache = cache
        self._repository = repository
        named = repr((VERSION, digest, repository.folder, *told)).encode("utf-8", "surrogateescape")
        self._name = f"walk-{hashlib.blake2b(named, digest_size=16).hexdigest()}"
        self.tips = Tips.of(repository)
        self._head = head

    def read(self) -> Callable[[], Learned | None]:
        """What is known of it, for when it is wanted: until then, git looks for the contents. None where nothing is
        known, or the file is torn or foreign.
        """
        data = self._cache.unseal(self._name)
        if data is None:
            return lambda: None
        said = json.loads(data)
        names = [os.fsencode(name) for name, *_ in said["places"]]
        return partial(self._learned, said, Listing(self._repository, names))

    def _learned(self, said: dict[str, Any], listing: Listing) -> Learned | None:
        rows: list[tuple[str, list[Any], list[str] | None]] = said["places"]
        try:
            found = list(listing.entries())
        except ScanError:  # what is no longer here is found out by the walk
            return None
        origins = [Origin(entry.id.decode(), entry.kind.decode()) for entry in found]
        known = list(zip(origins, rows, strict=True))
        places: Places = {origin: tuple(map(_place, some)) for origin, (_, some, _) in known}
        inside: Inside = {origin: None if paths is None else frozenset(paths) for origin, (_, _, paths) in known}
        tips = Tips(*map(tuple, said["tips"]))
        same = (tips, said["head"]) == (self.tips, self._head)
        return Learned(tuple(found), places, inside, said["listed"], said["commits"], tips, same)

    def write(
        self, places: Places, inside: Mapping[Hashable, set[str]] | None, listed: dict[str, int], commits: int
    ) -> None:
        """Remember it, if all that matters can be named; ``inside`` may not be known."""
        rows = [
            (_name(origin, some), some, None if inside is None else sorted(inside[origin]))
            for origin, some in places.items()
            if some and (inside is None or origin in inside)
        ]
        rows.sort(key=lambda row: row[0].partition(":")[2])  # git finds what lies together faster
        if len(rows) <= MOST and all(name for name, *_ in rows):
            said = {"places": rows, "listed": listed, "commits": commits, "tips": self.tips, "head": self._head}
            body = json.dumps(said, separators=(",", ":")).encode()
            self._cache.seal(self._name, body)


def _name(origin: Hashable, places: tuple[Place, ...]) -> str:
    """A name by which git finds a content again, without a hash of it; empty where there is none."""
    if isinstance(origin, Origin) and origin.kind in ("commit", "tag"):  # more than their messages is in them
        return origin.id
    return next((f"{p.commit.id}:{p.path}" for p in places if isinstance(p, CommitFile) and "\n" not in p.path), "")


def _place(row: list[Any]) -> Place:
    """A place as it was before it was written; a tuple of text becomes a list on the way."""
    if len(row) == len(CommitFile._fields):
        path, commit, first, in_head, held, *rest = row
        return CommitFile(path, Commit(*commit), Commit(*first), in_head, _held(held), *rest)
    kind, name, called, held, *rest = row
    return GitText(kind, name, called, _held(held), *rest)


def _held(row: list[Any]) -> Held:
    branches, tags, *counts = row
    return Held(tuple(branches), tuple(tags), *counts)
