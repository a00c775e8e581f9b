"""A history that went on since an earlier run learned it: git walks only what is new, and all commits without their
files, for the order and for what branches and tags hold now.

All that was reachable then was searched then. What mattered is where it was, as long as refs reach it: none of the new
commits is an ancestor of one that was there. (Where two branches bring the same content, either may be told as first.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from leaksweep.errors import ScanError
from leaksweep.model import CommitFile, GitText
from leaksweep.targets.git.memory import Learned, Tips
from leaksweep.targets.git.objects import Origin
from leaksweep.targets.git.repository import Repository
from leaksweep.targets.git.walk import Step, Walk

MOST = 4  #: a history with more than a part in so many that is new is read as a new one, which is faster


class Continued:
    """The walk over ``revisions``, as ``Walk`` has it, of which what ``learned`` tells of is not walked again."""

    def __init__(self, repository: Repository, revisions: Sequence[str], learned: Learned) -> None:
        then = sorted(learned.tips.referred.union(learned.tips.commits))
        self._new = Walk(repository, "--ignore-missing", *revisions, *(f"^{tip}" for tip in then))
        self._all = Walk(repository, *revisions, objects=False)
        self._learned = learned
        self.commits = 0

    def near(self) -> bool:
        """Whether all that is new is here, and so little that reading it pays.

        Raises:
            ScanError: git could not walk to the end.
        """
        self._new.wait()
        return not self._new.missing() and sum(1 for _ in self.ids()) * MOST <= self._learned.listed["objects"]

    def wait(self) -> None:
        """Wait for its end.

        Raises:
            ScanError: git could not walk to the end.
        """
        self._all.wait()

    def missing(self) -> int:
        """How many objects are missing: none, or it would not be near."""
        found = self._all.missing()
        self.commits = self._all.commits
        return found

    def steps(self, wanted: Collection[str]) -> Iterator[Step]:
        """All commits, parents first, each with those of the ``wanted`` objects that it was the first to have."""
        new = {step.id: step.new for step in self._new.steps(wanted)}
        for origin, places in self._learned.places.items():
            for place in places:
                if isinstance(origin, Origin) and isinstance(place, CommitFile) and origin.id in wanted:
                    new.setdefault(place.commit.id, {})[origin.id] = place.path
        for step in self._all.steps(()):
            yield step._replace(new=new[step.id]) if step.id in new else step

    def ids(self) -> Iterator[bytes]:
        """Every object that is new, commits too."""
        known = {entry.id for entry in self._learned.entries}
        return (name for name in self._new.ids() if name not in known)

    def close(self) -> None:
        """Let go of the processes and the files."""
        self._new.close()
        self._all.close()


def continued(repository: Repository, revisions: Sequence[str], learned: Learned, tips: Tips) -> Continued | None:
    """The walk from what was learned to ``tips``; None where something that mattered may be gone, or much is new."""
    if not _still_there(repository, learned, tips):
        return None
    walk = Continued(repository, revisions, learned)
    if walk.near():
        return walk
    walk.close()
    return None


def _still_there(repository: Repository, learned: Learned, tips: Tips) -> bool:
    """Whether refs reach all that mattered. Where one of those is gone that did, each commit is asked about."""
    held: set[str] = set()
    unheld: set[str] = set()
    told = True  # whether of all of it a commit is known
    for place in chain.from_iterable(learned.places.values()):
        assert isinstance(place, (CommitFile, GitText))
        if isinstance(place, CommitFile) or place.kind == "commit":
            commit = place.commit.id if isinstance(place, CommitFile) else place.id
            (held if place.held.label else unheld).add(commit)
        elif place.kind == "note":
            told = False
        elif learned.tips.names(place.id) != tips.names(place.id):
            return False
    still = _reached(repository, learned.tips.referred) or (told and _reached(repository, held))
    return _reached(repository, unheld) and still


def _reached(repository: Repository, names: Collection[str]) -> bool:
    """Whether these commits are here, and refs or HEAD lead to all of them."""
    asked = "".join(f"{name}\n" for name in names).encode()
    try:
        return not repository.run("rev-list", "--max-count=1", "--stdin", "--not", "--all", stdin=asked)
    except ScanError:  # one is not here
        return False
