"""The whole pipeline. It knows only interfaces: targets yield blobs, the engine sights secrets, triage judges them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

from leaksweep.deadline import NEVER, Deadline
from leaksweep.engine import Engine, Witnesses
from leaksweep.model import Account, Coverage, Place, Result, Severity, Sighting, Skipped, Witness
from leaksweep.progress import SILENT, Progress
from leaksweep.targets import Learns, Target
from leaksweep.triage import triage
from leaksweep.triage.rulings import NONE, Rulings, expired
from leaksweep.workers import sweep

_Places = Mapping[Hashable, tuple[Place, ...]]


class Swept:
    """The public halves of all targets, with the places of what they were seen in."""

    def __init__(self) -> None:
        self._by_target: list[tuple[_Places, Witnesses]] = []

    def add(self, places: _Places, witnesses: Witnesses) -> None:
        """Add what was seen in a target."""
        self._by_target.append((places, witnesses))

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
        for places, witnesses in self._by_target:
            for s in witnesses.of(keys):
                yield from ((s.witness, place) for place in _within(places[s.origin], s.inside))


class Policy(NamedTuple):
    """What the user decided about findings: the identity's key, the threshold, whether gaps are acceptable, what people
    said of known secrets, and whether SARIF lists those too.
    """

    key: bytes
    fail_on: Severity | None
    allow_skipped: bool
    rulings: Rulings = NONE
    show_suppressed: bool = False
    notes: tuple[str, ...] = ()  #: what else reports are to say


def scan(
    targets: Iterable[Target],
    engine: Engine,
    policy: Policy,
    progress: Progress = SILENT,
    deadline: Deadline = NEVER,
) -> Result:
    """Sweep every target and judge what was found, all targets together. What the deadline leaves unread is skipped.

    Raises:
        ScanError: a target could not be read to its end. There is no partial result.
    """
    placed: list[tuple[Sighting, tuple[Place, ...]]] = []
    skipped: list[Skipped] = []
    coverage: list[Coverage] = []
    swept = Swept()
    for target in targets:
        tally = sweep(target, engine, progress, deadline)
        places = target.locate(tally.origins())
        placed.extend((s, _within(places[s.origin], s.inside)) for s in tally.sightings if places[s.origin])
        missed = list(tally.skipped)
        for origin, inside, why in tally.unopened:
            missed.extend(Skipped(place.label, why) for place in _within(places[origin], inside))
        if tally.cut:
            missed.append(Skipped(target.name, f"it was not scanned to its end: {deadline.why}"))
        elif isinstance(target, Learns):
            target.learn(tally.held(), tally.witnesses.hints)
        account = target.account(tally.blobs, tally.bytes)
        if not tally.cut:
            missed.extend(_unexplained(target.name, account, len(missed)))
        skipped.extend(missed)
        coverage.append(Coverage(target.name, target.run, tally.blobs, tally.bytes, len(set(missed)), account))
        swept.add(places, tally.witnesses)
    findings = triage(placed, policy.key, policy.fail_on, swept, policy.rulings)
    gaps, notes = tuple(sorted(set(skipped))), (*expired(policy.rulings, findings), *policy.notes)
    return Result(findings, gaps, tuple(coverage), policy.allow_skipped, notes, policy.show_suppressed)


def _unexplained(target: str, account: Account, explained: int) -> Iterator[Skipped]:
    """What was to be scanned and was not, though nothing says why. It cannot happen; if it does, nothing is clean."""
    for what, expected, scanned in account.counts:
        if expected - scanned > explained:
            yield Skipped(target, f"only {scanned:,} of {expected:,} {what} were scanned, and nothing says why")


def _within(places: tuple[Place, ...], inside: str) -> tuple[Place, ...]:
    return tuple(place._replace(inside=inside) for place in places) if inside else places
