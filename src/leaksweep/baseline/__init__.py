"""What makes and changes a baseline: decisions on the secrets of a scan, or of its json report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from leaksweep.errors import UsageError
from leaksweep.inputs import read
from leaksweep.model import Result, Verdict
from leaksweep.reports.reread import LARGEST, document
from leaksweep.settings.known import STATES
from leaksweep.triage.rulings import KEY, Known


class Found(NamedTuple):
    """What the baseline needs to know of a scan."""

    new: Mapping[str, str]  #: rules of the new findings, by the beginning of their ids
    all: frozenset[str]  #: of every finding
    complete: bool


def of_result(result: Result) -> Found:
    """What a scan found."""
    return _found(((f.id, f.rule.id, f.verdict.value) for f in result.findings), not result.skipped)


def of_reports(files: Iterable[str]) -> Found:
    """What json reports say.

    Raises:
        UsageError: one is no such report.
    """
    rows: list[tuple[str, str, str]] = []
    complete = True
    for name in files:
        report = document(name, read(name, trusted=True, largest=LARGEST))
        rows += [(row["id"], row["rule"], row["verdict"]) for row in report["findings"]]
        complete &= report["complete"]
    return _found(rows, complete)


def _found(rows: Iterable[tuple[str, str, str]], complete: bool) -> Found:
    verdicts = {finding[:KEY]: (rule, verdict) for finding, rule, verdict in rows}
    new = {key: rule for key, (rule, verdict) in verdicts.items() if verdict == Verdict.NEW.value}
    return Found(new, frozenset(verdicts), complete)


def decision(state: str, reason: str, owner: str = "", expires: str = "") -> Known:
    """A decision without its rule, from what the user typed.

    Raises:
        UsageError: the state is none, or the date is none.
    """
    if state not in STATES:
        raise UsageError(f"--state {state}: no such state", f"use one of {', '.join(STATES)}")
    if expires:
        from datetime import date

        try:
            expires = date.fromisoformat(expires).isoformat()
        except ValueError:
            raise UsageError(f"--expires {expires}: no date", "write it as 2027-01-31") from None
    return Known(state, "", reason, owner, expires)


def added(known: Mapping[str, Known], new: Mapping[str, str], what: Known) -> dict[str, Known]:
    """The baseline with this decision on every new secret; entries that are there stay as they are, even if expired."""
    return {key: what._replace(rule=rule) for key, rule in new.items()} | dict(known)


def pruned(known: Mapping[str, Known], found: Found) -> dict[str, Known]:
    """The baseline without the secrets that are found no longer.

    Raises:
        UsageError: not everything was scanned, so a secret that was not found may still be there.
    """
    if not found.complete:
        raise UsageError("the scan is incomplete: secrets that were not found may still be there", "mend that first")
    return {key: entry for key, entry in known.items() if key in found.all}


def change(before: Mapping[str, Known], after: Mapping[str, Known], file: str) -> str:
    """One line on what a command did."""
    more = sum(key not in before for key in after)
    less = sum(key not in after for key in before)
    return f"{file}: {len(after):,} secret{'s' * (len(after) != 1)}, {more:,} added, {less:,} removed"
