"""A target of git objects: the whole history, or what a range of commits brought."""

from __future__ import annotations

import contextlib
from binascii import hexlify, unhexlify
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from functools import cached_property

from leaksweep.cache import Cache
from leaksweep.cleanset import CleanSet
from leaksweep.deadline import Deadline
from leaksweep.model import Account, Blob, Count, Hint, Known, Place, Skipped, Subject
from leaksweep.targets import Batch, Item, Sieve
from leaksweep.targets.git.causes import incomplete
from leaksweep.targets.git.continued import Continued, continued
from leaksweep.targets.git.inventory import Entry, entries, gathered
from leaksweep.targets.git.memory import Inside, Learned, Memory
from leaksweep.targets.git.objects import Contents, Origin
from leaksweep.targets.git.packs import Pack, store
from leaksweep.targets.git.places import Asked, located
from leaksweep.targets.git.repository import Repository
from leaksweep.targets.git.sift import Sifted
from leaksweep.targets.git.walk import Walk

SAMPLE = 512  #: objects of a pack that tell whether it is new


class Objects:
    """Every object that ``entries`` lists, once; ``clean`` remembers those without a secret from run to run.

    ``bare`` is whether the folder is the repository itself, without a work tree.
    """

    def __init__(
        self, name: str, repository: Repository, entries: Callable[[Walk], Iterable[Entry]], asked: Asked
    ) -> None:
        self.name = name
        self.stage = None
        self.run = asked.category
        self.bare = repository.bare
        self.clean = CleanSet.nowhere()
        self.memory: Callable[[Cache, str], Memory] | None = None  #: of what may be found unchanged
        self._remembers: Memory | None = None
        self._recalls: Callable[[], Learned | None] = lambda: None
        self.revisions: tuple[str, ...] = ()
        self.packed = False  #: whether all that is in the packs is wanted
        self._repository = repository
        self._entries = entries
        self._asked = asked
        self._walk: Walk | Continued | None = None
        self._finished = False
        self._contents: Contents | None = None
        self._scanned: list[bytes] = []
        self._known = [0, 0]
        self._whole = False
        self._places: dict[Hashable, tuple[Place, ...]] = {}
        self._sifted: Sifted | None = None
        self._listed = {"objects": 0, "commits": 0, "bytes": 0}

    def sift(self, sieve: Callable[[], Sieve | None], deadline: Deadline) -> Iterator[int]:
        """Find out what holds nothing in packs that are new; the walk runs beside it. The bytes of it so far."""
        if self._learned or not self.packed:
            return
        self._walked()
        if there := store(self._repository.objects, self._repository.digits // 2):
            with contextlib.closing(there):
                if all(map(self._is_new, there.packs)) and (made := sieve()):
                    self._sifted = Sifted()
                    yield from self._sifted.sift(there, made, deadline)

    def batches(self) -> Iterator[Batch]:
        """Contents in batches; they are read when a batch is consumed. The walk runs beside them."""
        self._contents = contents = Contents(self._repository)
        if learned := self._learned:
            yield from self._again(learned, contents)
            if self._unchanged:
                return
        walk = self._walked()
        held = self._sifted.held if self._sifted else ()
        for batch in contents.blobs(gathered(self._unknown(self._new(walk)))):
            yield (_itself(item) if isinstance(item, Blob) and _id(item.origin) in held else item for item in batch)
        yield [Known(self._known[0], self._known[1])]
        self._finish(walk)
        missing = walk.missing()
        self._whole = not missing
        if missing:
            yield [self._missing(missing)]

    def locate(self, origins: Collection[Hashable]) -> dict[Hashable, tuple[Place, ...]]:
        """Places by commit and path, and the end of all processes."""
        if not self._contents:  # there was no time for a single object
            return {}
        self._contents.close()
        known = self._learned.places if self._learned else {}
        if self._unchanged:
            return {origin: known[origin] for origin in origins}
        walk = self._walked()
        self._finish(walk)
        self._places = located(self._repository, walk, origins, self._asked, known)
        walk.close()
        return self._places

    def learn(self, held: Mapping[Hashable, Collection[str]], seen: Callable[[], Collection[Hint] | None]) -> None:
        """What had no secret is remembered as clean, and a history that was all here as it is."""
        if self._unchanged:
            return
        self.clean.add(self._scanned, without=map(_id, self._places))
        if self._remembers and self._walk and self._whole:
            self._remembers.write(self._places, _inside(held, seen()), self._listed, self._walk.commits)

    def account(self, blobs: int, size: int) -> Account:
        """What was listed, and the commits that the walk met, which comes to them by another way."""
        walked = self._walk.commits if self._walk else self._learned.commits if self._learned else 0
        listed = self._listed
        commits = Count("commits", walked, min(walked, listed["commits"]))
        counts = (Count("objects", listed["objects"], blobs), commits, Count("bytes", listed["bytes"], size))
        return Account(counts, tuple(Subject(self._repository.path, "gitCommit", head) for head in self._asked.heads))

    def remember(self, cache: Cache, digest: str) -> None:
        """Leave out what earlier runs know to be clean under ``digest``, and remember what this one learns."""
        self.clean = CleanSet(cache, digest)
        if self.memory:
            self._remembers = self.memory(cache, digest)
            self._recalls = self._remembers.read()

    @cached_property
    def _learned(self) -> Learned | None:
        """What an earlier run learned, if it holds: nothing changed, or the walk goes on from there."""
        learned = self._recalls()
        if not learned or learned.same or not self._remembers:
            return learned
        self._walk = continued(self._repository, self.revisions, learned, self._remembers.tips)
        return learned if self._walk else None

    @property
    def _unchanged(self) -> bool:
        """Whether an earlier run learned all that there is to tell."""
        return self._learned is not None and self._learned.same

    def _walked(self) -> Walk | Continued:
        """The walk, which begins now if it has not."""
        self._walk = self._walk or Walk(self._repository, *self.revisions)
        return self._walk

    def _new(self, walk: Walk | Continued) -> Iterable[Entry]:
        """What there may be to search."""
        if isinstance(walk, Continued):
            return entries(self._repository, dict.fromkeys(walk.ids()))
        return self._others(self._sifted) if self._sifted else self._entries(walk)

    def _again(self, learned: Learned, contents: Contents) -> Iterator[Batch]:
        """What held something is read; the rest is known."""
        self._listed = {**learned.listed}
        for batch in contents.blobs(gathered(learned.entries)):
            yield (_only(learned.inside, item) for item in batch)
        objects = learned.listed["objects"] - len(learned.entries)
        yield [Known(objects, learned.listed["bytes"] - sum(entry.size for entry in learned.entries))]

    def _finish(self, walk: Walk | Continued) -> None:
        """Wait for the end of the walk, once."""
        if not self._finished:
            walk.wait()
        self._finished = True

    def _unknown(self, found: Iterable[Entry]) -> Iterator[Entry]:
        """Those that are not known to be clean."""
        digits = self._repository.digits
        listed = self._listed
        for entry in found:
            listed["objects"] += 1
            listed["commits"] += entry.line.startswith(b"c", digits + 1)
            listed["bytes"] += entry.size
            content = unhexlify(entry.line[:digits])
            if content not in self.clean:
                self._scanned.append(content)
                yield entry
            else:
                self._known[0] += 1
                self._known[1] += entry.size

    def _others(self, found: Sifted) -> Iterator[Entry]:
        """What is not known to be clean, after what is."""
        self._known = [len(found.clean), found.bytes]
        for what, count in (("objects", len(found.clean)), ("commits", found.commits), ("bytes", found.bytes)):
            self._listed[what] += count
        self._scanned.extend(found.clean)
        yield from entries(self._repository, map(hexlify, (*found.others, *found.held)))

    def _is_new(self, pack: Pack) -> bool:
        """Whether hardly anything in it is known to be clean, by a few of its objects; trees never are."""
        step = len(pack) // SAMPLE + 1
        known = sum(pack.name(index) in self.clean for index in range(0, len(pack), step))
        return known * step * 10 < len(pack)

    def _missing(self, count: int) -> Skipped:
        """Why objects are missing: a partial clone is a gap that the user knows of, anything else is damage."""
        if not self._repository.config(r"^(extensions\.partialclone|remote\..*\.promisor)$"):
            raise incomplete(self._repository.path, f"{count:,} objects are missing")
        why = f"{count:,} objects are not here: it is a partial clone; git fetch --refetch --no-filter brings them"
        return Skipped(self.name, why)


def _inside(held: Mapping[Hashable, Collection[str]], hints: Iterable[Hint] | None) -> dict[Hashable, set[str]] | None:
    """The paths inside each content at which there was a secret, a gap, or a public half of a key; None: not known."""
    if hints is None:
        return None
    found = {origin: {*paths} for origin, paths in held.items()}
    for hint in hints:
        found.setdefault(hint.origin, set()).add(hint.inside)
    return found


def _id(origin: Hashable) -> bytes:
    """The id of what git holds."""
    return unhexlify(origin.id) if isinstance(origin, Origin) else b""


def _itself(blob: Blob) -> Blob:
    """A content that is known to hold something, in which nothing is packed."""
    return blob._replace(only=frozenset(("",)))


def _only(inside: Inside, item: Item) -> Item:
    """A content, of which no more is searched than what is known to matter."""
    return item._replace(only=inside[item.origin]) if isinstance(item, Blob) else item
