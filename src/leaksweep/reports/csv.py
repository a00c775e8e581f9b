"""Comma-separated values (RFC 4180) for spreadsheets: one row a place, and one for each thing that was not scanned.

Spreadsheets run a cell that begins like a formula: such a cell gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from leaksweep.model import Finding, Result, Seen
from leaksweep.reports import places, words
from leaksweep.reports.reach import reach

COLUMNS = (
    "record",  # finding, skipped or note
    "severity",
    "verdict",
    "confidence",
    "rule",
    "name",
    "provider",
    "secret",
    "id",
    "kind",
    "path",
    "line",
    "column",
    "place",
    "best",  # whether the finding is shown at this place
    "proofs",
    "reach",
    "revoke",
    "revoke_url",
    "why",  # it was not scanned, or has this verdict
)
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  #: Excel reads the wide forms of the signs too


def render(result: Result) -> bytes:
    """The result as UTF-8, each line ending in CR LF."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in _rows(result):
        writer.writerow({name: safe(value) for name, value in row.items()})
    return stream.getvalue().encode()


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _rows(result: Result) -> Iterator[dict[str, str]]:
    for finding in result.findings:
        same = _finding(finding)
        for seen in finding.places:
            yield same | _place(seen) | {"best": "yes" if seen is finding.best else "no"}
    for what, why in words.gaps(result):
        yield {"record": "skipped", "place": what, "why": why}
    for note in words.ruled(result):
        yield {"record": "note", "why": note}


def _finding(finding: Finding) -> dict[str, str]:
    rule = finding.rule
    return {
        "record": "finding",
        "severity": words.severity(rule),
        "verdict": finding.verdict.value,
        "confidence": finding.confidence.name.lower(),
        "rule": rule.id,
        "name": rule.name,
        "provider": rule.provider.name,
        "secret": words.shown(finding),
        "id": finding.id,
        "proofs": "; ".join(finding.proofs),
        "why": finding.reason,
        "reach": " ".join(reach(finding)),
        "revoke": rule.playbook.revoke,
        "revoke_url": rule.playbook.revoke_url,
    }


def _place(seen: Seen) -> dict[str, str]:
    return {
        "kind": str(places.facts(seen.place)["kind"]),
        "path": places.path(seen.place),
        "line": str(seen.location.start_line),
        "column": str(seen.location.start_column),
        "place": places.where(seen),
    }
