"""json reports of strangers, read again by the gate, by ``where`` and by the baseline: an error, or lines to print."""

from __future__ import annotations

import json
from typing import Any

from fuzz.harness._files import written
from leaksweep import gate, where
from leaksweep.baseline import of_reports
from leaksweep.errors import ExitCode, UsageError
from leaksweep.model import Severity
from leaksweep.reports.json import SCHEMA
from leaksweep.settings import known
from leaksweep.triage.rulings import Known

_KEYS = ("schema", "complete", "findings", "id", "rule", "name", "severity", "verdict", "secret", "places", "label")
_MORE = ("playbook", "revoke", "reason", "reach", "kind", "encodings", "image", "start_line", "start_column", "audit")
WORDS = (
    *(f'"{key}":'.encode() for key in (*_KEYS, *_MORE)),
    *(json.dumps(SCHEMA).encode(), b"true", b"false", b"null", b"[]", b"{}", b'"high"', b'"new"', b'"baselined"'),
    *(b"\\u001b[31m", b"\\n::error::", b"\\ud800", b"1e999", b"NaN"),
)
LENGTH = 4096


def run(data: bytes) -> None:
    """Judge, look for a secret, and take what is known."""
    name = written("reports", "report.json", data)
    try:
        judged = gate.judge([name], Severity.LOW, allow_skipped=False)
    except UsageError:
        return
    assert all(line.isprintable() for line in judged.lines)
    report: dict[str, Any] = json.loads(data)
    assert isinstance(report["findings"], list)
    assert judged.code is not ExitCode.CLEAN or report["complete"] is True
    found = of_reports([name])
    assert found.complete is report["complete"]
    known.dump({key: Known("accepted", rule) for key, rule in found.new.items()}).decode()
    for finding in report["findings"]:
        _looked_for(report, finding["id"])


def _looked_for(report: dict[str, Any], name: str) -> None:
    try:
        lines = list(where.lines(where.find(report, name)))
    except UsageError as error:
        assert str(error)
        return
    assert all(line.isprintable() for line in lines), lines
