"""The whole pipeline. It knows only interfaces: targets yield blobs, the engine sights secrets, triage judges them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from leaksweep.engine import Engine
from leaksweep.model import Coverage, Place, Result, Severity, Sighting, Skipped
from leaksweep.tally import Tally
from leaksweep.targets import Batch, Target
from leaksweep.triage import triage


class Policy(NamedTuple):
    """What the user decided about findings: the identity's key, the threshold, whether gaps are acceptable."""

    key: bytes
    fail_on: Severity | None
    allow_skipped: bool


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
        placed.extend((s, _within(places[s.origin], s.inside)) for s in tally.sightings if places[s.origin])
        skipped.extend(tally.skipped)
        for origin, gap in tally.unopened:
            skipped.extend(Skipped(place.label, gap.why) for place in _within(places[origin], gap.path))
        coverage.append(Coverage(target.name, target.run, tally.blobs, tally.bytes))
    findings = triage(placed, policy.key, policy.fail_on)
    return Result(findings, tuple(sorted(set(skipped))), tuple(coverage), policy.allow_skipped)


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
                tally.take(batch, engine)
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
    for other in tallies[1:]:
        tallies[0].add(other)
    return tallies[0]


def _shared(batches: Iterator[Batch], lock: threading.Lock) -> Iterator[Batch]:
    while True:
        with lock:
            batch = next(batches, None)
        if batch is None:
            return
        yield batch
