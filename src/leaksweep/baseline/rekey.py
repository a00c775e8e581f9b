"""A baseline for another key: after a salt was added or changed, or for ids of another scheme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from leaksweep.model import Finding, Result
from leaksweep.triage.rulings import KEY, Known

OLD_KEY = "LEAKSWEEP_OLD_FINGERPRINT_KEY"  #: the variable of the key that the entries were made with


class Rekeyed(NamedTuple):
    """The entries under their new ids, and how many could not be told."""

    known: dict[str, Known]
    lost: int  #: entries of secrets that are found no longer, which stay under their old ids


def rekeyed(known: Mapping[str, Known], old: Result, new: Result) -> Rekeyed:
    """Every entry of ``known`` under the id that its secret has in ``new``, a scan of the same as ``old``.

    Entries that are of the new key already stay.
    """
    ids = {finding.id[:KEY]: name for name, finding in _named(old.findings)}
    now = {name: finding.id[:KEY] for name, finding in _named(new.findings)}
    current, moved = set(now.values()), dict[str, Known]()
    lost = 0
    for key, entry in known.items():
        target = key if key in current else now.get(ids[key]) if key in ids else None
        lost += target is None
        moved.setdefault(target or key, entry)
    return Rekeyed(moved, lost)


def _named(findings: Iterable[Finding]) -> Iterator[tuple[tuple[str, bytes, bytes, int], Finding]]:
    """Findings by what does not depend on a key; those that share all of it are counted, in the order of places."""
    seen: Counter[tuple[str, bytes, bytes]] = Counter()
    for finding in sorted(findings, key=lambda f: [seen.place.label for seen in f.places]):
        name = (finding.rule.id, finding.secret.reveal(), finding.context.reveal())
        yield (*name, seen[name]), finding
        seen[name] += 1
