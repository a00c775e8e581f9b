"""Which findings fail the scan, and in which order they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leaksweep.model import Finding, Severity, Verdict
from leaksweep.triage.merge import place_order


def threshold(findings: Iterable[Finding], fail_on: Severity | None) -> Iterator[Finding]:
    """New findings below ``fail_on`` become *below threshold*; with None, all do."""
    for finding in findings:
        below = fail_on is None or finding.rule.severity < fail_on
        if below and finding.verdict is Verdict.NEW:
            yield finding._replace(verdict=Verdict.BELOW_THRESHOLD, reason=_why(finding, fail_on))
        else:
            yield finding


def _why(finding: Finding, fail_on: Severity | None) -> str:
    if fail_on is None:
        return "no severity fails the scan"
    return f"{finding.rule.severity.name.lower()} is below {fail_on.name.lower()}"


def order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first, then the surest, then by place."""
    return tuple(sorted(findings, key=lambda f: (-f.rule.severity, -f.confidence, place_order(f.best), f.id)))
