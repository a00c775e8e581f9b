"""Which branches and tags hold a commit: asked for all commits at once, in the order of the walk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from leaksweep.model import Held
from leaksweep.targets.git.repository import Repository

LISTED = 10  #: branches and tags that a place names, of each
MARKED = 4096  #: commits that are followed; what holds those beyond is not told
NOTES = "refs/notes/"


class Ref(NamedTuple):
    """A branch, a tag or any other name, and the commit that it leads to."""

    name: str
    commit: str


class Marks:
    """Which of the commits of interest each commit has among its ancestors, as bits of a number.

    A commit that adds none shares its parent's number, so that long histories cost little.
    """

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._reached: dict[str, int] = {}

    def step(self, commit: str, parents: Iterable[str], wanted: bool) -> None:
        """The next commit, after its parents; ``wanted`` ones are of interest."""
        reached = 0
        for parent in parents:
            if (more := self._reached.get(parent, 0)) and more != reached:
                reached |= more
        if wanted and len(self._bits) < MARKED:
            reached |= self._bits.setdefault(commit, 1 << len(self._bits))
        if reached:
            self._reached[commit] = reached

    def holders(self, refs: Iterable[Ref]) -> dict[str, list[str]]:
        """For each commit of interest, the names that lead to it or to a commit after it."""
        found: dict[str, list[str]] = {commit: [] for commit in self._bits}
        for name, tip in refs:
            if reached := self._reached.get(tip):
                for commit, bit in self._bits.items():
                    if reached & bit:
                        found[commit].append(name)
        return found


def refs(repository: Repository) -> Iterator[Ref]:
    """Every ref, in the order of their names; a tag with the commit that it is of."""
    listed = repository.run("for-each-ref", "--format=%(objectname) %(*objectname) %(refname)")
    for line in listed.decode("utf-8", "surrogateescape").split("\n")[:-1]:  # names may hold other ends of lines
        own, peeled, name = line.split(" ", 2)
        yield Ref(name, peeled or own)


def held(holders: Mapping[str, list[str]], commit: str) -> Held:
    """What holds a commit, in people's words."""
    names = holders.get(commit, [])
    tags = [name.removeprefix("refs/tags/") for name in names if name.startswith("refs/tags/")]
    branches = [_branch(name) for name in names if not name.startswith(("refs/tags/", NOTES)) and not _is_alias(name)]
    return Held(tuple(branches[:LISTED]), tuple(tags[:LISTED]), len(branches), len(tags))


def only_notes(holders: Mapping[str, list[str]], commit: str) -> bool:
    """Whether nothing but notes holds a commit."""
    names = holders.get(commit, [])
    return bool(names) and all(name.startswith(NOTES) for name in names)


def _branch(name: str) -> str:
    for prefix in ("refs/heads/", "refs/remotes/"):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _is_alias(name: str) -> bool:
    """``refs/remotes/origin/HEAD`` says again what ``refs/remotes/origin/main`` says."""
    return name.startswith("refs/remotes/") and name.endswith("/HEAD")
