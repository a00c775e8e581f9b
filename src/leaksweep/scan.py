"""The whole pipeline. It knows only interfaces: targets yield blobs, the engine sights secrets, triage judges them."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksweep.engine import Engine
from leaksweep.model import Blob, Coverage, Place, Result, Severity, Sighting, Skipped
from leaksweep.targets import Target
from leaksweep.triage import triage
from leaksweep.triage.rulings import NONE, Rulings, expired
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

    def add(self, item: Blob | Skipped, engine: Engine) -> None:
        """Scan a blob and what is packed inside it, or note what was not scanned."""
        if isinstance(item, Skipped):
            self.skipped.append(item)
            return
        self.blobs += item.first
        self.bytes += len(item.data)
        sightings = list(engine.scan(item))
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
                yield from engine.scan(part)


class Policy(NamedTuple):
    """What the user decided about findings: the identity's key, the threshold, whether gaps are acceptable, what people
    said of known secrets, and whether SARIF lists those too.
    """

    key: bytes
    fail_on: Severity | None
    allow_skipped: bool
    rulings: Rulings = NONE
    show_suppressed: bool = False


def scan(targets: Iterable[Target], engine: Engine, policy: Policy) -> Result:
    """Sweep every target and judge what was found, all targets together.

    Raises:
        ScanError: a target could not be read to its end. There is no partial result.
    """
    placed: list[tuple[Sighting, tuple[Place, ...]]] = []
    skipped: list[Skipped] = []
    coverage: list[Coverage] = []
    for target in targets:
        tally = sweep(target, engine)
        places = target.locate({s.origin for s in tally.sightings} | {u.origin for u in tally.unopened})
        placed.extend((s, _within(places[s.origin], s.inside)) for s in tally.sightings)
        skipped.extend(tally.skipped)
        for origin, gap in tally.unopened:
            skipped.extend(Skipped(place.label, gap.why) for place in _within(places[origin], gap.path))
        coverage.append(Coverage(target.name, target.run, tally.blobs, tally.bytes))
    findings = triage(placed, policy.key, policy.fail_on, policy.rulings)
    gaps, notes = tuple(sorted(set(skipped))), expired(policy.rulings, findings)
    return Result(findings, gaps, tuple(coverage), policy.allow_skipped, notes, policy.show_suppressed)


def _within(places: tuple[Place, ...], inside: str) -> tuple[Place, ...]:
    return tuple(place._replace(inside=inside) for place in places) if inside else places


def sweep(target: Target, engine: Engine) -> Tally:
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
    return total
