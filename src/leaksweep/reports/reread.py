"""Our own json report, read again: by the gate, by ``where`` and by the baseline. It may come from anywhere."""

from __future__ import annotations

import json
from typing import Any

from leaksweep.errors import UsageError
from leaksweep.model import Severity, Verdict
from leaksweep.reports.json import SCHEMA

LARGEST = 1 << 30  #: bytes of a report
_TEXTS = ("id", "rule", "name", "severity", "verdict", "secret")


def document(name: str, data: bytes) -> dict[str, Any]:
    """The report's content, as far as its readers ask for it.

    Raises:
        UsageError: it is none of ours, or was cut off or changed.
    """
    try:
        found: dict[str, Any] = json.loads(data)
        fits = found["schema"] == SCHEMA and type(found["complete"]) is bool and all(map(_fits, found["findings"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        fits, found = False, {}
    if not fits:
        raise UsageError(f"{name}: is no whole json report of leaksweep", "write one with --report json=FILE")
    return found


def _fits(finding: dict[str, Any]) -> bool:
    Severity.parse(finding["severity"])
    Verdict(finding["verdict"])
    places = finding["places"]
    labels = isinstance(places, list) and bool(places) and all(isinstance(place["label"], str) for place in places)
    return labels and all(isinstance(finding[name], str) for name in _TEXTS) and isinstance(finding["playbook"], dict)
