"""GitLab's code quality report, which every tier shows in merge requests; CodeClimate's format, so others read it too.

GitLab merges entries of one fingerprint. Things that were not scanned are entries of their own, or nobody would see
them there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from leaksweep.model import Finding, Result, Severity
from leaksweep.reports import places, words

SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}
BELOW = "info"  #: of what does not fail the scan
NOT_SCANNED = "leaksweep-not-scanned"


def render(result: Result) -> bytes:
    """The result as a UTF-8 JSON list ending in a newline."""
    entries = [*(_entry(f) for f in words.unruled(result)), *_gaps(result)]
    return json.dumps(entries, indent=1).encode() + b"\n"


def _entry(finding: Finding) -> dict[str, Any]:
    rule, best = finding.rule, finding.best
    return _issue(
        rule.id,
        finding.id,
        SEVERITIES[rule.severity] if words.fails(finding) else BELOW,
        f"{rule.name} leaked: {words.shown(finding)} in {places.where(best)}"
        + (f" and {words.counted(len(finding.places) - 1, 'more place')}" if len(finding.places) > 1 else "")
        + f". {_said(finding)}Revoke: {rule.playbook.revoke}",
        (places.path(best.place), best.region.start_line, best.region.end_line),
    )


def _said(finding: Finding) -> str:
    return f"{words.ruling(finding)[0].upper()}{words.ruling(finding)[1:]}. " if finding.reason else ""


def _gaps(result: Result) -> Iterator[dict[str, Any]]:
    level = "info" if result.allow_skipped else "major"
    for what, why in words.gaps(result):
        fingerprint = hashlib.sha256(f"{what}\0{why}".encode()).hexdigest()[:32]
        yield _issue(NOT_SCANNED, fingerprint, level, f"Not scanned: {what}: {why}", (what, 1, 1))


def _issue(check: str, fingerprint: str, severity: str, text: str, at: tuple[str, int, int]) -> dict[str, Any]:
    path, begin, end = at
    return {
        "type": "issue",
        "check_name": check,
        "description": text,
        "categories": ["Security"],
        "severity": severity,
        "fingerprint": fingerprint,
        "location": {"path": path, "lines": {"begin": begin, "end": end}},
    }
