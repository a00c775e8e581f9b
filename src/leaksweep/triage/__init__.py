"""From sightings to findings: pure functions, in the order in which they are applied.

in_place    rules that are meant for certain files hold in no others
merge       sightings of one credential become one finding, at its best place
identify    the keyed id that survives moves, rebases and image rebuilds
prove       what one secret says about another: a key that signed a token proves both (it names them by their ids);
            and which certificate or public key that was seen a private key belongs to
rule        the verdict of those that people know of: baseline, markers, configuration
threshold   the verdict of the others
order       worst first, then by place: two runs are byte-equal
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leaksweep.model import Finding, Place, Severity, Sighting
from leaksweep.triage.globs import in_place
from leaksweep.triage.identity import identify
from leaksweep.triage.merge import merge
from leaksweep.triage.prove import prove
from leaksweep.triage.public import Unwitnessed, Witnesses
from leaksweep.triage.rulings import NONE, Rulings, rule
from leaksweep.triage.threshold import order, threshold

__all__ = ["triage"]

_NONE = Unwitnessed()


def triage(
    sightings: Iterable[tuple[Sighting, tuple[Place, ...]]],
    key: bytes,
    fail_on: Severity | None,
    witnesses: Witnesses = _NONE,
    rulings: Rulings = NONE,
) -> tuple[Finding, ...]:
    """Every credential that was sighted, once, with exactly one verdict.

    ``key`` keys the identity; ``fail_on`` is the lowest severity that fails the scan, None for none at all;
    ``witnesses`` are the public halves that were seen, ``rulings`` what people said of secrets that they know.
    """
    findings: Iterator[Finding] = merge(in_place(sightings))
    return order(threshold(rule(prove(identify(findings, key), witnesses=witnesses), rulings), fail_on))
