"""json reports -> one exit code, for pipelines whose scanning job must succeed so that its report is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from leaksweep.errors import ExitCode, UsageError
from leaksweep.inputs import read
from leaksweep.model import Severity, Verdict
from leaksweep.redact import printable
from leaksweep.reports.reread import LARGEST, document


class Judged(NamedTuple):
    """What the reports come to, and a line on each."""

    code: ExitCode
    lines: list[str]


def judge(files: Sequence[str], fail_on: Severity | None, *, allow_skipped: bool) -> Judged:
    """Known secrets pass; of the others those from ``fail_on`` on fail, whatever the scan's own threshold was.

    Raises:
        UsageError: there is no report, or one cannot be read: nothing may pass for want of a result.
    """
    if not files:
        raise UsageError("no report was given", "name the json reports of the scans")
    lines, failing, complete = [], 0, True
    for name in files:
        report = document(name, read(name, trusted=True, largest=LARGEST))
        count = sum(_fails(finding, fail_on) for finding in report["findings"])
        failing += count
        complete &= report["complete"] or allow_skipped
        gaps = "" if report["complete"] else "; INCOMPLETE" + (" (allowed)" if allow_skipped else "")
        lines.append(f"{printable(name)}: {count} of {len(report['findings'])} secrets fail the gate{gaps}")
    if failing:
        return Judged(ExitCode.FINDINGS, lines)
    return Judged(ExitCode.CLEAN if complete else ExitCode.INCOMPLETE, lines)


def _fails(finding: dict[str, Any], fail_on: Severity | None) -> bool:
    known = Verdict(finding["verdict"]).suppressed
    return not known and fail_on is not None and Severity.parse(finding["severity"]) >= fail_on
