"""The whole pipeline. It knows only interfaces: targets yield blobs, the engine sights secrets, triage judges them."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksweep.engine import Engine, Witnesses
from leaksweep.model import Blob, Coverage, Place, Result, Severity, Sighting, Skipped, Witness
from leaksweep.progress import SILENT, Progress
from leaksweep.targets import Target
from leaksweep.triage import triage
from leaksweep.unpack.magic import HEAD, HELD, Gap, is_packed


class Unopened(NamedTuple):
    """Something inside a blob that was not unpacked, and why."""

    origin: Hashable
    gap: Gap


class Tally:
    """What one worker, or all of them, did on a target."""

    def __init__(self) -> None:
        self.blobs = 0
        self.bytes = 0
        self.sightings: list[Sighting] = []
        self.skipped: list[Skipped] = []
        self.unopened: list[Unopened] = []
        self.witnesses = Witnesses()

    def add(self, item: Blob | Skipped, engine: Engine) -> None:
        """Scan a blob and what is packed inside it, or note what was not scanned."""
        if isinstance(item, Skipped):
            self.skipped.append(item)
            return
        self.blobs += item.first
        self.bytes += len(item.data)
        sightings = list(engine.scan(item, self.witnesses))
        packed = item.first and is_packed(item.data[:HEAD])
        if packed and not item.last:
            why = f"is an archive of more than {HELD >> 20} MiB: only its own bytes were scanned"
            self.unopened.append(Unopened(item.origin, Gap("", why)))
        elif packed:
            inner = list(self._inside(item, engine))
            known = {s.match.secret for s in inner}  # what is packed without compression is seen from outside too
            sightings = [*inner, *(s for s in sightings if s.match.secret not in known)]
        self.sightings.extend(sightings)

    def _inside(self, blob: Blob, engine: Engine) -> Iterator[Sighting]:
        from leaksweep.unpack.contents import contents, windowed  # most scans unpack nothing

        for part in windowed(blob.origin, contents(blob.data)):
            if isinstance(part, Gap):
                self.unopened.append(Unopened(blob.origin, part))
            else:
                yield from engine.scan(part, self.witnesses)


class Swept:
    """The public halves of all targets; only those that a private key belongs to are placed."""

    def __init__(self) -> None:
        self._by_target: list[tuple[Target, Witnesses]] = []

    def add(self, target: Target, witnesses: Witnesses) -> None:
        """Add what was seen in a target."""
        self._by_target.append((target, witnesses))

    @property
    def cut(self) -> bool:
        """Whether some were left out."""
        return any(witnesses.cut for _, witnesses in self._by_target)

    def __bool__(self) -> bool:
        return any(witnesses for _, witnesses in self._by_target)

    def __len__(self) -> int:
        return sum(len(witnesses) for _, witnesses in self._by_target)

    def of(self, keys: Collection[bytes]) -> Iterator[tuple[Witness, Place]]:
        """Those of these keys, with their places."""
        for target, witnesses in self._by_target:
            sighted = list(witnesses.of(keys))
            places = target.locate({s.origin for s in sighted})
            for s in sighted:
                yield from ((s.witness, place) for place in _within(places[s.origin], s.inside))


class Policy(NamedTuple):
    """What the user decided about findings: the identity's key, the threshold, whether gaps are acceptable."""

    key: bytes
    fail_on: Severity | None
    allow_skipped: bool


def scan(targets: Iterable[Target], engine: Engine, policy: Policy, progress: Progress = SILENT) -> Result:
    """Sweep every target and judge what was found, all targets together.

    Raises:
        ScanError: a target could not be read to its end. There is no partial result.
    """
    placed: list[tuple[Sighting, tuple[Place, ...]]] = []
    skipped: list[Skipped] = []
    coverage: list[Coverage] = []
    swept = Swept()
    for target in targets:
        tally = sweep(target, engine, progress)
        places = target.locate({s.origin for s in tally.sightings} | {u.origin for u in tally.unopened})
        placed.extend((s, _within(places[s.origin], s.inside)) for s in tally.sightings)
        skipped.extend(tally.skipped)
        for origin, gap in tally.unopened:
            skipped.extend(Skipped(place.label, gap.why) for place in _within(places[origin], gap.path))
        coverage.append(Coverage(target.name, target.run, tally.blobs, tally.bytes))
        swept.add(target, tally.witnesses)
    findings = triage(placed, policy.key, policy.fail_on, swept)
    return Result(findings, tuple(sorted(set(skipped))), tuple(coverage), policy.allow_skipped)


def _within(places: tuple[Place, ...], inside: str) -> tuple[Place, ...]:
    return tuple(place._replace(inside=inside) for place in places) if inside else places


def sweep(target: Target, engine: Engine, progress: Progress = SILENT) -> Tally:
    """Scan one target with all processors: each worker takes the next batch when it is free.

    Producing a batch (walking, unpacking) is done by the worker that asks for it, under a lock, while the others
    scan; Hyperscan, decompression and hashing run outside the interpreter lock. So there is no queue to fill memory.
    """
    batches, lock = iter(target.batches()), threading.Lock()
    failures: list[BaseException] = []
    tallies = [Tally() for _ in range(max(1, len(os.sched_getaffinity(0))))]

    def work(tally: Tally) -> None:
        try:
            for batch in _shared(batches, lock):
                for item in batch:
                    tally.add(item, engine)
                progress.tick(target, sum(some.bytes for some in tallies))
                if failures:
                    return
        except BaseException as error:
            failures.append(error)

    helpers = [threading.Thread(target=work, args=(tally,), daemon=True) for tally in tallies[1:]]
    for helper in helpers:
        helper.start()
    work(tallies[0])
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]
    return _sum(tallies)


def _shared(batches: Iterator[Iterable[Blob | Skipped]], lock: threading.Lock) -> Iterator[Iterable[Blob | Skipped]]:
    while True:
        with lock:
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _sum(tallies: Sequence[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.blobs += tally.blobs
        total.bytes += tally.bytes
        total.sightings.extend(tally.sightings)
        total.skipped.extend(tally.skipped)
        total.unopened.extend(tally.unopened)
        total.witnesses.join(tally.witnesses)
    return total
