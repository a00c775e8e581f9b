"""Where bytes come from. A target yields batches of blobs, and afterwards says where the few that matter lie."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from leaksweep.deadline import Deadline
from leaksweep.model import Account, Blob, Hint, Known, Place, Skipped, Unopened
from leaksweep.traces import Trace

if TYPE_CHECKING:
    from leaksweep.cache import Cache

Item = Blob | Unopened | Skipped | Known
Batch = Iterable[Item]


class Stage(NamedTuple):
    """A part of a target: what it is called, and how many bytes of ``total`` were read before it."""

    name: str
    done: int = 0
    total: int = 0


class Target(Protocol):
    """A source of blobs.

    ``name`` is what the user named, ``run`` the category of the report run its places belong to.
    """

    name: str
    run: str

    @property
    def stage(self) -> Stage | None:
        """What is being read, for those who wait; None where there is nothing to tell apart."""

    def batches(self) -> Iterator[Batch]:
        """What there is to scan, in batches, each of which is consumed before the next one is asked for. Where there
        is a deadline, another thread than the one that made the target does that.

        Raises:
            ScanError: the target cannot be read to its end, so the scan is incomplete.
        """

    def locate(self, origins: Collection[Hashable]) -> dict[Hashable, tuple[Place, ...]]:
        """The places of these blobs; asked once, after the last batch, for all in which something was seen: what is not
        asked for is clean. A blob with no places is none of the target's: what was found in it is left out.
        """

    def account(self, blobs: int, size: int) -> Account:
        """What there was to scan, beside the ``blobs`` and bytes (``size``) that were scanned; asked last."""


@runtime_checkable
class Remembers(Target, Protocol):
    """A target that can leave out what earlier runs know of it."""

    def remember(self, cache: Cache, digest: str) -> None:
        """Use what ``cache`` holds under ``digest``, which names all that decides what is found, and add to it."""


class Sieve(Protocol):
    """Says of contents whether they hold something, many at a time and without a word on what it is."""

    around: int  #: bytes on each side of a change within which it can make something

    def plain(self, data: bytes) -> bool:
        """Whether a content is searched as it stands."""

    def empty(self, data: bytes, trace: Trace) -> bool:
        """Whether nothing at all is found in a content with this trace, after a closer look."""

    def ask(self, contents: Sequence[bytes]) -> dict[int, Trace]:
        """The traces of those in which there may be something, by their indexes."""


@runtime_checkable
class Sifts(Target, Protocol):
    """A target of contents that are versions of one another, most of which need not be read to be known as clean."""

    def sift(self, sieve: Callable[[], Sieve | None], deadline: Deadline) -> Iterator[int]:
        """Find out which contents hold nothing, before any is scanned; how many bytes of them are known so far. What
        makes the sieve is called only if there is something to sift: that takes as long as opening all rules.
        """


@runtime_checkable
class Learns(Remembers, Protocol):
    """A target that remembers more than which contents are clean."""

    def learn(self, held: Mapping[Hashable, Collection[str]], seen: Callable[[], Collection[Hint] | None]) -> None:
        """After the scan: the origins of secrets and gaps, each with the paths inside it, and what tells the public
        halves, None if too many.
        """
