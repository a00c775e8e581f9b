"""What is done with blobs: they are counted, searched, unpacked. Small ones are asked about together.

A call of the engine costs as much as scanning some kilobytes, and most small contents (commit messages, short files)
hold nothing. So they are joined and asked about at once; only those in which something may end
are then scanned, each by itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import chain

from leaksweep.engine import Engine, Notes, Witnesses
from leaksweep.model import Blob, Known, Sighting, Skipped, Unopened
from leaksweep.sieve import is_plain
from leaksweep.targets import Batch
from leaksweep.unpack.magic import HEAD, ends_as_zip, is_packed
from leaksweep.unpack.parts import windowed

SMALL = 64 * 1024  #: bytes of a content that is asked about together with others
TOGETHER = 1024 * 1024  #: bytes that are asked about at once


def holds_others(blob: Blob) -> bool:
    """Whether other contents are packed in a blob. Those in what came out of another one come by themselves, and so do
    those in one that comes in windows.
    """
    whole = blob.first and blob.last and not blob.inside
    return whole and (is_packed(blob.data[:HEAD]) or ends_as_zip(blob.data))


def _is_asked(blob: Blob, path: str) -> bool:
    return blob.only is None or path in blob.only


def _around(inside: str) -> Iterator[str]:
    """The paths of what a path is inside of, the outer content's first, which is empty."""
    names = inside.split("!/")
    return ("!/".join(names[:depth]) for depth in range(len(names)))


class Tally:
    """What was done on a target."""

    def __init__(self) -> None:
        self.blobs = 0
        self.bytes = 0
        self._sightings: list[Sighting] = []
        self.skipped: list[Skipped] = []
        self.unopened: list[Unopened] = []
        self.witnesses = Witnesses()
        self.cut = False  #: whether time ran out before everything was scanned

    def so_far(self) -> Tally:
        """What was done by a thread that does not come back; it may still be at it."""
        found = Tally()
        found.blobs, found.bytes, found.cut = self.blobs, self.bytes, True
        found._sightings, found.skipped, found.unopened = [*self._sightings], [*self.skipped], [*self.unopened]
        return found

    @property
    def sightings(self) -> list[Sighting]:
        """All secrets. What is packed without compression is seen from outside, too: that is left out."""
        packed = [s for s in self._sightings if s.inside]
        outside = {(s.origin, s.match.secret, path) for s in packed for path in _around(s.inside)}
        return [s for s in self._sightings if (s.origin, s.match.secret, s.inside) not in outside]

    def origins(self) -> set[Hashable]:
        """Every blob in which something was seen, be it only the public half of a key."""
        return {*self.held(), *self.witnesses.origins}

    def held(self) -> dict[Hashable, set[str]]:
        """Every blob in which there was a secret, or something that was not opened, with the paths inside it."""
        found: dict[Hashable, set[str]] = {}
        for origin, path in chain(
            ((sighting.origin, sighting.inside) for sighting in self.sightings),
            ((unopened.origin, unopened.inside) for unopened in self.unopened),
        ):
            found.setdefault(origin, set()).add(path)
        return found

    def noted(self, items: Batch) -> Iterator[Blob]:
        """The blobs among these, counted; what was not or need not be scanned is noted."""
        for item in items:
            if isinstance(item, Skipped):
                self.skipped.append(item)
            elif isinstance(item, Unopened):
                self.unopened.append(item)
            elif isinstance(item, Known):
                self.blobs += item.blobs
                self.bytes += item.bytes
                self.witnesses.recall(item.hints)
            else:
                self.blobs += item.own and item.first
                self.bytes += len(item.data) if item.own else 0
                yield item

    def search(self, blobs: Iterable[Blob], engine: Engine) -> None:
        """Scan blobs."""
        small: list[Blob] = []
        room = TOGETHER
        for blob in blobs:
            size = len(blob.data)
            known = blob.only is not None  # to hold something
            if known or size > SMALL or blob.overlap or not blob.last or not is_plain(blob.data, engine):
                self._scan(blob, engine)
                continue
            small.append(blob)
            room -= size
            if room <= 0:
                self._together(small, engine)
                small, room = [], TOGETHER
        self._together(small, engine)

    def _together(self, small: list[Blob], engine: Engine) -> None:
        """Scan those of many small contents in which something may end."""
        if len(small) > 1:
            small = [small[i] for i in engine.promising([blob.data for blob in small])]
        for blob in small:
            self._scan(blob, engine)

    def _scan(self, blob: Blob, engine: Engine) -> None:
        """Scan a blob and what is packed inside it."""
        if _is_asked(blob, blob.inside):
            self._look(blob, engine)
        if holds_others(blob):
            from leaksweep.unpack.contents import contents  # most scans unpack nothing

            for part in windowed(blob.origin, contents(blob.data)):
                if isinstance(part, Unopened):
                    self.unopened.append(part)
                elif _is_asked(blob, part.inside):
                    self._look(part, engine)

    def _look(self, blob: Blob, engine: Engine) -> None:
        gaps: list[str] = []
        self._sightings.extend(engine.scan(blob, Notes(self.witnesses, gaps)))
        self.unopened.extend(Unopened(blob.origin, blob.inside, why) for why in dict.fromkeys(gaps))
